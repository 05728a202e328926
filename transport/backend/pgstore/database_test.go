package pgstore_test

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/transport/backend/internal/storesuite"
)

// postgres is the server of all tests. Those that crash it or read marks come before the parallel ones, one by one.
var postgres storesuite.SharedPostgres

var databases atomic.Int64

// database makes an empty database and returns its address. Numbers of transactions belong to a server: a test that
// reads marks does not run beside others.
func database(t *testing.T) string {
	t.Helper()
	address := postgres.Server(t).Address
	plain, _, _ := strings.Cut(address, " pool_max_conns")
	conn, err := pgx.Connect(t.Context(), plain)
	require.NoError(t, err)
	defer conn.Close(t.Context())
	name := fmt.Sprintf("d%d", databases.Add(1))
	_, err = conn.Exec(t.Context(), "CREATE DATABASE "+name)
	require.NoError(t, err)
	return strings.Replace(address, "dbname=postgres", "dbname="+name, 1)
}
