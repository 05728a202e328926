package limits

import (
	"cmp"
	"slices"

	"github.com/offlane/offlane/redeem/decision"
	"github.com/offlane/offlane/redeem/internal/evidence"
	"github.com/offlane/offlane/redeem/journal"
	"github.com/offlane/offlane/redeem/record"
)

// Load counts what is in the journal, at a moment in milliseconds since 1970, unless that was done since Reset. Its
// error is the journal's.
func (c *Counters) Load(journal *journal.Log, now int64) error {
	c.gate.Lock()
	defer c.gate.Unlock()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ready {
		return nil
	}
	c.forget()
	c.counted, c.campaigns = map[record.ID]*entry{}, map[decision.CounterKey]*tally{}
	var all []fact
	corrections := map[record.ID]record.Record{} // the last one of each redemption
	for stored, err := range journal.History() {
		if err != nil {
			return err
		}
		if x, ok := read(stored, now, corrections); ok {
			all = append(all, x)
		}
	}
	slices.SortStableFunc(all, func(a, b fact) int { return cmp.Compare(a.seq, b.seq) }) // the journal moves old ones
	for _, x := range all {
		if x.void != nil {
			c.addVoid(x.void)
			continue
		}
		c.add(x.redemption)
	}
	for of, rec := range corrections {
		c.correctLocked(of, rec.Given)
	}
	c.moveTo(now)
	c.ready, c.partial = true, journal.Unreadable()
	return nil
}

// A fact is a redemption or a void with its place in the journal.
type fact struct {
	seq        uint64
	redemption *entry
	void       *void
}

// read reads what a record of the journal counts, and gathers the last correction of each redemption: the journal may
// list it before its redemption. What counts nowhere is passed over: other kinds, and what is answered and old or
// voided.
func read(stored journal.Stored, now int64, corrections map[record.ID]record.Record) (x fact, ok bool) {
	written := stored.Written.UnixMilli() // 0 where nothing was known of the time
	old := stored.Voided || stored.State != journal.Pending && written > 0 && written < now-day
	if stored.Payload == nil || old && stored.Ref.IsZero() { // a correction counts as long as its redemption does
		return x, false
	}
	rec, err := record.Decode(stored.Payload)
	x.seq = stored.Seq
	switch {
	case err != nil:
	case rec.Kind == record.Correction && rec.Number > corrections[rec.Of].Number:
		corrections[rec.Of] = rec
	case rec.Kind == record.Redemption && !old:
		x.redemption = newEntry(&rec, min(evidence.Now(rec.Time), now))
		x.redemption.answered = stored.State != journal.Pending
	case rec.Kind == record.Void && (written == 0 || written >= now-day):
		x.void = newVoid(&rec, min(evidence.Now(rec.Time), now))
	}
	return x, x.redemption != nil || x.void != nil
}
