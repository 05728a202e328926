package storesuite

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/transport/backend/store"
)

// access are the rows of the sample about who may do what.
type access struct {
	key       store.ManagementKey
	challenge store.Challenge
}

func sampleAccess() access {
	return access{
		store.ManagementKey{Hash: store.HashOf("key"), Merchant: "shop.example", Name: "office", Configured: true,
			Made: 29, Blocked: 30},
		store.Challenge{Nonce: [16]byte{11}, Ends: 31},
	}
}

func (a access) write(tx store.Tx) error {
	_, err := tx.UseChallenge(a.challenge, 0)
	return errors.Join(err, tx.PutManagementKey(a.key))
}

func (a access) read(t testing.TB, tx store.Tx) {
	key, err := tx.ManagementKey(a.key.Hash)
	require.NoError(t, err)
	assert.Equal(t, &a.key, key)
}

func managementKeys(t *testing.T, s store.Store) {
	mine := store.ManagementKey{Hash: store.HashOf("x"), Merchant: "m", Name: "office", Made: 1}
	update(t, s, func(tx store.Tx) error {
		return errors.Join(tx.PutManagementKey(mine), tx.PutManagementKey(store.ManagementKey{Hash: store.HashOf("y"),
			Merchant: "n"}))
	})
	update(t, s, func(tx store.Tx) error {
		k, err := tx.ManagementKey(mine.Hash)
		require.NoError(t, err)
		k.Blocked = 2
		mine = *k
		return tx.PutManagementKey(*k)
	})
	view(t, s, func(tx store.Tx) error {
		got, err := tx.ManagementKeys("m")
		assert.Equal(t, []store.ManagementKey{mine}, got)
		none, err2 := tx.ManagementKey(store.HashOf("z"))
		assert.Nil(t, none)
		return errors.Join(err, err2)
	})
}

func challenges(t *testing.T, s store.Store) {
	use := func(c store.Challenge, now int64) (fresh bool) {
		update(t, s, func(tx store.Tx) (err error) { fresh, err = tx.UseChallenge(c, now); return err })
		return fresh
	}
	first, second := store.Challenge{Nonce: [16]byte{1}, Ends: 100}, store.Challenge{Nonce: [16]byte{2}, Ends: 100}
	assert.True(t, use(first, 10), "it was not used")
	assert.False(t, use(first, 11), "it was")
	assert.True(t, use(second, 12), "another one")
	failed := errors.New("failed")
	third := store.Challenge{Nonce: [16]byte{3}, Ends: 100}
	err := s.Update(t.Context(), func(tx store.Tx) error {
		_, err := tx.UseChallenge(third, 13)
		return errors.Join(err, failed)
	})
	require.ErrorIs(t, err, failed)
	assert.True(t, use(third, 14), "what failed did not use it")
	assert.True(t, use(first, 100), "those that ended are forgotten, which the server refuses without the store")

	// However many use one at the same moment, it is fresh for one of them.
	shared := store.Challenge{Nonce: [16]byte{4}, Ends: 500}
	var fresh atomic.Int32
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			var won bool
			err := s.Update(t.Context(), func(tx store.Tx) (err error) {
				won, err = tx.UseChallenge(shared,
					200)
				return err
			})
			assert.NoError(t, err)
			if won {
				fresh.Add(1)
			}
		})
	}
	all.Wait()
	assert.EqualValues(t, 1, fresh.Load(), "one use")
}
