package storesuite

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/transport/backend/store"
)

func sampleBundle() store.Bundle {
	return store.Bundle{Merchant: "shop.example", Base: 33, Newest: 34, Made: 35, Renewed: 36, Mark: 37,
		Digest: store.HashOf("digest"),
		Others: []string{"tea"}, BaseData: []byte{12, 13}, DeltaData: []byte{14}}
}

// bare is the row as Bundle returns it.
func bare(b store.Bundle) *store.Bundle {
	b.BaseData, b.DeltaData = nil, nil
	return &b
}

func readBundle(t testing.TB, tx store.Tx, want store.Bundle) {
	t.Helper()
	got, err := tx.Bundle(want.Merchant)
	require.NoError(t, err)
	assert.Equal(t, bare(want), got)
	base, err := tx.BundleData(want.Merchant, false)
	require.NoError(t, err)
	assert.Equal(t, want.BaseData, base, "the bundle's bytes")
	delta, err := tx.BundleData(want.Merchant, true)
	require.NoError(t, err)
	assert.Equal(t, want.DeltaData, delta, "the delta's bytes")
}

func bundles(t *testing.T, s store.Store) {
	first := sampleBundle()
	first.DeltaData = nil
	other := first
	other.Merchant, other.BaseData = "shop.exampl", []byte{9}
	update(t, s, func(tx store.Tx) error {
		none, err := tx.Bundle(first.Merchant)
		assert.Nil(t, none, "there is none")
		data, err2 := tx.BundleData(first.Merchant, false)
		assert.Nil(t, data)
		return errors.Join(err, err2, tx.PutBundle(first), tx.PutBundle(other))
	})
	view(t, s, func(tx store.Tx) error { readBundle(t, tx, first); readBundle(t, tx, other); return nil })

	second := first
	second.Newest, second.DeltaData, second.BaseData = 40, []byte{15, 16}, nil
	update(t, s, func(tx store.Tx) error {
		_, err := tx.Bundle(first.Merchant)
		return errors.Join(err, tx.PutBundle(second))
	})
	second.BaseData = first.BaseData
	view(t, s, func(tx store.Tx) error { readBundle(t, tx, second); return nil })
	third := first
	third.Base, third.Newest, third.BaseData = 50, 50, make([]byte, 3<<20)
	third.BaseData[1<<20] = 1
	update(t, s, func(tx store.Tx) error {
		_, err := tx.Bundle(first.Merchant)
		return errors.Join(err, tx.PutBundle(third))
	})
	view(t, s, func(tx store.Tx) error { readBundle(t, tx, third); readBundle(t, tx, other); return nil })
}
