package pgstore_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/backend/internal/storesuite"
	"github.com/offlane/offlane/transport/backend/pgstore"
	"github.com/offlane/offlane/transport/backend/store"
)

// Four who wait for one row had all four connections, for as long as whoever held the row liked.
func TestWhoWaitsForARowLeavesConnectionsToOthers(t *testing.T) {
	t.Parallel()
	storesuite.SkipUnlessLong(t)
	address, _, _ := strings.Cut(database(t), " pool_max_conns")
	st, err := pgstore.Open(t.Context(), address+" pool_max_conns=4")
	require.NoError(t, err)
	defer st.Close()
	row := store.Terminal{ID: record.NewTerminalID(), Key: make([]byte, 32), Token: store.HashOf("token")}
	require.NoError(t, st.Update(t.Context(), func(tx store.Tx) error { return tx.PutTerminal(row) }))

	holder, err := pgx.Connect(t.Context(), address)
	require.NoError(t, err)
	defer holder.Close(context.Background())
	_, err = holder.Exec(t.Context(), "BEGIN; SELECT FROM terminals FOR UPDATE")
	require.NoError(t, err)

	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	const waiters = 4
	gaveUp := make(chan error, waiters)
	for range waiters {
		go func() {
			gaveUp <- st.Update(ctx, func(tx store.Tx) error {
				_, err := tx.Terminal(row.ID)
				return err
			})
		}()
	}
	waitUntilBlocked(ctx, t, address, 3)
	require.NoError(t, st.View(ctx, func(tx store.Tx) error {
		credentials, err := tx.Credentials(row.Token)
		assert.NotNil(t, credentials, "a token is admitted meanwhile")
		return err
	}))
	assert.Empty(t, gaveUp, "a View has a connection while they wait")
	assert.ErrorIs(t, <-gaveUp, fault.Unavailable, "whoever waits for long is to try again")
	assert.NoError(t, ctx.Err(), "it gave up by itself")
	_, err = holder.Exec(t.Context(), "ROLLBACK")
	require.NoError(t, err)
	for range waiters - 1 { // the others gave up at the same moment, or have the row
		if err := <-gaveUp; err != nil {
			assert.ErrorIs(t, err, fault.Unavailable, "whoever waits for long is to try again")
		}
	}
	require.NoError(t, st.Update(t.Context(), func(tx store.Tx) error {
		_, err := tx.Terminal(row.ID)
		return err
	}), "the row is free again")
}

// waitUntilBlocked asks the database until so many of its processes wait for a lock.
func waitUntilBlocked(ctx context.Context, t *testing.T, address string, want int) {
	t.Helper()
	conn, err := pgx.Connect(ctx, address) // the holder's transaction would see one state of the activity for ever
	require.NoError(t, err)
	defer conn.Close(ctx)
	for blocked := 0; blocked < want; {
		require.NoError(t, conn.QueryRow(ctx, "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' "+
			"AND datname = current_database()").Scan(&blocked))
	}
}
