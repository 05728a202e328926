// Package limits counts what was redeemed and taken back, for the limits of a policy.
package limits

import (
	"slices"
	"sync"
	"time"

	"github.com/offlane/offlane/redeem/decision"
	"github.com/offlane/offlane/redeem/journal"
	"github.com/offlane/offlane/redeem/record"
)

const (
	hour = int64(time.Hour / time.Millisecond)
	day  = 24 * hour
)

// Counters count what the backend has not answered, what was redeemed within an hour, what without a signature or
// without the hub within a day, and what was taken back within a day. They are kept in memory and read from the
// journal when a limit first asks for them, so that nothing is stored twice and a terminal without limits pays nothing.
// The zero value is ready.
//
// The lock is held for moments. While the journal is read nobody waits but who needs the sums: what changes meanwhile
// is applied to the sums of before, if there are any, and again to those that were read. So nothing may fall between
// the journal and the changes: Add and AddVoid are called under the journal's lock, before their record is in its
// queue, and all others after what they tell is on the medium. What the journal has when its reading begins was
// counted before that, and a change that comes later is applied, be it in what was read or not: applied twice it
// changes nothing.
//
// The methods may be called by several goroutines at once.
type Counters struct {
	mu      sync.Mutex // guards what follows
	sums    sums
	counted bool     // the sums are those of the journal
	resets  uint64   // calls of Reset
	known   uint64   // how many of them the sums know
	reading *reading // the one under way; nil: none
}

// Read says how far limits are at a moment, in milliseconds since 1970. Before Load nothing is counted.
func (c *Counters) Read(now int64, limits []decision.Limit, into *decision.Counters) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sums.read(now, limits, into)
}

// UnansweredWorth is what the redemptions that the backend has not answered are worth, by currency. Before Load there
// are none.
func (c *Counters) UnansweredWorth() []record.Money {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.sums.totals[decision.Unanswered].values)
}

// Add counts a redemption that is about to be recorded, at a moment, and reports whether it did: before Load nothing is
// counted. Where it is not recorded after all, Remove takes it out.
func (c *Counters) Add(rec *record.Record, at int64) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.counted {
		c.sums.add(newEntry(rec, at))
	}
	if c.reading != nil {
		x := newEntry(rec, at)
		c.reading.note(x.id, func(s *sums) { s.add(x) })
	}
	return c.counted || c.reading != nil
}

// Remove takes redemptions out that were voided, or were not recorded after all.
func (c *Counters) Remove(ids ...record.ID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sums.remove(ids)
	if c.reading != nil {
		kept := slices.Clone(ids)
		c.reading.change(func(s *sums) { s.remove(kept) })
	}
}

// Correct changes the amount of a redemption wherever it counts. Of several corrections the one with the highest number
// stays, in whatever order they come.
func (c *Counters) Correct(rec *record.Record) {
	x := correction{rec.Of, rec.Number, rec.Given}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sums.correct(x)
	if c.reading != nil {
		c.reading.change(func(s *sums) { s.correct(x) })
	}
}

// Answer takes redemptions out of what waits for the backend.
func (c *Counters) Answer(settled []journal.Settlement) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sums.answer(settled)
	if c.reading != nil {
		kept := slices.Clone(settled)
		c.reading.change(func(s *sums) { s.answer(kept) })
	}
}

// Reset has Load read the journal anew. Until then the sums stay as they are.
func (c *Counters) Reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.resets++
}
