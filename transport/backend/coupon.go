package backend

import (
	"math"
	"slices"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/wire"
)

// A coupon is a campaign as its GS1 number alone presents it, without a serial: it identifies no offer, so that it is in no index
// and may be redeemed again and again, until the campaign's budget is used up.
type coupon struct {
	*Campaign
	given int64
}

// loadCoupons finds the campaigns of the items' coupons. One with a budget is locked, so that no two bookings use it up at once.
func (b *booking) loadCoupons(items []item) error {
	if !slices.ContainsFunc(items, func(it item) bool { return it.err == nil && it.record.Coupon != "" }) {
		return nil
	}
	campaigns, err := b.tx.Campaigns()
	if err != nil {
		return err
	}
	b.coupons = map[string]*coupon{}
	for i := range campaigns {
		c, number := &campaigns[i], wire.CouponPrefix+campaigns[i].Coupon
		presented := func(it item) bool { return it.record.Coupon == number }
		if !slices.Contains(c.Merchants(), b.terminal.Place.Merchant) || !slices.ContainsFunc(items, presented) {
			continue
		}
		if c.Budget != 0 {
			if c, err = b.tx.LockCampaign(c.ID); err != nil {
				return err
			}
		}
		given, err := givenOf(b.tx, c)
		if err != nil {
			return err
		}
		b.coupons[number] = &coupon{c, given}
	}
	return nil
}

// redeemCoupon books a redemption of a coupon, as long as there is budget when it is committed.
func (b *booking) redeemCoupon(e *Entry, rec *record.Record, c *coupon) error {
	o := &Offer{Campaign: c.ID, NotBefore: c.Starts, NotAfter: c.NotAfter}
	if o.NotAfter == 0 {
		o.NotAfter = math.MaxInt64
	}
	if err := b.inForce(e, rec, o, c.Campaign); err != nil || rec.Kind == record.Reservation {
		return err
	}
	e.Voided = b.voidOf(e, o)
	if c.Budget != 0 && c.given >= c.Budget && e.Voided.IsZero() {
		return fault.New(fault.OutOfOffers, "", "the budget of the campaign %q was used up by what was booked before", c.ID)
	}
	if e.Voided.IsZero() {
		c.given += rec.Given.Amount
	}
	return nil
}
