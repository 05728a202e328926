package redeem

import (
	"time"

	"github.com/offlane/offlane/redeem/decision"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/redeem/trust"
)

// read says how far limits are at a moment.
func (b *books) read(now int64, limits []decision.Limit, into *decision.Counters) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ready {
		b.passTo(now)
	}
	for i := range limits {
		currency := limits[i].Allowed.Currency
		sum := b.sum(limits[i].Counter)
		into.Used[i] = trust.Allowance{Number: sum.number, Value: sum.valueIn(currency), Currency: currency}
	}
	if len(b.waiting) > 0 {
		into.Waiting = time.Duration(b.latest-b.waiting[0].at) * time.Millisecond
	}
	into.Partial = b.partial
}

// count books what is about to be written. Should the journal ask again, or fail, dropBooking takes it back.
func (t *Terminal) count(c *candidate, rec *record.Record) {
	t.books.mu.Lock()
	defer t.books.mu.Unlock()
	if !t.books.ready {
		return
	}
	c.counted = append(c.counted, rec.ID)
	x := newBooking(rec)
	x.at = decision.Now(c.Facts.Time)
	t.books.book(x)
}

func (t *Terminal) dropBooking(c *candidate) {
	if len(c.counted) > 0 {
		t.books.unbook(c.counted...)
		c.counted = nil
	}
}
