package storesuite

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/backend/store"
)

// many is how many goroutines work on the same rows.
const many = 16

// together runs fn in many goroutines and reports their errors.
func together(t *testing.T, fn func(i int) error) {
	t.Helper()
	var all sync.WaitGroup
	for i := range many {
		all.Go(func() { assert.NoError(t, fn(i)) })
	}
	all.Wait()
}

// limit takes one off a campaign in many transactions at once: none may be lost, and the limit may not be passed.
func limit(t *testing.T, s store.Store) {
	update(t, s, func(tx store.Tx) error { return tx.PutCampaign(store.Campaign{ID: "c", Limit: 50}) })
	var taken, refused atomic.Int64
	together(t, func(int) error {
		for range 10 {
			err := s.Update(t.Context(), func(tx store.Tx) error {
				c, err := tx.LockCampaign("c")
				if err != nil {
					return err
				}
				if c.Accepted == c.Limit {
					return fault.OutOfOffers
				}
				c.Accepted++
				return tx.PutCampaign(*c)
			})
			switch {
			case errors.Is(err, fault.OutOfOffers):
				refused.Add(1)
			case err != nil:
				return err
			default:
				taken.Add(1)
			}
		}
		return nil
	})
	assert.EqualValues(t, 50, taken.Load())
	assert.EqualValues(t, many*10-50, refused.Load())
}

// firstWins books the same offers in many transactions at once, each offer in the order of its own: one use each is
// left.
func firstWins(t *testing.T, s store.Store) {
	var ids []offer.ID
	for range 20 {
		o := anOffer("")
		ids = append(ids, o.ID)
		update(t, s, func(tx store.Tx) error { return tx.AddOffer(o) })
	}
	var booked atomic.Int64
	together(t, func(int) error {
		n := 0
		err := s.Update(t.Context(), func(tx store.Tx) error {
			n = 0
			found, err := tx.Offers(ids, nil)
			if err != nil {
				return err
			}
			for i := range found {
				if !found[i].IsSpent() {
					n++
					found[i].Uses = append(found[i].Uses, store.Use{Record: record.NewID()})
				}
			}
			return tx.PutOffers(found)
		})
		booked.Add(int64(n))
		return err
	})
	assert.EqualValues(t, len(ids), booked.Load())
}

// voidMeetsUse has a void and its redemption arrive at once: one of them must see the other.
func voidMeetsUse(t *testing.T, s store.Store) {
	for range 10 {
		id, saw := record.NewID(), atomic.Int64{}
		together(t, func(i int) error {
			found := false
			err := s.Update(t.Context(), func(tx store.Tx) error {
				have, err := tx.Entries([]record.ID{id})
				if err != nil {
					return err
				}
				if found = len(have) > 0; found {
					return nil
				}
				return tx.PutEntries([]store.Entry{anEntry(record.NewTerminalID(), 1, func(e *store.Entry) { e.ID = id })})
			})
			if found {
				saw.Add(1)
			}
			return err
		})
		assert.EqualValues(t, many-1, saw.Load(), "one inserted the row, all others saw it")
	}
}
