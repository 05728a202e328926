package storesuite

import (
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/backend/internal/posting"
	"github.com/offlane/offlane/transport/backend/store"
)

// offersAtOnce is how many offers the tills redeem and take back at the same time.
func offersAtOnce() int {
	if *long {
		return 24
	}
	return 8
}

// tillsAtOnce has tills report redemptions of the same offers and voids of one another's at the same time; half of the
// voids came before. Whoever comes first, each record gets one verdict, no void waits for a redemption that came, and
// the books agree.
func tillsAtOnce(t *testing.T, s store.Store) {
	w := newWorld(t, &Histories{Open: func(testing.TB) store.Store { return s }}, 1)
	w.begin()
	w.now = w.now.Add(time.Minute)
	lanes := w.tills[:5] // of two merchants
	var late []func()
	for i := range offersAtOnce() {
		w.acceptOf(&w.campaigns[i%2])
		late = append(late, w.redeemAndTakeBack(lanes, w.passes[i], i%2 == 0)...)
	}
	for _, l := range lanes {
		l.reportAll(t)
	}
	for _, write := range late {
		write()
	}
	var all sync.WaitGroup
	for _, l := range lanes {
		all.Go(func() { l.reportAll(t) })
	}
	all.Wait()
	for _, l := range lanes {
		l.checkAtOnce(t)
	}
	w.checkBooks(t, s)
}

// redeemAndTakeBack has each till take back what the next one of its merchant redeems. It returns what is written
// later.
func (w *world) redeemAndTakeBack(lanes []*till, p *pass, early bool) (late []func()) {
	for i, l := range lanes {
		id := w.newID()
		by := lanes[(i+1)%len(lanes)]
		for by.place.Merchant != l.place.Merchant {
			by = lanes[(slices.Index(lanes, by)+1)%len(lanes)]
		}
		r := record.Record{Kind: record.Void, Partial: i%2 == 0, Of: id, Offer: p.id, Time: w.exactly()}
		if i%3 == 1 {
			r.Of, r.Receipt = record.ID{}, id.Receipt()
		}
		void := func() { by.write(r, p, nil) }
		if early {
			void()
		} else {
			late = append(late, void)
		}
		late = append(late, func() {
			given := record.Money{Amount: 100, Currency: "EUR"}
			l.write(record.Record{ID: id, Kind: record.Redemption, Offer: p.id, Given: given, Time: w.exactly()}, p, nil)
		})
	}
	return late
}

// exactly is the evidence of a till whose clock is right.
func (w *world) exactly() record.Evidence {
	now := w.now.UnixMilli()
	return record.Evidence{Wall: now, Earliest: now - 1000, Latest: now, Trusted: true}
}

// reportAll reports in small reports what was not reported yet.
func (l *till) reportAll(t *testing.T) {
	first := l.reported
	l.reported = len(l.kept)
	defer func() {
		if f := recover(); f != nil {
			t.Errorf("%s: %v", l.name, f)
		}
	}()
	for run := range slices.Chunk(l.kept[first:], 5) {
		answer := l.carry(l.seal(run, l.exactly()), false)
		l.hearAtOnce(answer)
	}
}

// hearAtOnce keeps the verdicts of an answer.
func (l *till) hearAtOnce(answer record.Answer) {
	for _, v := range slices.Concat(answer.Items, answer.Later) {
		if v.Status == record.Received {
			continue
		}
		if was, heard := l.told[v.Hash]; heard && was.Number != v.Number {
			l.fail("%s has the verdicts %v and %v", v.Record, was, v)
		}
		l.told[v.Hash] = v
	}
	l.after = answer.Cursor
}

// checkAtOnce holds a till to have heard one verdict on each of its records, in numbers without gaps.
func (l *till) checkAtOnce(t *testing.T) {
	l.hearAtOnce(l.askVerdicts())
	var numbers []int
	for _, k := range l.kept {
		v, heard := l.told[k.hash]
		assert.True(t, heard, "%s waits though everything came: %+v", k, k.rec)
		numbers = append(numbers, int(v.Number))
	}
	slices.Sort(numbers)
	require.Len(t, slices.Compact(numbers), len(l.kept))
	assert.Equal(t, len(l.kept), numbers[len(numbers)-1])
}

// checkBooks holds the offers, the entries and the ledger to one another.
func (w *world) checkBooks(t *testing.T, s store.Store) {
	var ids []record.ID
	for _, l := range w.tills {
		for _, k := range l.kept {
			ids = append(ids, k.id)
		}
	}
	var given, back, takenBack int64
	view(t, s, func(tx store.Tx) error {
		entries, err := tx.Entries(ids)
		require.NoError(t, err)
		uses := map[offer.ID]int{}
		for _, e := range entries {
			switch e.Effect {
			case posting.Gave:
				given, back = given+e.Given.Amount, back+e.TakenBack
				assert.LessOrEqual(t, e.TakenBack, e.Given.Amount)
				if e.Voided.IsZero() {
					uses[e.Offer]++
				}
			case posting.TookBack:
				takenBack += e.Given.Amount
			}
		}
		for _, p := range w.passes {
			known, err := tx.Offers([]offer.ID{p.id}, nil)
			require.NoError(t, err)
			assert.Len(t, known[0].Uses, uses[p.id])
			assert.LessOrEqual(t, len(known[0].Uses), known[0].MaxUses)
		}
		for _, c := range w.campaigns[:2] {
			spent, err := tx.Spent(c.ID, "EUR", "")
			require.NoError(t, err)
			given, back = given-spent.Given, back-spent.TakenBack
		}
		return nil
	})
	assert.Zero(t, given, "the ledger has what the redemptions gave")
	assert.Zero(t, back, "and what came back of them")
	assert.Positive(t, takenBack)
}
