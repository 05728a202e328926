package redeem

import (
	"context"
	"slices"
	"time"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/internal/evidence"
	"github.com/offlane/offlane/redeem/journal"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/redeem/terms"
)

// maxHold is the longest time that a reservation may hold an offer.
const maxHold = 24 * time.Hour

// Reserve decides as Redeem does and, where the answer is allow, holds one use of the offer for this sale, durably:
// other sales at this terminal find it reserved. Redeem with the same SaleKey, and the same BusinessDate if there is
// one, completes it, also where the offer has expired meanwhile and no more than the one use is taken; Release gives it
// up, and after hold (1 second to 24 hours) it lapses by itself. A terminal that does not know the time at all
// lets it lapse by its wall clock. Reserving again in the same sale returns the reservation that there is.
//
// Its errors are those of Redeem, and fault.InvalidRequest for a hold out of bounds or for more than one use.
func (t *Terminal) Reserve(ctx context.Context, req Request, hold time.Duration) (Decision, error) {
	const op = "redeem.Reserve"
	if hold < time.Second || hold > maxHold {
		return Decision{}, fault.New(fault.InvalidRequest, op, "a hold of %s is not between a second and %s", hold,
			maxHold)
	}
	if req.Uses > 1 {
		return Decision{}, fault.New(fault.InvalidRequest, op,
			"%d uses cannot be held: hold one, and take the others when the sale is paid", req.Uses)
	}
	return t.decide(ctx, &req, func(v *journal.View, c *candidate) ([]journal.Entry, error) {
		return t.redeemer.makeReservation(v, c, hold)
	})
}

// makeReservation makes the record of a reservation. It counts no use; it is found by the offer's names, as a
// redemption is.
func (r *redeemer) makeReservation(v *journal.View, c *candidate, hold time.Duration) ([]journal.Entry, error) {
	d, keys := &c.decision, c.keys
	// it is redeemed or held already, or nothing single is there to hold
	if d.Again || !d.Reservation.IsZero() || len(keys) == 0 {
		return nil, nil
	}
	b := r.batch(v, c.Facts.Time, c.Facts.Place)
	rec := b.next(record.Reservation)
	c.describe(&rec)
	rec.Until = evidence.Now(c.Facts.Time) + hold.Milliseconds()
	d.Reservation, d.Until = rec.ID, time.UnixMilli(rec.Until).UTC()
	d.UsesLeft = c.UsesLeft(&c.ledger, 0, 1)
	err := b.add(&rec, journal.Entry{LookupKeys: append([]string{c.sale}, keys...), KeepUntil: d.Until.Add(time.Hour),
		Attachment: attach(passText(c.Request.Scanned, &c.Presented), terms.Discount{}, 0, 1)})
	if err != nil {
		return nil, err
	}
	return r.withNote(c, &b), nil
}

// isLapsed reports whether a reservation that lasts until a moment holds nothing any more. One that would last longer
// than any may was made by a clock that was wrong. All is in milliseconds since 1970.
func isLapsed(until, now int64) bool { return until <= now || until > now+maxHold.Milliseconds() }

// isLive reports whether a reservation holds its offer still: it has not lapsed, was not completed and not released.
func isLive(v *journal.View, hold storedRecord, now int64) (bool, error) {
	if isLapsed(hold.rec.Until, now) {
		return false, nil
	}
	if released, err := v.Find(releaseKey(hold.rec.ID)); err != nil || len(released) > 0 {
		return false, err
	}
	completed, err := isCompleted(v, hold)
	return !completed, err
}

// isCompleted reports whether the sale redeemed the offer after it was reserved. Of redemptions of which only the keys
// are kept, those tell.
func isCompleted(v *journal.View, hold storedRecord) (bool, error) {
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
			stored, ok, err := v.Get(use)
			if err != nil || ok && stored.Number > hold.Number && sameDay(stored, hold) {
				return err == nil, err
			}
		}
	}
	return false, nil
}

// sameDay reports whether a record may be of the reservation's sale, by its business date.
func sameDay(stored journal.Stored, hold storedRecord) bool {
	rec, err := record.Decode(stored.Payload)
	return err != nil || rec.Sale.BusinessDate == hold.rec.Sale.BusinessDate
}

// Release gives up what a sale holds and returns the reservations that were released; none is no error. A sale that is
// cancelled before it was paid calls it. The date is the sale's BusinessDate; empty: whichever day, if only one can be
// meant. Errors: fault.InvalidRequest, fault.Conflict where reservations of two sales have the key, and as for Redeem.
func (t *Terminal) Release(ctx context.Context, sale, date string) ([]record.ID, error) {
	name := saleName{sale, date}
	if err := name.check(); err != nil {
		return nil, invalid("redeem.Release", err)
	}
	if err := t.ids.now().blockError(); err != nil {
		return nil, err
	}
	at := t.clock.Now()
	var released []record.ID
	err := t.redeemer.appendAndTell(ctx, func(v *journal.View) (entries []journal.Entry, err error) {
		released, entries, err = t.redeemer.release(v, name, at)
		return entries, err
	})
	if err != nil {
		return nil, err
	}
	if len(released) > 0 {
		t.reporter.Wake()
	}
	return released, nil
}

func (r *redeemer) release(v *journal.View, name saleName, at record.Evidence) (released []record.ID,
	entries []journal.Entry, err error) {
	holds, err := name.reservations(v, evidence.Now(at))
	if err != nil {
		return nil, nil, err
	}
	b := r.batch(v, at, r.ids.now().stands)
	for _, h := range holds {
		rec := b.next(record.Release)
		rec.Offer, rec.Alias, rec.Campaign, rec.Of, rec.Sale = h.rec.Offer, h.rec.Alias, h.rec.Campaign, h.rec.ID, h.rec.Sale
		if err := b.add(&rec, journal.Entry{Ref: h.ID, LookupKeys: []string{releaseKey(h.rec.ID),
			saleKey(name.key)}}); err != nil {
			return nil, nil, err
		}
		released = append(released, h.rec.ID)
	}
	return released, b.entries, nil
}

// reservations finds what a sale holds.
func (n saleName) reservations(v *journal.View, now int64) (live []storedRecord, err error) {
	holds, err := recordsOf(v, saleKey(n.key), record.Reservation)
	if err != nil {
		return nil, err
	}
	for _, h := range holds {
		holds, err := isLive(v, h, now)
		if err != nil {
			return nil, err
		}
		if holds && (n.date == "" || h.rec.Sale.BusinessDate == n.date) {
			live = append(live, h)
		}
	}
	return live, n.isOneOf("redeem.Release", live)
}

func releaseKey(reservation record.ID) string { return "release:" + string(reservation[:]) }
