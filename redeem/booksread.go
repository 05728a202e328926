package redeem

import (
	"cmp"
	"slices"

	"github.com/offlane/offlane/redeem/decision"
	"github.com/offlane/offlane/redeem/journal"
	"github.com/offlane/offlane/redeem/record"
)

// open reads the books from the journal, once.
func (b *books) open(journal *journal.Log, now int64) error {
	b.gate.Lock()
	defer b.gate.Unlock()
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ready {
		return nil
	}
	b.forget()
	b.booked, b.of = map[record.ID]*booking{}, map[decision.CounterKey]*tally{}
	var all []counted
	corrections := map[record.ID]record.Record{} // the last one of each redemption
	for stored, err := range journal.History() {
		if err != nil {
			return err
		}
		if c, ok := read(stored, now, corrections); ok {
			all = append(all, c)
		}
	}
	slices.SortStableFunc(all, func(a, b counted) int { return cmp.Compare(a.seq, b.seq) }) // the journal moves old ones
	for _, c := range all {
		if c.void != nil {
			b.bookVoid(c.void)
			continue
		}
		b.book(c.redemption)
	}
	for of, rec := range corrections {
		b.correctLocked(of, rec.Given)
	}
	b.passTo(now)
	b.ready, b.partial = true, journal.Unreadable()
	return nil
}

// A counted is a redemption or a void with its place in the journal.
type counted struct {
	seq        uint64
	redemption *booking
	void       *countedVoid
}

// read reads what a record of the journal counts, and gathers the last correction of each redemption: the journal may
// list it before its redemption. What counts in no account is passed over: other kinds, and what is answered and old or
// voided.
func read(stored journal.Stored, now int64, corrections map[record.ID]record.Record) (c counted, ok bool) {
	written := stored.Written.UnixMilli() // 0 where nothing was known of the time
	old := stored.Voided || stored.State != journal.Pending && written > 0 && written < now-day
	if stored.Payload == nil || old && stored.Ref.IsZero() { // a correction counts as long as its redemption does
		return c, false
	}
	rec, err := record.Decode(stored.Payload)
	c.seq = stored.Seq
	switch {
	case err != nil:
	case rec.Kind == record.Correction && rec.Number > corrections[rec.Of].Number:
		corrections[rec.Of] = rec
	case rec.Kind == record.Redemption && !old:
		c.redemption = newBooking(&rec)
		c.redemption.answered, c.redemption.at = stored.State != journal.Pending, min(c.redemption.at, now)
	case rec.Kind == record.Void && (written == 0 || written >= now-day):
		c.void = newCountedVoid(&rec, min(momentOf(rec.Time), now))
	}
	return c, c.redemption != nil || c.void != nil
}
