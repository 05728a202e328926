package booking

import (
	"cmp"
	"slices"
	"time"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/backend/internal/flags"
	"github.com/offlane/offlane/transport/backend/internal/posting"
	"github.com/offlane/offlane/transport/backend/store"
)

// redeem books a redemption, or keeps a reservation, which takes no use. A returned error is the store's.
func (b *booking) redeem(e *store.Entry, rec *record.Record) error {
	o, c := b.find(rec), b.coupons[rec.Coupon]
	switch {
	case o != nil:
		c = nil
	case c != nil:
		o = c.offer()
	}
	if b.wasConfirmed(e) {
		return b.redeemAgain(e, rec, o, c)
	}
	var err error = fault.New(fault.UnknownOffer, "", "this backend never issued the offer")
	if o != nil {
		err = b.confirmInForce(e, rec, o)
	}
	switch {
	case err != nil:
		refuse(e, record.Rejected, err)
		return nil
	case rec.Kind == record.Reservation:
		return nil
	}
	return b.redeemUse(e, o, c)
}

// redeemUse books a redemption that was good there and then, if there is something left of what it is of.
func (b *booking) redeemUse(e *store.Entry, o *store.Offer, c *coupon) error {
	e.Effect = posting.Gave
	returns := b.returnsOf(e)
	switch {
	case returns.takesAll(): // the pair takes no use and no budget
	case o.IsSpent():
		b.duplicate(e, o)
		return nil
	case c != nil && c.left <= 0:
		refuse(e, record.Rejected, fault.New(fault.OutOfOffers, "",
			"the budget of the campaign %q was used up by what was booked before", c.ID))
		return nil
	}
	b.take(e, o, c, returns.takesAll())
	return b.settleReturns(e, returns)
}

// take takes the use. A coupon has none, and a redemption that is taken back at once takes none.
func (b *booking) take(e *store.Entry, o *store.Offer, c *coupon, back bool) {
	if c == nil {
		e.Delay = (e.Latest - o.Accepted) / 1000
	}
	if exceeds(b.promiseOf(o), e.Given) {
		b.flag(flags.OverTerms, e, "a manager allowed more than the offer gives")
	}
	if back || c != nil {
		return
	}
	b.setUses(o, append(slices.Clone(o.Uses), store.Use{Record: e.ID, Terminal: e.Terminal, Place: e.Place,
		Earliest: e.Earliest,
		Redeemed: e.Latest, Committed: b.now, Given: e.Given, Products: b.products[e.ID]}))
}

// setUses changes the uses of an offer, and by as many as are left what its campaign may still have to give. There can
// be more uses than the offer has: those that stand from before a restore.
func (b *booking) setUses(o *store.Offer, uses []store.Use) {
	left := max(o.MaxUses-len(o.Uses), 0)
	o.Uses = uses
	b.putOffer(o)
	Owe(&b.sums, b.promiseOf(o), o, int64(max(o.MaxUses-len(o.Uses), 0)-left), b.rules.LongestAlone)
}

// Owe posts what so many uses of an offer may still have to be given for, until late reports can no longer come. Terms
// without a greatest amount post nothing.
func Owe(p *posting.Sums, c *store.Campaign, o *store.Offer, uses int64, alone time.Duration) {
	if c == nil || c.Terms.IsZero() {
		return
	}
	if most, bounded := c.Terms.Most(); bounded {
		p.Owe(c.ID, c.Terms.Currency, posting.DayOf(o.NotAfter+alone.Milliseconds()+dayMillis), uses*most)
	}
}

const dayMillis = 24 * 60 * 60 * 1000

// confirmInForce confirms a record of an offer that was good there and then, or says why it was not.
func (b *booking) confirmInForce(e *store.Entry, rec *record.Record, o *store.Offer) error {
	c := b.campaigns[o.Campaign]
	if c == nil {
		return fault.New(fault.UnknownOffer, "", "this backend has no campaign %q", o.Campaign)
	}
	if b.hasPart(o.Campaign) { // what is refused counts there too
		e.Offer, e.Campaign = o.ID, o.Campaign
	}
	if err := mayRedeem(e.Place, o, c); err != nil {
		return err
	}
	e.Offer, e.Campaign = o.ID, o.Campaign
	at := b.momentOf(rec, o)
	vouched := isOverridden(rec, fault.ClockUntrusted)
	if err := judgeTime(at, o, c, b.endOf(rec, o, at), vouched, b.now); err != nil {
		return err
	}
	if err := checkAmount(rec, Promise(c, o)); err != nil {
		return err
	}
	e.Verdict.Status = record.Confirmed
	return nil
}

func isOverridden(rec *record.Record, reason fault.Code) bool {
	return rec.Override != nil && slices.Contains(rec.Override.Reasons, reason)
}

// maxHold is the longest time in milliseconds that a reservation holds an offer.
const maxHold = dayMillis

// endOf is when an offer ends for a redemption: what was reserved in time may be completed while the reservation holds.
// A terminal that was switched off counts from an earliest moment that lies behind, and has the reservation end by
// that.
func (b *booking) endOf(rec *record.Record, o *store.Offer, at moment) int64 {
	held := b.entries[rec.Of]
	if rec.Kind != record.Redemption || held == nil || held.Kind != record.Reservation || held.Terminal != b.Terminal.ID ||
		held.Verdict.Status != record.Confirmed || held.Offer != o.ID || !held.Voided.IsZero() || held.Until > held.Latest+
		maxHold {
		return o.NotAfter
	}
	end := max(o.NotAfter, held.Until)
	counted := b.trustedEvidence(rec.Time)
	if cmp.Or(counted.Earliest, counted.Wall) < held.Until &&
		(counted.Trusted || isOverridden(rec, fault.ClockUntrusted)) {
		end = max(end, at.latest+1)
	}
	return end
}

// checkAmount holds what was given to the campaign's terms, unless a manager allowed it.
func checkAmount(rec *record.Record, c *store.Campaign) error {
	given := rec.Given
	switch {
	case c.Terms.IsZero():
	case isForeign(c, given):
		return fault.New(fault.OtherCurrency, "", "it gave %s, the offer is in %s", given.Currency, c.Terms.Currency)
	case exceeds(c, given) && !isOverridden(rec, fault.OverTerms):
		return fault.New(fault.OverTerms, "", "it gave %d, more than the offer can give", given.Amount)
	}
	return nil
}

func (b *booking) duplicate(e *store.Entry, o *store.Offer) {
	first := o.Uses[0]
	reason := fault.RedeemedElsewhere
	if first.Terminal == e.Terminal {
		reason = fault.AlreadyRedeemed
	}
	refuse(e, record.Duplicate, fault.New(reason, "", "store %s, lane %s was booked first", first.Place.Store,
		first.Place.Lane))
	e.Verdict.First = &record.First{Place: first.Place, Record: first.Record, Redeemed: first.Redeemed,
		Committed: first.Committed}
}
