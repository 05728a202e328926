package pgstore_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/transport/backend/internal/storesuite"
	"github.com/offlane/offlane/transport/backend/pgstore"
)

func TestCapsAndBudgetsHoldForDevicesThatComeToTwoProcessesAtOnce(t *testing.T) {
	t.Parallel()
	storesuite.SkipUnlessLong(t)
	address := strings.Replace(database(t), "pool_max_conns=20", "pool_max_conns=6", 1)
	st, err := pgstore.Open(t.Context(), address)
	require.NoError(t, err)
	defer st.Close()
	server, err := newServer(st)
	require.NoError(t, err)
	s := storesuite.Shopping{Store: st, Merchant: merchant}
	for range 2 {
		p := &process{t: t, database: address, address: "127.0.0.1:0"}
		p.start()
		defer p.kill()
		s.Addresses = append(s.Addresses, p.address)
	}
	s.Run(t, server)
}
