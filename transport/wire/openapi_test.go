package wire_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
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

func TestTheDocumentNamesEveryPathOfThePackage(t *testing.T) {
	paths := document(t).Paths.Map()
	for _, path := range []string{wire.PathHealth, wire.PathTerminals, wire.PathReports, wire.PathVerdicts, wire.PathBundle,
		wire.PathDeviceOffers, wire.PathDeviceVisit, wire.PathCampaigns, wire.PathCodes, wire.PathUploads, wire.PathGaps} {
		assert.Contains(t, paths, path)
	}
}

func TestTheDocumentListsEveryCode(t *testing.T) {
	var listed []string
	for _, code := range document(t).Components.Schemas["FaultCode"].Value.Enum {
		listed = append(listed, code.(string))
	}
	assert.ElementsMatch(t, declaredCodes(t), listed)
}

// declaredCodes reads the constants of package fault from its source, since a program cannot list a package's constants.
func declaredCodes(t *testing.T) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "../../redeem/fault/codes.go", nil, 0)
	require.NoError(t, err)
	var codes []string
	ast.Inspect(file, func(n ast.Node) bool {
		if spec, ok := n.(*ast.ValueSpec); ok {
			code, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			require.NoError(t, err)
			codes = append(codes, code)
		}
		return true
	})
	require.NotEmpty(t, codes)
	return codes
}
