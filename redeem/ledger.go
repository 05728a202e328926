package redeem

import (
	"cmp"

	"github.com/offlane/offlane/redeem/decision"
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/internal/evidence"
	"github.com/offlane/offlane/redeem/journal"
	"github.com/offlane/offlane/redeem/record"
)

// fillLedger looks up what the journal has of the candidate's sale and offer. What cannot be read is told in the
// ledger; an error ends the call. It runs under the journal's lock, so that what it reads stays true until the
// candidate's entries are in.
func (r *redeemer) fillLedger(v *journal.View, c *candidate) (err error) {
	c.ledger = decision.Ledger{}
	c.sold, err = recordsOf(v, c.sale, record.Redemption)
	if err := setUnread(&c.ledger.SaleErr, err); err != nil {
		return err
	}
	for i := range c.sold {
		c.ledger.Sale = append(c.ledger.Sale, decision.Sold{Record: &c.sold[i].rec, Voided: c.sold[i].Voided})
	}
	if err := c.lookUpOffer(v); err != nil {
		return err
	}
	if c.IsSold(&c.ledger) {
		return nil // to read the limits would let time pass for them, with a clock that may be ahead
	}
	if c.NeedsVoids() {
		if err := c.lookUpVoids(v); err != nil {
			return err
		}
	}
	r.limits.Read(evidence.Now(c.Facts.Time), c.Limits(), &c.ledger.Counters)
	c.ledger.Forgotten = r.lapses.snapshot()
	return nil
}

// setUnread keeps the first error that says of a record that it cannot be read, and returns any other one.
func setUnread(kept *error, err error) error {
	if err == nil || !isUnread(err) {
		return err
	}
	*kept = cmp.Or(*kept, err)
	return nil
}

// lookUpOffer counts the uses of the offer, by the name that has most, and finds what holds it.
func (c *candidate) lookUpOffer(v *journal.View) error {
	l := &c.ledger
	for _, key := range c.keys {
		ids, err := v.Find(key)
		if err := setUnread(&l.OfferErr, err); err != nil {
			return err
		}
		if len(ids) == 0 && err == nil {
			continue
		}
		l.Used, l.Unheard = max(l.Used, v.Uses(key)), max(l.Unheard, pendingUses(v, ids))
		if err := setUnread(&l.OfferErr, c.lookUpHolds(v, ids)); err != nil {
			return err
		}
	}
	return nil
}

// lookUpHolds finds the reservations among the offer's records that hold it.
func (c *candidate) lookUpHolds(v *journal.View, ids []journal.ID) error {
	all, err := recordsAt(v, withoutUses(v, ids), record.Reservation)
	if err != nil {
		return err
	}
	for _, h := range all {
		live, err := isLive(v, h, evidence.Now(c.Facts.Time))
		if err != nil {
			return err
		}
		if live {
			c.ledger.Holds = append(c.ledger.Holds, decision.Hold{Reservation: h.rec.ID, SaleKey: h.rec.Sale.Key,
				BusinessDate: h.rec.Sale.BusinessDate, Until: h.rec.Until})
		}
	}
	return nil
}

// lookUpVoids finds the voids of the offer's redemptions that were taken back wholly. What cannot be read is left out.
func (c *candidate) lookUpVoids(v *journal.View) error {
	return c.eachUse(v, func(use *storedRecord) error {
		if !use.Voided {
			return nil
		}
		voids, err := recordsOf(v, voidKey(use.rec.ID), record.Void)
		for _, void := range voids {
			c.ledger.Voids = append(c.ledger.Voids, decision.Void{Pending: void.State == journal.Pending,
				Written: void.Written.UnixMilli()})
		}
		return err
	})
}

// locate says where and when an offer was redeemed that has no use left, as far as that is still known.
func (c *candidate) locate(v *journal.View) error {
	if !c.decision.Because(fault.AlreadyRedeemed) {
		return nil
	}
	return c.eachUse(v, func(use *storedRecord) error {
		if !use.Voided {
			c.Locate(&c.decision, &use.rec)
		}
		return nil
	})
}

// eachUse calls do for the redemptions of the offer that can be read.
func (c *candidate) eachUse(v *journal.View, do func(*storedRecord) error) error {
	for _, key := range c.keys {
		uses, err := recordsOf(v, key, record.Redemption)
		if err != nil && !isUnread(err) {
			return err
		}
		for i := range uses {
			if err := do(&uses[i]); err != nil && !isUnread(err) {
				return err
			}
		}
	}
	return nil
}
