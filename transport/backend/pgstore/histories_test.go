package pgstore_test

import (
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/transport/backend/pgstore"
	"github.com/offlane/offlane/transport/backend/store"
	"github.com/offlane/offlane/transport/backend/storetest"
)

// A cabinet keeps one store in each schema of a database.
type cabinet struct {
	address string
	pool    *pgxpool.Pool
	schemas map[store.Store]string
}

// It runs beside no other test, which would count transactions beside its marks.
func TestHistories(t *testing.T) {
	c := &cabinet{address: database(t), schemas: map[store.Store]string{}}
	pool, err := pgxpool.New(t.Context(), c.address)
	require.NoError(t, err)
	defer pool.Close()
	c.pool = pool
	storetest.Histories{Open: func(t testing.TB) store.Store { return c.open(t, c.schema(t)) }, Copy: c.copy,
		Steps: 10_000, Every: 100}.Run(t)
}

// schema makes an empty one.
func (c *cabinet) schema(t testing.TB) string {
	t.Helper()
	name := fmt.Sprintf("h%d", len(c.schemas))
	_, err := c.pool.Exec(t.Context(), "CREATE SCHEMA "+name)
	require.NoError(t, err)
	return name
}

func (c *cabinet) open(t testing.TB, schema string) store.Store {
	t.Helper()
	st, err := pgstore.Open(t.Context(), c.address+" search_path="+schema)
	require.NoError(t, err)
	c.schemas[st] = schema
	return st
}

// copy copies a store table by table.
func (c *cabinet) copy(t testing.TB, from store.Store) store.Store {
	t.Helper()
	old, name := c.schemas[from], c.schema(t)
	found, err := c.pool.Query(t.Context(), "SELECT tablename FROM pg_tables WHERE schemaname = $1", old)
	require.NoError(t, err)
	tables, err := pgx.CollectRows(found, pgx.RowTo[string])
	require.NoError(t, err)
	for _, table := range tables {
		_, err := c.pool.Exec(t.Context(),
			fmt.Sprintf("CREATE TABLE %[2]s.%[3]s (LIKE %[1]s.%[3]s INCLUDING ALL); INSERT INTO %[2]s.%[3]s SELECT * FROM "+
				"%[1]s.%[3]s",
				old, name, table))
		require.NoError(t, err)
	}
	return c.open(t, name)
}
