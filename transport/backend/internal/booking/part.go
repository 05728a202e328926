package booking

import (
	"math"
	"slices"

	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/backend/internal/rules"
	"github.com/offlane/offlane/transport/backend/store"
)

// Which merchant has a part in what. A merchant's terminals may say anything of others' offers and campaigns: what
// they have no part in is neither booked nor counted there.

// mayRedeem returns nil where an offer is for a merchant and store, else fault.OtherMerchant or fault.OtherStore. Whom
// it is for beside its owner stands in its pass, as it was when that was issued, so that an agreement that ended since
// changes nothing.
func mayRedeem(at record.Place, o *store.Offer, c *store.Campaign) error {
	audience := []string{c.Merchant}
	switch {
	case at.Merchant == c.Merchant:
	case o.ID.IsZero(): // a coupon without a serial, of which loadCoupons asked
		audience = append(audience, at.Merchant)
	default:
		audience = append(audience, namedMerchants(o.Pass, c.Merchant)...)
	}
	return offer.Pass{Audience: audience, Stores: c.Stores}.MayRedeem(at.Merchant, at.Store)
}

// namedMerchants are the merchants that a pass of the owner is for; none where it cannot be read.
func namedMerchants(text, owner string) []string {
	presented, err := offer.Parse(text)
	if err != nil || presented.Pass == nil || presented.Pass.Owner != owner {
		return nil
	}
	return presented.Pass.Audience
}

// hasPart reports whether the report's merchant is the owner of a campaign or was ever agreed to be its partner.
func (b *booking) hasPart(campaign string) bool {
	c := b.campaigns[campaign]
	return c != nil && slices.Contains(rules.Merchants(c), b.Terminal.Place.Merchant)
}

// claimedCampaign is the campaign that a record names, where its merchant has a part in it.
func (b *booking) claimedCampaign(rec *record.Record) string {
	if !b.hasPart(rec.Campaign) {
		return ""
	}
	return rec.Campaign
}

// loadClaimed reads the campaigns that the items name.
func (b *booking) loadClaimed() error {
	for i := range b.Items {
		if err := b.loadCampaign(b.Items[i].Record.Campaign); err != nil {
			return err
		}
	}
	return nil
}

// honourEnd is until when the report's merchant redeems coupons of a campaign that have no serial, in milliseconds
// since 1970: its own without end, others under an agreement, and after its end as long as a pass would be good that
// was issued before; 0: not at all.
func (b *booking) honourEnd(c *store.Campaign) (until int64, err error) {
	merchant := b.Terminal.Place.Merchant
	if c.Merchant == merchant {
		return math.MaxInt64, nil
	}
	agreements, err := b.tx.Agreements(merchant)
	for i := range agreements {
		if agreements[i].Partner == merchant {
			until = max(until, rules.HonourEnd(&agreements[i], c))
		}
	}
	return until, err
}
