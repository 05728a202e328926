package redeem

import (
	"cmp"
	"slices"

	"github.com/offlane/offlane/redeem/journal"
	"github.com/offlane/offlane/redeem/record"
)

// A countedVoid is a void in the books. Those of the last 24 hours count, by whoever made them.
type countedVoid struct {
	id       record.ID
	at       int64 // as in booking
	operator string
	given    record.Money // what it takes back, as far as it says
}

func newCountedVoid(rec *record.Record, at int64) *countedVoid {
	return &countedVoid{id: rec.ID, at: at, operator: rec.Sale.Operator, given: rec.Given}
}

// bookVoid counts a void. The caller holds mu.
func (b *books) bookVoid(x *countedVoid) {
	b.follow(x.at)
	x.at = b.latest
	b.voids = append(b.voids, x)
}

// forgetVoids leaves voids out that are a day old.
func (b *books) forgetVoids() {
	old := 0
	for old < len(b.voids) && b.voids[old].at <= b.latest-day {
		old++
	}
	b.voids = b.voids[old:]
}

// voided sums the voids after a moment up to now: all of them, or where operator is not nil those of one. The caller
// holds mu.
func (b *books) voided(after int64, operator *string) (sum tally) {
	for _, x := range b.voids {
		if x.at > after && (operator == nil || x.operator == *operator) {
			sum.add(1, x.given)
		}
	}
	return sum
}

// operators are those who voided something within the last 24 hours, in order. The caller holds mu.
func (b *books) operators() (names []string) {
	for _, x := range b.voids {
		if i, ok := slices.BinarySearch(names, x.operator); !ok {
			names = slices.Insert(names, i, x.operator)
		}
	}
	return names
}

// countVoids books voids that are about to be written. Should the journal ask again, or fail, dropVoids takes them back.
func (t *Terminal) countVoids(w *withdrawal, all ...*record.Record) {
	t.books.mu.Lock()
	defer t.books.mu.Unlock()
	if !t.books.ready {
		return
	}
	for _, rec := range all {
		t.books.bookVoid(newCountedVoid(rec, momentOf(w.time)))
		w.booked = append(w.booked, rec.ID)
	}
}

func (t *Terminal) dropVoids(w *withdrawal) {
	if len(w.booked) == 0 {
		return
	}
	t.books.mu.Lock()
	defer t.books.mu.Unlock()
	t.books.voids = slices.DeleteFunc(t.books.voids, func(x *countedVoid) bool { return slices.Contains(w.booked, x.id) })
	w.booked = nil
}

// momentOf is the moment that limits go by: the earliest that the evidence allows, which nobody can set forward;
// without any evidence the wall clock.
func momentOf(e record.Evidence) int64 { return cmp.Or(e.Earliest, e.Wall) }

// elsewhereKey is what the whole voids of an offer are found by of which another terminal made the redemption.
func elsewhereKey(offerKey string) string { return "elsewhere:" + offerKey }

// voidsOf counts how often redemptions of an offer were taken back wholly at this terminal, as far back as the journal
// has their keys: by the name of the offer that has more.
func voidsOf(v *journal.View, keys []string) (most int, err error) {
	for _, key := range keys {
		ids, err := v.Find(key)
		if err != nil {
			return 0, err
		}
		elsewhere, err := v.Find(elsewhereKey(key))
		if err != nil {
			return 0, err
		}
		n := len(elsewhere)
		for _, id := range ids {
			if s, ok := v.State(id); ok && s.Voided {
				n++
			}
		}
		most = max(most, n)
	}
	return most, nil
}
