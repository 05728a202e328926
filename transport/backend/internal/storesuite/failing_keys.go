package storesuite

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/transport/backend/internal/keystore"
	"github.com/offlane/offlane/transport/backend/store"
)

// FailedReads has every read of an ordered key-value database fail once below a store.KeyStore, in all that merchants,
// tills and customers ask for, and scans fail after many rows. Nothing is booked or answered then. open returns an
// empty database.
func FailedReads(t *testing.T, open func(*testing.T) keystore.Keys) {
	t.Run("each once", func(t *testing.T) {
		reads := &injector{}
		st, err := keystore.New(t.Context(), &failingKeys{Keys: open(t), injector: reads})
		require.NoError(t, err)
		w := newWorld(t, &Histories{Open: func(testing.TB) store.Store { return st }}, 20)
		defer w.close()
		w.reads = reads
		w.playFailing(t)
	})
	t.Run("after many rows", func(t *testing.T) {
		keys := &failingKeys{Keys: open(t), injector: &injector{}}
		st, err := keystore.New(t.Context(), keys)
		require.NoError(t, err)
		defer st.Close()
		keys.checkLong(t, st)
	})
}

// checkLong has every scan fail behind the first 5,000 rows. What was read until then is not taken for all.
func (k *failingKeys) checkLong(t *testing.T, st store.Store) {
	t.Helper()
	all := listings()
	for name, kind := range all {
		if kind.write != nil {
			require.NoError(t, st.Update(t.Context(), func(tx store.Tx) error { return kind.write(tx, manyOfAKind) }), name)
		}
	}
	k.longest = manyOfAKind - 1
	for name, kind := range all {
		err := st.View(t.Context(), func(tx store.Tx) error { _, err := kind.count(tx); return err })
		assert.ErrorIs(t, err, errCutShort, "a part of the %s", name)
	}
	for name, remove := range map[string]func(store.Tx) error{
		"records":   func(tx store.Tx) error { _, err := tx.DropRaw(1e15, 2*manyOfAKind); return err },
		"operators": func(tx store.Tx) error { _, err := tx.DropOperators("m", "9", 2*manyOfAKind); return err },
		"a name":    func(tx store.Tx) error { _, err := tx.EraseOperator("m", "7"); return err },
		"a device":  func(tx store.Tx) error { return tx.ForgetDevice(hashOf(0)) },
	} {
		assert.ErrorIs(t, st.Update(t.Context(), remove), errCutShort, "%s, of which a part is seen, is not removed", name)
	}
}

// failingKeys are Keys of which reads fail.
type failingKeys struct {
	keystore.Keys
	*injector
	longest int // rows of a scan that are read before it fails; 0: all
}

// errCutShort is what a scan returns that fails behind its longest.
var errCutShort = fault.New(fault.Unavailable, "", "the connection broke")

func (k *failingKeys) View(ctx context.Context, fn func(keystore.KeysTx) error) error {
	return k.Keys.View(ctx, k.watch(fn))
}

func (k *failingKeys) Update(ctx context.Context, fn func(keystore.KeysTx) error) error {
	return k.Keys.Update(ctx, k.watch(fn))
}

func (k *failingKeys) watch(fn func(keystore.KeysTx) error) func(keystore.KeysTx) error {
	return func(tx keystore.KeysTx) error {
		f := &failingKeysTx{KeysTx: tx, failingKeys: k}
		err := fn(f)
		k.check(f.name, err)
		return err
	}
}

// A failingKeysTx is a KeysTx of failingKeys.
type failingKeysTx struct {
	keystore.KeysTx
	*failingKeys
	name string // of the read that failed; "": none did
}

func (t *failingKeysTx) Get(table string, key []byte) ([]byte, error) {
	if err := t.read("Get " + table); err != nil {
		t.name = "Get " + table
		return nil, err
	}
	return t.KeysTx.Get(table, key)
}

func (t *failingKeysTx) Scan(table string, from []byte, yield func(key, value []byte) bool) error {
	if err := t.read("Scan " + table); err != nil {
		t.name = "Scan " + table
		return err
	}
	rows, cut := 0, false
	err := t.KeysTx.Scan(table, from, func(key, value []byte) bool {
		rows++
		cut = t.longest > 0 && rows > t.longest
		return !cut && yield(key, value)
	})
	if cut {
		return errCutShort
	}
	return err
}
