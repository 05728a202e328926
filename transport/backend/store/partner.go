package store

import (
	"math"
	"slices"
	"strings"
	"time"

	"github.com/offlane/offlane/redeem/trust"
)

// Trust is what the partner's terminals know of it, in whole milliseconds.
func (a *Agreement) Trust() trust.Agreement {
	t := trust.Agreement{Owner: a.Owner, Campaigns: a.Campaigns, Stopped: a.Stopped != 0}
	if a.Ended != 0 {
		t.Ended = time.UnixMilli(a.Ended).UTC()
	}
	return t
}

// HonouredUntil returns until when offers of a campaign that were issued under the agreement are redeemed by its
// partner, in milliseconds since 1970: while it is active, math.MaxInt64; after its end, until all have expired that
// were issued before; 0: it was never made, or is not about the campaign.
func (a *Agreement) HonouredUntil(c *Campaign) int64 {
	switch {
	case a.Accepted == 0 || !a.Covers(c) || !slices.Contains(c.Partners, a.Partner):
		return 0
	case a.Ended == 0:
		return math.MaxInt64
	}
	_, until := c.Validity(time.UnixMilli(a.Ended))
	return until.UnixMilli()
}

// AgreedPartners are those of a campaign's partners with which an active agreement stands: they are in the audience of
// passes issued now.
func AgreedPartners(c *Campaign, agreements []Agreement) (agreed []string) {
	for _, partner := range c.Partners {
		stands := func(a Agreement) bool {
			return a.IsActive() && a.Partner == partner && a.Covers(c)
		}
		if slices.ContainsFunc(agreements, stands) {
			agreed = append(agreed, partner)
		}
	}
	return agreed
}

// MayFollow reports whether follow-ups of campaign c may answer redemptions of another merchant's offers, and offer
// its campaigns.
func MayFollow(c *Campaign, other string, agreements []Agreement) bool {
	return other == c.Merchant || slices.ContainsFunc(agreements, func(a Agreement) bool {
		return a.IsActive() && a.FollowUps && a.Partner == other && a.Covers(c)
	})
}

// MayUseCoupon reports whether a merchant may use a coupon number of the owner's for campaigns of its own.
func MayUseCoupon(number, merchant, owner string, agreements []Agreement) bool {
	return merchant == owner || slices.ContainsFunc(agreements, func(a Agreement) bool {
		begins := func(prefix string) bool { return strings.HasPrefix(number, prefix) }
		return a.IsActive() && a.Owner == owner && a.Partner == merchant && slices.ContainsFunc(a.Coupons, begins)
	})
}
