package wire_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/transport/wire"
)

func document(t *testing.T) *openapi3.T {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromData(wire.OpenAPI())
	require.NoError(t, err)
	return doc
}

func TestTheDocumentIsValidOpenAPI(t *testing.T) {
	require.NoError(t, document(t).Validate(t.Context()))
}

func TestTheDocumentIsLinted(t *testing.T) {
	ids := map[string]bool{}
	for path, item := range document(t).Paths.Map() {
		for method, op := range item.Operations() {
			name := method + " " + path
			assert.NotEmpty(t, op.OperationID, name)
			assert.False(t, ids[op.OperationID], "%s: operation id %s stands twice", name, op.OperationID)
			ids[op.OperationID] = true
			assert.NotEmpty(t, op.Summary, name)
			assert.Len(t, op.Tags, 1, name)
			assert.NotNil(t, op.Security, "%s says which credential it needs, or none", name)
			assert.NotNil(t, op.Responses.Default(), "%s says what its problems are", name)
		}
	}
	assert.NotEmpty(t, ids)
}

func TestEveryPartOfTheDocumentIsDescribedAndUsed(t *testing.T) {
	text := string(wire.OpenAPI())
	for name, schema := range document(t).Components.Schemas {
		assert.NotEmpty(t, schema.Value.Description, name)
		assert.Contains(t, text, `"#/components/schemas/`+name+`"`, "nothing refers to it")
		for field, property := range schema.Value.Properties {
			assert.True(t, property.Ref != "" || property.Value.Description != "", "%s.%s says not what it is", name, field)
		}
		for _, field := range schema.Value.Required {
			assert.Contains(t, schema.Value.Properties, field, "%s requires what it has not", name)
		}
	}
}

// pictures are the files of an offer; their path is put together by the backend and has no constant.
const pictures = "/v1/device/offers/{name}/{file}"

func TestTheDocumentAndThePackageNameTheSamePaths(t *testing.T) {
	declared := []string{pictures}
	for name, value := range constants(t, "paths.go") {
		if path, err := strconv.Unquote(value); err == nil && strings.HasPrefix(path, "/v1/") && name != "PathManagement" {
			declared = append(declared, path)
		}
	}
	assert.ElementsMatch(t, declared, slices.Collect(maps.Keys(document(t).Paths.Map())))
}

func TestTheDocumentListsEveryCode(t *testing.T) {
	var listed []string
	for _, code := range document(t).Components.Schemas["FaultCode"].Value.Enum {
		listed = append(listed, code.(string))
	}
	assert.ElementsMatch(t, declaredCodes(t), listed)
}

// declaredCodes reads the constants of package fault from its source, since a program cannot list a package's
// constants.
func declaredCodes(t *testing.T) (codes []string) {
	t.Helper()
	for _, value := range constants(t, "../../redeem/fault/codes.go") {
		code, err := strconv.Unquote(value)
		require.NoError(t, err)
		codes = append(codes, code)
	}
	require.NotEmpty(t, codes)
	return codes
}

// constants are those of a file that stand there as a literal, as they are written.
func constants(t *testing.T, name string) map[string]string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
	require.NoError(t, err)
	found := map[string]string{}
	ast.Inspect(file, func(n ast.Node) bool {
		if spec, ok := n.(*ast.ValueSpec); ok {
			if value, ok := spec.Values[0].(*ast.BasicLit); ok {
				found[spec.Names[0].Name] = value.Value
			}
		}
		return true
	})
	return found
}
