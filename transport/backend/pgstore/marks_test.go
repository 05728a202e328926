package pgstore_test

import (
	"context"
	"errors"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/backend/internal/storesuite"
	"github.com/offlane/offlane/transport/backend/pgstore"
	"github.com/offlane/offlane/transport/backend/store"
)

func spentOffer() store.Offer {
	return store.Offer{ID: offer.NewID(), Campaign: "c", NotAfter: 1 << 50, MaxUses: 1,
		Uses: []store.Use{{Record: record.NewID()}}}
}

// seen are the identifiers of the marks since a number, and the number for the next time.
func seen(t *testing.T, s store.Store, since uint64) (ids []offer.ID, next uint64) {
	t.Helper()
	require.NoError(t, s.View(t.Context(), func(tx store.Tx) (err error) {
		if next, err = tx.NextMark(); err != nil {
			return err
		}
		marks, err := tx.Marks(store.Mark{Changed: since}, 1000)
		for _, m := range marks {
			ids = append(ids, m.ID)
		}
		return err
	}))
	return ids, next
}

// A transaction that began first and commits last has the lower number. Who read the marks in between hears of it all
// the same.
func TestAMarkThatIsCommittedLateIsNotPassedOver(t *testing.T) {
	st, err := pgstore.Open(t.Context(), database(t))
	require.NoError(t, err)
	defer st.Close()
	slow, fast := spentOffer(), spentOffer()
	marked, commit, done := make(chan struct{}), make(chan struct{}), make(chan error)
	go func() {
		done <- st.Update(context.WithoutCancel(t.Context()), func(tx store.Tx) error {
			err := tx.AddOffer(slow)
			close(marked)
			<-commit
			return err
		})
	}()
	<-marked
	require.NoError(t, st.Update(t.Context(), func(tx store.Tx) error { return tx.AddOffer(fast) }))
	ids, next := seen(t, st, 0)
	assert.Equal(t, []offer.ID{fast.ID}, ids, "the slow one has not committed")
	close(commit)
	require.NoError(t, <-done)
	ids, next = seen(t, st, next)
	assert.Contains(t, ids, slow.ID, "it is told now")
	ids, _ = seen(t, st, next)
	assert.Empty(t, ids, "and then no more")
}

// A dump that is loaded into another server brings numbers of transactions that this server is far from.
func TestADumpOfAnotherServerGoesOnAboveItsNumbers(t *testing.T) {
	storesuite.SkipUnlessLong(t)
	address := database(t)
	st, err := pgstore.Open(t.Context(), address)
	require.NoError(t, err)
	for range 2 {
		require.NoError(t, st.Update(t.Context(), func(tx store.Tx) error {
			_, err := tx.Bundle("m")
			return errors.Join(err, tx.AddOffer(spentOffer()),
				tx.PutBundle(store.Bundle{Merchant: "m", Mark: 1, BaseData: []byte{1}}))
		}))
		conn, err := pgx.Connect(t.Context(), address[:len(address)-len(" pool_max_conns=20")])
		require.NoError(t, err)
		_, err = conn.Exec(t.Context(),
			"UPDATE marks SET changed = changed + 1000000000; UPDATE bundles SET mark = 1500000000")
		require.NoError(t, err)
		require.NoError(t, conn.Close(t.Context()))
		require.NoError(t, st.Close())
		st, err = pgstore.Open(t.Context(), address)
		require.NoError(t, err)
		_, next := seen(t, st, 0)
		assert.GreaterOrEqual(t, next, uint64(1_500_000_000), "above the numbers that are there")
		later := spentOffer()
		require.NoError(t, st.Update(t.Context(), func(tx store.Tx) error { return tx.AddOffer(later) }))
		ids, _ := seen(t, st, next)
		assert.Equal(t, []offer.ID{later.ID}, ids, "what comes now and nothing else")
	}
	require.NoError(t, st.Close())
}
