package backend_test

import (
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/transport/wire"
)

// Whoever writes a backend or a client of their own has the document alone: what this one answers stands in it. The
// text for Prometheus is no part of the contract.
func TestEveryPathOfTheBackendStandsInTheContract(t *testing.T) {
	document, err := openapi3.NewLoader().LoadFromData(wire.OpenAPI())
	require.NoError(t, err)
	for path, methods := range map[string][]string{
		wire.PathReady: {"GET"}, wire.PathConsent: {"PUT"}, wire.PathDevice: {"DELETE"},
		wire.PathAgreements: {"GET", "POST"}, wire.PathAgreementState: {"PUT"},
		wire.PathRecords:       {"GET"},
		wire.PathShop:          {"GET", "PUT"},
		wire.PathCampaign:      {"PUT"},
		wire.PathCampaignState: {"PUT"}, wire.PathRevocations: {"POST"}, wire.PathFigures: {"GET"},
		wire.PathTerminalList: {"GET"},
		wire.PathReadiness:    {"GET"}, wire.PathOperators: {"GET"}, wire.PathOperator: {"DELETE"},
	} {
		item := document.Paths.Value(path)
		if assert.NotNil(t, item, path) {
			for _, method := range methods {
				assert.NotNil(t, item.GetOperation(method), "%s %s", method, path)
			}
		}
	}
}
