package boltstore_test

import (
	"encoding/binary"
	"errors"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	bolt "go.etcd.io/bbolt"

	"github.com/offlane/offlane/transport/backend"
	"github.com/offlane/offlane/transport/backend/boltstore"
	"github.com/offlane/offlane/transport/backend/rows"
	"github.com/offlane/offlane/transport/backend/storetest"
)

// BenchmarkBooking books beside a bare bbolt program that puts the same rows under the same keys.
func BenchmarkBooking(b *testing.B) {
	store, err := boltstore.Open(filepath.Join(b.TempDir(), "ours.db"))
	require.NoError(b, err)
	defer store.Close()
	db, err := bolt.Open(filepath.Join(b.TempDir(), "bare.db"), 0o600, &bolt.Options{FreelistType: bolt.FreelistMapType, NoFreelistSync: true})
	require.NoError(b, err)
	defer db.Close()
	storetest.Compare(b, store, func(entries []backend.Entry) error {
		return db.Update(func(tx *bolt.Tx) error { return put(tx, entries) })
	})
}

func put(tx *bolt.Tx, entries []backend.Entry) error {
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
		raw, err := rows.EncodeEntry(e)
		if err != nil {
			return err
		}
		number := binary.BigEndian.AppendUint64(e.Terminal[:], e.Verdict.Number)
		err = errors.Join(table.Put(e.ID[:], raw), verdicts.Put(number, e.ID[:]), receipts.Put(append([]byte(e.ID.Receipt()), e.ID[:]...), []byte{1}))
		if err != nil {
			return err
		}
	}
	return nil
}
