package pgstore_test

import (
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/transport/backend/internal/storesuite"
	"github.com/offlane/offlane/transport/backend/pgstore"
	"github.com/offlane/offlane/transport/backend/store"
	"github.com/offlane/offlane/transport/backend/storetest"
)

func TestADatabaseThatIsAwayIsUnavailable(t *testing.T) {
	storesuite.SkipUnlessLong(t)
	server := postgres.Server(t)
	st, err := pgstore.Open(t.Context(), database(t))
	require.NoError(t, err)
	defer st.Close()
	read := func() error {
		return st.View(t.Context(), func(tx store.Tx) error {
			_, err := tx.Setting("a")
			return err
		})
	}
	require.NoError(t, read())
	server.Crash()
	assert.ErrorIs(t, read(), fault.Unavailable)
	server.Start()
	for range 30 { // connections that the crash broke are found broken one by one
		if err = read(); err == nil {
			break
		}
	}
	assert.NoError(t, err)
}

// The tests of marks, which belong to a server, are here, so it runs beside no other test. The stores of the suite are
// one after the other on one pool, since a connection costs the server 40 ms of a processor; only the one that is to be
// closed has a pool of its own.
func TestConformance(t *testing.T) {
	address := database(t)
	open := func(t *testing.T) store.Store {
		st, err := pgstore.Open(t.Context(), address)
		require.NoError(t, err)
		return st
	}
	shared := open(t)
	defer shared.Close()
	plain, _, _ := strings.Cut(address, " pool_max_conns")
	conn, err := pgx.Connect(t.Context(), plain)
	require.NoError(t, err)
	defer conn.Close(t.Context())
	storetest.Run(t, func(t *testing.T) store.Store {
		removeRows(t, conn)
		if strings.HasSuffix(t.Name(), "/closed") {
			return open(t)
		}
		return keptOpen{shared}
	})
}

// A keptOpen store stays open for the next test.
type keptOpen struct{ store.Store }

func (keptOpen) Close() error { return nil }

// removeRows empties the tables of the store at once, which costs less than to make them anew.
func removeRows(t *testing.T, conn *pgx.Conn) {
	t.Helper()
	var all strings.Builder
	for _, table := range tables {
		all.WriteString("DELETE FROM " + table[0] + ";")
	}
	_, err := conn.Exec(t.Context(), all.String())
	require.NoError(t, err)
}

func TestMigrationsRunOnceAndRefuseANewerDatabase(t *testing.T) {
	address := database(t)
	for range 2 {
		st, err := pgstore.Open(t.Context(), address)
		require.NoError(t, err)
		require.NoError(t, st.Close())
	}
	pool, err := pgxpool.New(t.Context(), address)
	require.NoError(t, err)
	defer pool.Close()
	_, err = pool.Exec(t.Context(), "INSERT INTO offlane_migrations VALUES (99, 'newer')")
	require.NoError(t, err)
	_, err = pgstore.Open(t.Context(), address)
	assert.ErrorIs(t, err, fault.UnsupportedVersion)
}
