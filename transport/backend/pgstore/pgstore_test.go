package pgstore_test

import (
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/transport/backend/internal/storesuite"
	"github.com/offlane/offlane/transport/backend/pgstore"
	"github.com/offlane/offlane/transport/backend/store"
	"github.com/offlane/offlane/transport/backend/storetest"
)

func TestConformance(t *testing.T) {
	address := database(t)
	n := 0
	storetest.Run(t, func(t *testing.T) store.Store {
		n++
		st, err := pgstore.Open(t.Context(), address+" search_path="+schema(t, address, n))
		require.NoError(t, err)
		return st
	})
}

// schema makes an empty schema, which costs less than a database of its own.
func schema(t *testing.T, address string, n int) string {
	t.Helper()
	pool, err := pgxpool.New(t.Context(), address)
	require.NoError(t, err)
	defer pool.Close()
	name := fmt.Sprintf("s%d", n)
	_, err = pool.Exec(t.Context(), "CREATE SCHEMA "+name)
	require.NoError(t, err)
	return name
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

func TestADatabaseThatIsAwayIsUnavailable(t *testing.T) {
	t.Parallel()
	server := storesuite.StartPostgres(t)
	st, err := pgstore.Open(t.Context(), server.Address)
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
