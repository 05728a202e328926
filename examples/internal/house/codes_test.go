package house_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestCodesTheirListAndTheContractAgree(t *testing.T) {
	codes := declared(t)
	require.NotEmpty(t, codes)
	assert.Equal(t, codes, described(t), "redeem/fault/CODES.md and the constants of redeem/fault differ")
	assert.Equal(t, codes, inContract(t), "transport/wire/openapi.yaml and the constants of redeem/fault differ")
}

// declared are the values of the constants of type fault.Code, sorted.
func declared(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, "redeem/fault/*.go"))
	require.NoError(t, err)
	var codes []string
	for _, file := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		require.NoError(t, err)
		ast.Inspect(parsed, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || len(spec.Values) != 1 {
				return true
			}
			if kind, ok := spec.Type.(*ast.Ident); ok && kind.Name == "Code" {
				value, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
				require.NoError(t, err)
				codes = append(codes, value)
			}
			return true
		})
	}
	slices.Sort(codes)
	return codes
}

// described are the codes that have a row in CODES.md, sorted.
func described(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "redeem/fault/CODES.md"))
	require.NoError(t, err)
	var codes []string
	for _, row := range regexp.MustCompile("(?m)^\\| `([a-z0-9-]+)` \\|").FindAllSubmatch(text, -1) {
		codes = append(codes, string(row[1]))
	}
	slices.Sort(codes)
	return codes
}

// inContract are the values that the contract's schema FaultCode lists, sorted.
func inContract(t *testing.T) []string {
	t.Helper()
	document, err := openapi3.NewLoader().LoadFromFile(filepath.Join(root, "transport/wire/openapi.yaml"))
	require.NoError(t, err)
	require.Contains(t, document.Components.Schemas, "FaultCode")
	var codes []string
	for _, code := range document.Components.Schemas["FaultCode"].Value.Enum {
		codes = append(codes, code.(string))
	}
	slices.Sort(codes)
	return codes
}
