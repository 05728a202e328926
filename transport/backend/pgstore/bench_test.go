package pgstore_test

import (
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/transport/backend/internal/rowcode"
	"github.com/offlane/offlane/transport/backend/internal/storesuite"
	"github.com/offlane/offlane/transport/backend/pgstore"
	"github.com/offlane/offlane/transport/backend/store"
)

// open returns a store on a database of its own, and connections to it for a bare program beside it.
func open(b *testing.B) (store.Store, *pgxpool.Pool) {
	b.Helper()
	address := storesuite.StartPostgres(b, "fsync=on", "shared_buffers=128MB").Address
	st, err := pgstore.Open(b.Context(), address)
	require.NoError(b, err)
	b.Cleanup(func() { st.Close() })
	pool, err := pgxpool.New(b.Context(), address)
	require.NoError(b, err)
	b.Cleanup(pool.Close)
	return st, pool
}

// BenchmarkBooking books beside a bare pgx program that inserts the same rows into a table with the same keys.
func BenchmarkBooking(b *testing.B) {
	st, pool := open(b)
	_, err := pool.Exec(b.Context(), "CREATE TABLE bare (LIKE entries INCLUDING ALL)")
	require.NoError(b, err)
	storesuite.Compare(b, st, func(entries []store.Entry) error {
		return pgx.BeginFunc(b.Context(), pool, func(tx pgx.Tx) error {
			batch := &pgx.Batch{}
			for i := range entries {
				e := &entries[i]
				raw, err := rowcode.EncodeEntry(e)
				if err != nil {
					return err
				}
				batch.Queue("INSERT INTO bare VALUES ($1, $2, $3, $4, $5, $6, NULL, $7, $8)", e.ID[:], e.Terminal[:],
					int64(e.Verdict.Number),
					string(e.ID.Receipt()), e.Place.Merchant, raw, e.Day, e.Latest)
			}
			return tx.SendBatch(b.Context(), batch).Close()
		})
	})
}

// BenchmarkMatch looks 20 identifiers up beside a bare pgx program that sends the same query.
func BenchmarkMatch(b *testing.B) {
	st, pool := open(b)
	storesuite.Match(b, st, filler(b, pool), func(ids []offer.ID) error {
		keys := make([][]byte, len(ids))
		for i := range ids {
			keys[i] = ids[i][:]
		}
		found, err := pool.Query(b.Context(), "SELECT id, data FROM offers WHERE id = ANY($1)", keys)
		if err != nil {
			return err
		}
		defer found.Close()
		var id, data []byte
		for found.Next() {
			if err := found.Scan(&id, &data); err != nil {
				return err
			}
		}
		return found.Err()
	})
}

// filler copies offers into the tables.
func filler(b *testing.B, pool *pgxpool.Pool) func(n int, nth func(int) store.Offer) error {
	return func(n int, nth func(int) store.Offer) error {
		columns := []string{"id", "not_after", "data", "accepted", "unused"}
		_, err := pool.CopyFrom(b.Context(), pgx.Identifier{"offers"}, columns,
			pgx.CopyFromSlice(n, func(i int) ([]any, error) {
				o := nth(i)
				return []any{o.ID[:], o.NotAfter, rowcode.EncodeOffer(&o), o.Accepted, false}, nil
			}))
		if err != nil {
			return err
		}
		var number int64
		if err := pool.QueryRow(b.Context(), "SELECT pg_current_xact_id()::text::bigint").Scan(&number); err != nil {
			return err
		}
		columns = []string{"offer", "changed", "kind", "not_after", "campaign", "alias"}
		_, err = pool.CopyFrom(b.Context(), pgx.Identifier{"marks"}, columns,
			pgx.CopyFromSlice(n, func(i int) ([]any, error) {
				o := nth(i)
				return []any{o.ID[:], number, int16(o.Mark()), o.NotAfter, o.Campaign, o.Alias}, nil
			}))
		if err != nil {
			return err
		}
		_, err = pool.Exec(b.Context(), "VACUUM ANALYZE offers, marks")
		return err
	}
}

func BenchmarkBundles(b *testing.B) {
	st, pool := open(b)
	storesuite.Bundles(b, st, filler(b, pool))
}

func BenchmarkOverHTTP(b *testing.B) {
	st, _ := open(b)
	storesuite.ReportOverHTTP(b, st)
}

func BenchmarkOneCampaign(b *testing.B) {
	st, _ := open(b)
	storesuite.OneCampaign(b, st)
}

func BenchmarkAccepting(b *testing.B) {
	st, _ := open(b)
	storesuite.AcceptOffers(b, st)
}

func BenchmarkVisiting(b *testing.B) {
	storesuite.VisitStores(b, func() store.Store {
		st, _ := open(b)
		return st
	})
}
