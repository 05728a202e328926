package redeem

import (
	"context"
	"slices"
	"time"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/outbox"
	"github.com/offlane/offlane/redeem/record"
)

// MaxHold is the longest time that a reservation may hold an offer.
const MaxHold = 24 * time.Hour

// Reserve decides as Redeem does and, where the answer is allow, holds one use of the offer for this sale, durably: other sales
// at this terminal find it reserved. Redeem with the same SaleKey completes it, Release gives it up, and after hold (1 second to
// MaxHold) it lapses by itself. A terminal that does not know the time at all lets it lapse by its wall clock. Reserving again in
// the same sale returns the reservation that there is.
//
// Its errors are those of Redeem, and fault.InvalidRequest for a hold out of bounds.
func (t *Terminal) Reserve(ctx context.Context, req Request, hold time.Duration) (Decision, error) {
	if hold < time.Second || hold > MaxHold {
		return Decision{}, fault.New(fault.InvalidRequest, "redeem.Reserve", "a hold of %s is not between a second and %s", hold, MaxHold)
	}
	return t.decide(ctx, req, func(v *outbox.View, c *candidate) ([]outbox.Entry, error) { return t.hold(v, c, hold) })
}

// hold makes the record of a reservation. It counts no use; it is found by the offer's names, as a redemption is.
func (t *Terminal) hold(v *outbox.View, c *candidate, hold time.Duration) ([]outbox.Entry, error) {
	keys := c.keys
	if !c.decision.Reservation.IsZero() || len(keys) == 0 { // it is held already, or nothing single is there to hold
		return nil, nil
	}
	rec := t.next(v, record.Reservation, c.time)
	c.describe(&rec)
	rec.Until = c.now() + hold.Milliseconds()
	raw, err := rec.Encode()
	if err != nil {
		return nil, err
	}
	c.decision.Reservation, c.decision.Until = rec.ID, time.UnixMilli(rec.Until).UTC()
	c.decision.UsesLeft = max(c.decision.UsesLeft-1, 0)
	names := append([]string{c.sale}, keys...)
	return append(t.evidenceNote(c.reading), outbox.Entry{
		Kind: outbox.KindRecord, ID: outbox.ID(rec.ID), Names: names, KeepUntil: c.decision.Until.Add(time.Hour), Payload: raw,
	}), nil
}

// weighHolds adds the reservations of other sales among the offer's records, and finds what this sale holds.
func weighHolds(v *outbox.View, c *candidate, ids []outbox.ID, others []record.ID) ([]record.ID, error) {
	holds, err := recordsAt(v, withoutUses(v, ids), record.Reservation)
	if err != nil {
		return nil, err
	}
	for _, h := range holds {
		live, err := isLive(v, h, c.now())
		switch {
		case err != nil:
			return nil, err
		case !live:
		case h.rec.Sale.Key == c.req.SaleKey:
			c.decision.Reservation, c.decision.Until = h.rec.ID, time.UnixMilli(h.rec.Until).UTC()
		case !slices.Contains(others, h.rec.ID):
			others = append(others, h.rec.ID)
		}
	}
	return others, nil
}

// withoutUses leaves out the redemptions that stand: only what counts no use can be a reservation.
func withoutUses(v *outbox.View, ids []outbox.ID) (rest []outbox.ID) {
	for _, id := range ids {
		if status, ok := v.State(id); ok && status.Uses == 0 {
			rest = append(rest, id)
		}
	}
	return rest
}

// isLive reports whether a reservation holds its offer still: it has not lapsed, was not completed and not released. One that
// would last longer than any may was made by a clock that was wrong.
func isLive(v *outbox.View, hold found, now int64) (bool, error) {
	if hold.rec.Until <= now || hold.rec.Until > now+MaxHold.Milliseconds() {
		return false, nil
	}
	if released, err := v.Find(releaseKey(hold.rec.ID)); err != nil || len(released) > 0 {
		return false, err
	}
	completed, err := isCompleted(v, hold)
	return !completed, err
}

// isCompleted reports whether the sale redeemed the offer after it was reserved. That is told from the keys, which outlast
// what the redemption says.
func isCompleted(v *outbox.View, hold found) (bool, error) {
	inSale, err := v.Find(saleKey(hold.rec.Sale.Key))
	if err != nil || len(inSale) < 2 {
		return false, err
	}
	for _, key := range keysOf(hold.rec.Offer, hold.rec.Alias) {
		uses, err := v.Find(key)
		if err != nil {
			return false, err
		}
		for _, use := range uses {
			if !slices.Contains(inSale, use) {
				continue
			}
			if stored, ok, err := v.Get(use); err != nil || ok && stored.Number > hold.Number {
				return err == nil, err
			}
		}
	}
	return false, nil
}

// Release gives up what a sale holds and returns the reservations that were released; none is no error. A sale that is cancelled
// before it was paid calls it. Errors: fault.InvalidRequest, and as for Redeem.
func (t *Terminal) Release(ctx context.Context, sale string) ([]record.ID, error) {
	if err := (record.Sale{Key: sale}).Check(); err != nil {
		return nil, invalid("redeem.Release", err)
	}
	at := t.readTime()
	now := (&candidate{time: at}).now()
	var released []record.ID
	err := t.journal.Append(ctx, func(v *outbox.View) (entries []outbox.Entry, err error) {
		released, entries, err = t.release(v, sale, at, now)
		return entries, err
	})
	if err != nil {
		return nil, err
	}
	if len(released) > 0 {
		t.wakeUp()
	}
	return released, nil
}

func (t *Terminal) release(v *outbox.View, sale string, at record.Evidence, now int64) (released []record.ID, entries []outbox.Entry, err error) {
	holds, err := recordsOf(v, saleKey(sale), record.Reservation)
	if err != nil {
		return nil, nil, err
	}
	number, prev := v.Next()
	for _, h := range holds {
		live, err := isLive(v, h, now)
		if err != nil {
			return nil, nil, err
		}
		if !live {
			continue
		}
		rec := t.next(v, record.Void, at)
		rec.Number, rec.Prev = number, record.Hash(prev)
		rec.Offer, rec.Alias, rec.Campaign, rec.Of, rec.Sale = h.rec.Offer, h.rec.Alias, h.rec.Campaign, h.rec.ID, h.rec.Sale
		rec.Until = h.rec.Until
		raw, err := rec.Encode()
		if err != nil {
			return nil, nil, err
		}
		number, prev = number+1, outbox.Hash(record.HashOf(raw))
		entries = append(entries, outbox.Entry{
			Kind: outbox.KindRecord, ID: outbox.ID(rec.ID), Ref: h.ID, Names: []string{releaseKey(h.rec.ID), saleKey(sale)}, Payload: raw,
		})
		released = append(released, h.rec.ID)
	}
	return released, entries, nil
}

func releaseKey(reservation record.ID) string { return "release:" + string(reservation[:]) }
