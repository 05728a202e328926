package boltstore_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	bolt "go.etcd.io/bbolt"

	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/transport/backend/boltstore"
	"github.com/offlane/offlane/transport/backend/internal/rowcode"
	"github.com/offlane/offlane/transport/backend/internal/storesuite"
	"github.com/offlane/offlane/transport/backend/store"
)

// BenchmarkBooking books beside a bare bbolt program that puts the same rows under the same keys, in the same order.
func BenchmarkBooking(b *testing.B) {
	st, err := boltstore.Open(b.Context(), filepath.Join(b.TempDir(), "ours.db"))
	require.NoError(b, err)
	defer st.Close()
	db, err := bolt.Open(filepath.Join(b.TempDir(), "bare.db"), 0o600, &bolt.Options{FreelistType: bolt.FreelistMapType,
		NoFreelistSync: true})
	require.NoError(b, err)
	defer db.Close()
	storesuite.Compare(b, st, func(entries []store.Entry) error {
		return db.Update(func(tx *bolt.Tx) error { return put(tx, entries) })
	})
}

func put(tx *bolt.Tx, entries []store.Entry) error {
	slices.SortFunc(entries, func(x, y store.Entry) int { return bytes.Compare(x.ID[:], y.ID[:]) })
	table, err := tx.CreateBucketIfNotExists([]byte("entries"))
	verdicts, err2 := tx.CreateBucketIfNotExists([]byte("verdicts"))
	receipts, err3 := tx.CreateBucketIfNotExists([]byte("receipts"))
	if err := errors.Join(err, err2, err3); err != nil {
		return err
	}
	for i := range entries {
		e := &entries[i]
		if table.Get(e.ID[:]) != nil {
			return errors.New("the id is taken")
		}
		raw, err := rowcode.EncodeEntry(e)
		if err != nil {
			return err
		}
		number := binary.BigEndian.AppendUint64(e.Terminal[:], e.Verdict.Number)
		err = errors.Join(table.Put(e.ID[:], raw), verdicts.Put(number, e.ID[:]),
			receipts.Put(append([]byte(e.ID.Receipt()), e.ID[:]...), []byte{1}))
		if err != nil {
			return err
		}
	}
	return nil
}

// BenchmarkMatch looks 20 identifiers up beside a bare bbolt program that gets the same rows.
func BenchmarkMatch(b *testing.B) {
	db, err := bolt.Open(filepath.Join(b.TempDir(), "db"), 0o600, &bolt.Options{FreelistType: bolt.FreelistMapType,
		NoFreelistSync: true})
	require.NoError(b, err)
	st, err := boltstore.New(b.Context(), db)
	require.NoError(b, err)
	defer st.Close()
	fill := func(n int, nth func(int) store.Offer) error {
		offers := make([]store.Offer, n)
		for i := range offers {
			offers[i] = nth(i)
		}
		slices.SortFunc(offers, func(x, y store.Offer) int { return bytes.Compare(x.ID[:], y.ID[:]) })
		for part := range slices.Chunk(offers, 50_000) {
			err := db.Update(func(tx *bolt.Tx) error {
				table := tx.Bucket([]byte("offers"))
				table.FillPercent = 0.9 // in the order of their keys
				for i := range part {
					row := append(make([]byte, 9), rowcode.EncodeOffer(&part[i])...) // it has no mark
					if err := table.Put(part[i].ID[:], row); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				return err
			}
		}
		return nil
	}
	storesuite.Match(b, st, fill, func(ids []offer.ID) error {
		return db.View(func(tx *bolt.Tx) error {
			table := tx.Bucket([]byte("offers"))
			for _, id := range ids {
				if len(bytes.Clone(table.Get(id[:]))) == 0 {
					return errors.New("the row is missing")
				}
			}
			return nil
		})
	})
}

func BenchmarkOverHTTP(b *testing.B) {
	st, err := boltstore.Open(b.Context(), filepath.Join(b.TempDir(), "db"))
	require.NoError(b, err)
	defer st.Close()
	storesuite.ReportOverHTTP(b, st)
}

func BenchmarkOneCampaign(b *testing.B) {
	st, err := boltstore.Open(b.Context(), filepath.Join(b.TempDir(), "db"))
	require.NoError(b, err)
	defer st.Close()
	storesuite.OneCampaign(b, st)
}

func BenchmarkAccepting(b *testing.B) {
	st, err := boltstore.Open(b.Context(), filepath.Join(b.TempDir(), "db"))
	require.NoError(b, err)
	defer st.Close()
	storesuite.AcceptOffers(b, st)
}

func BenchmarkBundles(b *testing.B) {
	st, err := boltstore.Open(b.Context(), filepath.Join(b.TempDir(), "db"))
	require.NoError(b, err)
	defer st.Close()
	storesuite.Bundles(b, st, func(n int, nth func(int) store.Offer) error {
		for first := 0; first < n; first += 50_000 {
			err := st.Update(b.Context(), func(tx store.Tx) error {
				for i := first; i < min(first+50_000, n); i++ {
					if err := tx.AddOffer(nth(i)); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
}

func BenchmarkVisiting(b *testing.B) {
	storesuite.VisitStores(b, func() store.Store {
		st, err := boltstore.Open(b.Context(), filepath.Join(b.TempDir(), "db"))
		require.NoError(b, err)
		return st
	})
}
