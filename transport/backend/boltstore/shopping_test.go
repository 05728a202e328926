package boltstore_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/transport/backend"
	"github.com/offlane/offlane/transport/backend/internal/storesuite"
)

// Two servers on one store are what one process can have.
func TestCapsAndBudgetsHoldForDevicesThatComeAtOnce(t *testing.T) {
	st := open(t)
	defer st.Close()
	s := storesuite.Shopping{Store: st, Merchant: "m"}
	var server *backend.Server
	for range 2 {
		var err error
		server, err = backend.New(t.Context(), backend.Config{Store: st, Merchants: []backend.Merchant{{Name: "m"}},
			Limits: backend.Limits{PerSecond: -1, FailuresPerMinute: -1, AcceptBurst: -1}})
		require.NoError(t, err)
		web := httptest.NewServer(server)
		defer web.Close()
		s.Addresses = append(s.Addresses, strings.TrimPrefix(web.URL, "http://"))
	}
	s.Run(t, server)
}
