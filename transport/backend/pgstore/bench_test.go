package pgstore_test

import (
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/transport/backend"
	"github.com/offlane/offlane/transport/backend/pgstore"
	"github.com/offlane/offlane/transport/backend/rows"
	"github.com/offlane/offlane/transport/backend/storetest"
)

// BenchmarkBooking books beside a bare pgx program that inserts the same rows into a table with the same keys.
func BenchmarkBooking(b *testing.B) {
	server := storetest.StartPostgres(b)
	store, err := pgstore.Open(b.Context(), server.Address)
	require.NoError(b, err)
	defer store.Close()
	pool, err := pgxpool.New(b.Context(), server.Address)
	require.NoError(b, err)
	defer pool.Close()
	_, err = pool.Exec(b.Context(), "CREATE TABLE bare (LIKE entries INCLUDING ALL)")
	require.NoError(b, err)
	storetest.Compare(b, store, func(entries []backend.Entry) error {
		return pgx.BeginFunc(b.Context(), pool, func(tx pgx.Tx) error {
			batch := &pgx.Batch{}
			for i := range entries {
				e := &entries[i]
				raw, err := rows.EncodeEntry(e)
				if err != nil {
					return err
				}
				batch.Queue("INSERT INTO bare VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)", e.ID[:], e.Terminal[:],
					int64(e.Verdict.Number), int16(e.Kind), string(e.Verdict.Status), string(e.ID.Receipt()), e.Campaign, e.Place.Merchant, e.Place.Store,
					e.Day, e.Given.Amount, e.Delay, raw)
			}
			return tx.SendBatch(b.Context(), batch).Close()
		})
	})
}
