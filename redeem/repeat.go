package redeem

import (
	"slices"
	"time"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/journal"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/redeem/terms"
)

// soldIn finds the redemptions of a candidate's sale that were not voided, oldest first. Where the same offer was
// redeemed under the same key so long ago that it was in another sale, it is earlier.
func soldIn(v *journal.View, c *candidate) (sale []found, earlier *found, err error) {
	all, err := recordsOf(v, c.sale, record.Redemption)
	for i, f := range all {
		switch {
		case f.Voided || f.rec.Sale.BusinessDate != c.req.BusinessDate:
		case c.req.BusinessDate != "" || !longAfter(f.rec.Time, c.time):
			sale = append(sale, f)
		case sameOffer(f.rec, c.presented):
			earlier = &all[i]
		}
	}
	return sale, earlier, err
}

// ofOffer returns those of an offer.
func ofOffer(all []found, p offer.Presented) (same []found) {
	for _, f := range all {
		if sameOffer(f.rec, p) {
			same = append(same, f)
		}
	}
	return same
}

func sameOffer(rec record.Record, p offer.Presented) bool {
	if !rec.Offer.IsZero() && !p.ID.IsZero() {
		return rec.Offer == p.ID
	}
	if rec.Alias != "" || p.Alias != "" {
		return rec.Alias == p.Alias
	}
	return rec.Coupon != "" && rec.Coupon == p.Coupon
}

// conflict turns the candidate's decision into a refusal: its sale key is that of an earlier sale.
func (t *Terminal) conflict(v *journal.View, c *candidate, earlier found) error {
	if err := c.granted.look(t, v, c); err != nil {
		return err
	}
	d, rec := &c.decision, earlier.rec
	at := madeAt(rec)
	d.Outcome, d.Given, d.GivenBy, d.Discount = Refuse, record.Money{}, 0, terms.Discount{}
	d.UsesLeft = c.granted.left(0, c.granted.own)
	d.name(rec.ID)
	d.Made = at
	d.Reasons = []Reason{{
		Code: fault.Conflict, Outcome: Refuse, Where: rec.Place, At: at, Other: c.other(rec),
		Detail: "this sale key redeemed the offer at " + at.Format(time.RFC3339) + ", more than " + longest.String() +
			" ago: give each sale a key of its own, or its business date",
	}}
	return nil
}

// repeat turns the candidate's decision into the one that was made for the same sale before.
func (t *Terminal) repeat(v *journal.View, c *candidate, same []found, enter enter) ([]journal.Entry, error) {
	if err := c.granted.look(t, v, c); err != nil {
		return nil, err
	}
	now := c.decision
	d := &c.decision
	d.Outcome, d.Reasons, d.Again, d.UsesLeft = Allow, nil, true, c.granted.left(0, 0)
	d.Reservation, d.Until = record.ID{}, time.Time{}
	d.Given, d.GivenBy, d.Discount = record.Money{}, 0, terms.Discount{}
	c.repeated = t.partsOf(same)
	for _, p := range c.repeated {
		s, err := standingOf(v, p.found)
		if err != nil && !isUnread(err) {
			return nil, err
		}
		d.name(p.rec.ID)
		d.add(s, t.attached(s.basket))
	}
	rec := c.repeated[0].rec
	d.Made = madeAt(rec)
	d.Offer, d.Alias, d.Coupon, d.Campaign, d.Proven = rec.Offer, rec.Alias, rec.Coupon, rec.Campaign, rec.Proven
	d.Differs = c.uses != len(same) || c.differs(now)
	if t.cfg.Policy.Training || c.req.Training || t.blocked() != nil {
		return nil, nil
	}
	return enter(v, c)
}

// add puts what stands of one redemption to the others of its group.
func (d *Decision) add(s standing, kept attachment) {
	d.Given.Amount += s.given.Amount
	d.Given.Currency, d.GivenBy = s.given.Currency, s.by
	discount := kept.discount()
	if len(discount.Lines) == 0 {
		return
	}
	d.Discount.Currency, d.Discount.Total = discount.Currency, d.Discount.Total+discount.Total
	if len(d.Discount.Lines) < len(discount.Lines) {
		d.Discount.Lines = append(d.Discount.Lines, make([]int64, len(discount.Lines)-len(d.Discount.Lines))...)
	}
	for i, amount := range discount.Lines {
		d.Discount.Lines[i] += amount
	}
}

// differs reports whether the request is for another amount or other lines than the record that the decision tells of.
// now is what the request alone would have come to. A request that names neither amount nor lines differs in nothing.
func (c *candidate) differs(now Decision) bool {
	d := &c.decision
	if c.req.Given == (record.Money{}) && (len(c.req.Sale.Lines) == 0 || now.Terms.IsZero()) {
		return false
	}
	if now.Given != d.Given {
		return true
	}
	return otherLines(now.Discount, d.Discount)
}

// otherLines reports whether two discounts that are both known line by line differ in a line.
func otherLines(a, b terms.Discount) bool {
	return len(a.Lines) > 0 && len(b.Lines) > 0 && !slices.Equal(a.Lines, b.Lines)
}

// madeAt is when a record was made, by the clock of then.
func madeAt(rec record.Record) time.Time { return time.UnixMilli(rec.Time.Wall).UTC() }
