package limits

import (
	"cmp"
	"errors"
	"maps"
	"slices"

	"github.com/offlane/offlane/redeem/decision"
	"github.com/offlane/offlane/redeem/internal/evidence"
	"github.com/offlane/offlane/redeem/journal"
	"github.com/offlane/offlane/redeem/record"
)

// A reading of the journal is under way. The counters' lock guards it.
type reading struct {
	changes []func(*sums)          // what happened meanwhile, in order
	added   map[record.ID]struct{} // records that changes add: the journal may list them too
	resets  uint64                 // calls of Reset before it began
	done    chan struct{}          // closed when it ends
	err     error                  // set before done is closed
}

func (r *reading) change(change func(*sums)) { r.changes = append(r.changes, change) }

func (r *reading) note(id record.ID, change func(*sums)) {
	r.added[id] = struct{}{}
	r.change(change)
}

// Load counts what is in the journal, at a moment in milliseconds since 1970, unless that was done since Reset. Its
// error is the journal's. One call reads, the others wait for it.
func (c *Counters) Load(log *journal.Log, now int64) error {
	for {
		c.mu.Lock()
		if c.counted && c.known == c.resets {
			c.mu.Unlock()
			return nil
		}
		if under := c.reading; under != nil {
			c.mu.Unlock()
			if <-under.done; under.err != nil {
				return under.err
			}
			continue // Reset may have been called meanwhile
		}
		r := &reading{added: map[record.ID]struct{}{}, resets: c.resets, done: make(chan struct{})}
		c.reading = r
		c.mu.Unlock()
		if err := c.read(r, log, now); err != nil {
			return err
		}
	}
}

// read reads the journal and puts what it counts in the place of the sums.
func (c *Counters) read(r *reading, log *journal.Log, now int64) error {
	var s sums
	err := errors.New("limits: a panic ended the reading of the journal")
	defer func() { c.finish(r, s, err) }() // whoever waits for the reading does not wait for ever
	facts, corrections, failed := gather(log, now)
	if err = failed; err != nil {
		return err
	}
	s = newSums(facts, corrections, c.listAdded(r), now)
	s.partial = log.Unreadable()
	return nil
}

// finish ends a reading that came to these sums, or to an error.
func (c *Counters) finish(r *reading, s sums, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.reading, r.err = nil, err
	close(r.done)
	if err != nil {
		return
	}
	for _, change := range r.changes {
		change(&s)
	}
	c.sums, c.counted, c.known = s, true, r.resets
}

// gather returns what the journal counts, in its order, and the last correction of each redemption.
func gather(log *journal.Log, now int64) (facts []fact, corrections map[record.ID]correction, err error) {
	corrections = map[record.ID]correction{}
	for stored, err := range log.History() {
		if err != nil {
			return nil, nil, err
		}
		if x, ok := read(stored, now, corrections); ok {
			facts = append(facts, x)
		}
	}
	slices.SortStableFunc(facts, func(a, b fact) int { return cmp.Compare(a.seq, b.seq) }) // the journal moves old ones
	return facts, corrections, nil
}

// listAdded returns the records that were added while the journal was read. What the journal listed was added before it
// did, so that all of it is among them.
func (c *Counters) listAdded(r *reading) map[record.ID]struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(r.added)
}

// newSums counts what was gathered but for some records.
func newSums(
	facts []fact, corrections map[record.ID]correction, but map[record.ID]struct{}, now int64,
) sums {
	s := sums{counted: map[record.ID]*entry{}, campaigns: map[decision.CounterKey]*tally{}}
	for _, x := range facts {
		if _, ok := but[x.id()]; ok {
			continue
		}
		if x.void != nil {
			s.addVoid(x.void)
			continue
		}
		s.add(x.redemption)
	}
	for _, x := range corrections {
		s.correct(x)
	}
	s.moveTo(now)
	return s
}

// A fact is a redemption or a void with its place in the journal.
type fact struct {
	seq        uint64
	redemption *entry
	void       *void
}

func (f fact) id() record.ID {
	if f.void != nil {
		return f.void.id
	}
	return f.redemption.id
}

// read reads what a record of the journal counts, and gathers the last correction of each redemption: the journal may
// list it before its redemption. What counts nowhere is passed over: other kinds, and what is answered and old or
// voided.
func read(stored journal.Stored, now int64, corrections map[record.ID]correction) (x fact, ok bool) {
	written := stored.Written.UnixMilli() // 0 where nothing was known of the time
	old := stored.Voided || stored.State != journal.Pending && written > 0 && written < now-day
	if stored.Payload == nil || old && stored.Ref.IsZero() { // a correction counts as long as its redemption does
		return x, false
	}
	rec, err := record.Decode(stored.Payload)
	x.seq = stored.Seq
	switch {
	case err != nil:
	case rec.Kind == record.Correction && rec.Number > corrections[rec.Of].number:
		corrections[rec.Of] = correction{rec.Of, rec.Number, rec.Given}
	case rec.Kind == record.Redemption && !old:
		x.redemption = newEntry(&rec, min(evidence.Now(rec.Time), now))
		x.redemption.answered = stored.State != journal.Pending
	case rec.Kind == record.Void && (written == 0 || written >= now-day):
		x.void = newVoid(&rec, min(evidence.Now(rec.Time), now))
	}
	return x, x.redemption != nil || x.void != nil
}
