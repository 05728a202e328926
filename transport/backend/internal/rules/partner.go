package rules

import (
	"math"
	"slices"
	"strings"
	"time"

	"github.com/offlane/offlane/redeem/trust"
	"github.com/offlane/offlane/transport/backend/store"
)

// TrustOf is what the partner's terminals know of it, in whole milliseconds.
func TrustOf(a *store.Agreement) trust.Agreement {
	t := trust.Agreement{Owner: a.Owner, Campaigns: a.Campaigns, Stopped: a.Stopped != 0}
	if a.Ended != 0 {
		t.Ended = time.UnixMilli(a.Ended).UTC()
	}
	return t
}

// HonourEnd returns until when offers of a campaign that were issued under the agreement are redeemed by its
// partner, in milliseconds since 1970: while it is active, math.MaxInt64; after its end, until all have expired that
// were issued before; 0: it was never made, or is not about the campaign.
func HonourEnd(a *store.Agreement, c *store.Campaign) int64 {
	switch {
	case a.Accepted == 0 || !Covers(a, c) || !slices.Contains(c.Partners, a.Partner):
		return 0
	case a.Ended == 0:
		return math.MaxInt64
	}
	_, until := Validity(c, time.UnixMilli(a.Ended))
	return until.UnixMilli()
}

// AgreedPartners are those of a campaign's partners with which an active agreement stands: they are in the audience of
// passes issued now.
func AgreedPartners(c *store.Campaign, agreements []store.Agreement) (agreed []string) {
	for _, partner := range c.Partners {
		stands := func(a store.Agreement) bool {
			return IsActive(&a) && a.Partner == partner && Covers(&a, c)
		}
		if slices.ContainsFunc(agreements, stands) {
			agreed = append(agreed, partner)
		}
	}
	return agreed
}

// MayFollow reports whether follow-ups of campaign c may answer redemptions of another merchant's offers, and offer
// its campaigns.
func MayFollow(c *store.Campaign, other string, agreements []store.Agreement) bool {
	return other == c.Merchant || slices.ContainsFunc(agreements, func(a store.Agreement) bool {
		return IsActive(&a) && a.FollowUps && a.Partner == other && Covers(&a, c)
	})
}

// MayUseCoupon reports whether a merchant may use a coupon number of the owner's for campaigns of its own.
func MayUseCoupon(number, merchant, owner string, agreements []store.Agreement) bool {
	return merchant == owner || slices.ContainsFunc(agreements, func(a store.Agreement) bool {
		begins := func(prefix string) bool { return strings.HasPrefix(number, prefix) }
		return IsActive(&a) && a.Owner == owner && a.Partner == merchant && slices.ContainsFunc(a.Coupons, begins)
	})
}
