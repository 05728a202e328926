package storesuite

import (
	"errors"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/backend/store"
)

// marksAfter are the offers of which tills should hear, and that end after a moment, in the order of their ids.
func marksAfter(tx store.Tx, after int64) (ids []offer.ID, err error) {
	marks, err := tx.Marks(store.Mark{}, 1<<20)
	for _, m := range marks {
		if m.Kind != store.Unmarked && m.NotAfter > after {
			ids = append(ids, m.ID)
		}
	}
	slices.SortFunc(ids, func(a, b offer.ID) int { return slices.Compare(a[:], b[:]) })
	return ids, err
}

// sortedMarks are marks by id, without the numbers, which are the store's own affair.
func sortedMarks(marks []store.Mark) []store.Mark {
	marks = slices.Clone(marks)
	for i := range marks {
		marks[i].Changed = 0
	}
	slices.SortFunc(marks, func(a, b store.Mark) int { return slices.Compare(a.ID[:], b.ID[:]) })
	return marks
}

func markOf(o store.Offer) store.Mark {
	return store.Mark{ID: o.ID, Alias: o.Alias, Campaign: o.Campaign, NotAfter: o.NotAfter, Kind: o.Mark()}
}

// changedMarks are the marks that changed since a number, and the number to ask with the next time.
func changedMarks(t *testing.T, s store.Store, number uint64) (marks []store.Mark, next uint64) {
	t.Helper()
	view(t, s, func(tx store.Tx) (err error) {
		if next, err = tx.NextMark(); err != nil {
			return err
		}
		marks, err = tx.Marks(store.Mark{Changed: number}, 1000)
		return err
	})
	return sortedMarks(marks), next
}

func spentOffer(alias string) store.Offer {
	o := anOffer(alias)
	o.Uses = []store.Use{{Record: record.NewID()}}
	return o
}

func marksFollowOffers(t *testing.T, s store.Store) {
	spent, free, twice := spentOffer("255:1"), anOffer(""), spentOffer("")
	twice.MaxUses = 2
	for _, o := range []store.Offer{spent, free, twice} {
		o.Uses = nil
		update(t, s, func(tx store.Tx) error { return tx.AddOffer(o) })
	}
	marks, next := changedMarks(t, s, 0)
	assert.Empty(t, marks, "nothing is spent or revoked")
	update(t, s, func(tx store.Tx) error { return tx.PutOffers([]store.Offer{spent, free, twice}) })
	marks, later := changedMarks(t, s, next)
	assert.Equal(t, []store.Mark{markOf(spent)}, marks, "an offer with a use left has no mark")
	assert.Greater(t, later, next)

	update(t, s, func(tx store.Tx) error { return tx.PutOffers([]store.Offer{spent, free}) })
	marks, _ = changedMarks(t, s, later)
	assert.Empty(t, marks, "what is written again and stays as it is does not change")
	free.Revoked, spent.Revoked = 5, 6
	update(t, s, func(tx store.Tx) error { return tx.PutOffers([]store.Offer{free, spent}) })
	marks, later = changedMarks(t, s, later)
	assert.Equal(t, sortedMarks([]store.Mark{markOf(free), markOf(spent)}), marks, "revoked, one of them spent before")
	spent.Uses, spent.Revoked = nil, 0
	update(t, s, func(tx store.Tx) error { return tx.PutOffers([]store.Offer{spent}) })
	marks, later = changedMarks(t, s, later)
	assert.Equal(t, []store.Mark{markOf(spent)}, marks, "one that is good again is told as well")
	assert.Equal(t, store.Unmarked, marks[0].Kind)

	added := spentOffer("")
	update(t, s, func(tx store.Tx) error { return tx.AddOffer(added) })
	marks, _ = changedMarks(t, s, later)
	assert.Equal(t, []store.Mark{markOf(added)}, marks, "one that was spent when it was added")
	marks, _ = changedMarks(t, s, 0)
	assert.Len(t, marks, 3, "each offer once")
	stop := errors.New("stop")
	err := s.Update(t.Context(), func(tx store.Tx) error {
		added.Uses = nil
		return errors.Join(tx.PutOffers([]store.Offer{added}), stop)
	})
	require.ErrorIs(t, err, stop)
	marks, _ = changedMarks(t, s, later)
	assert.Equal(t, store.MarkedSpent, marks[0].Kind, "what was rolled back left no trace")
}

func marksAreReadInParts(t *testing.T, s store.Store) {
	const n = 25
	all := map[offer.ID]bool{}
	for range n {
		o := spentOffer("")
		all[o.ID] = true
		update(t, s, func(tx store.Tx) error { return tx.AddOffer(o) })
	}
	var got []offer.ID
	behind := store.Mark{}
	for {
		var part []store.Mark
		view(t, s, func(tx store.Tx) (err error) { part, err = tx.Marks(behind, 10); return err })
		for _, m := range part {
			got = append(got, m.ID)
		}
		if len(part) < 10 {
			break
		}
		behind = part[len(part)-1]
	}
	require.Len(t, got, n, "each once")
	for _, id := range got {
		assert.True(t, all[id], "none but those")
	}
	update(t, s, func(tx store.Tx) error { return tx.DropMarks(append(got[:20:20], offer.NewID())) })
	marks, _ := changedMarks(t, s, 0)
	assert.Len(t, marks, n-20, "those that were dropped are gone")
	var dropped []store.Offer
	view(t, s, func(tx store.Tx) (err error) { dropped, err = tx.Offers(got[:1], nil); return err })
	dropped[0].Revoked = 7
	update(t, s, func(tx store.Tx) error { return tx.PutOffers(dropped) })
	marks, _ = changedMarks(t, s, 0)
	assert.Contains(t, marks, markOf(dropped[0]), "one that changes later is there again")
}
