package rules

import (
	"time"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/trust"
	"github.com/offlane/offlane/transport/backend/store"
)

// SetState changes the state at a moment in milliseconds since 1970, where the one before allows it. Errors:
// fault.InvalidRequest, fault.Conflict.
func SetState(c *store.Campaign, to store.CampaignState, now int64) error {
	switch {
	case to != Active && to != Paused && to != Ended && to != Withdrawn:
		return fault.Invalid("state: %.20q is none of %q", to, []store.CampaignState{Active, Paused, Ended, Withdrawn})
	case c.State == Withdrawn && to != Withdrawn, c.State == Ended && to != Ended && to != Withdrawn:
		return fault.New(fault.Conflict, "", "the campaign %q is %s, which cannot be undone", c.ID, c.State)
	}
	if to == Withdrawn && c.Revoked == 0 {
		c.Revoked = now
	}
	c.State = to
	return nil
}

// Validity returns the bounds of an offer accepted now.
func Validity(c *store.Campaign, now time.Time) (from, until time.Time) {
	from = now.Truncate(time.Second)
	valid := DefaultValid
	if c.ValidSeconds > 0 {
		valid = time.Duration(c.ValidSeconds) * time.Second
	}
	until = from.Add(valid)
	if end := time.UnixMilli(c.NotAfter).Truncate(time.Second); c.NotAfter != 0 && end.Before(until) {
		until = end
	}
	return from, until
}

// MayAccept says why no offer can be accepted at a moment in milliseconds since 1970, or nil. Errors: fault.Revoked,
// fault.NotYetValid, fault.Expired, fault.OutOfOffers.
func MayAccept(c *store.Campaign, now int64) error {
	switch code := whyClosed(c, now); {
	case code == "":
		return nil
	case code == fault.Revoked:
		return fault.New(code, "", "the campaign %q was revoked", c.ID)
	case code == fault.Expired:
		return fault.New(code, "", "the campaign %q has ended", c.ID)
	case code == fault.OutOfOffers:
		return fault.New(code, "", "all %d offers of the campaign %q are taken", c.Limit, c.ID)
	case c.State == Paused:
		return fault.New(code, "", "the campaign %q is paused: try again later", c.ID)
	}
	return fault.New(fault.NotYetValid, "", "the campaign %q has not begun", c.ID)
}

// IsOpen reports whether MayAccept is nil, at the cost of a few comparisons.
func IsOpen(c *store.Campaign, now int64) bool { return whyClosed(c, now) == "" }

// whyClosed is why no offer can be accepted; empty: one can.
func whyClosed(c *store.Campaign, now int64) fault.Code {
	_, until := Validity(c, time.UnixMilli(now))
	switch {
	case c.State == Withdrawn:
		return fault.Revoked
	case c.State == Paused:
		return fault.NotYetValid
	case c.State == Ended, c.Ends != 0 && now >= c.Ends, until.UnixMilli() <= now:
		return fault.Expired
	case now < c.Starts:
		return fault.NotYetValid
	case c.Limit > 0 && c.Accepted >= c.Limit:
		return fault.OutOfOffers
	}
	return ""
}

// RulesFor are what the merchant's terminals know of the campaign.
func RulesFor(c *store.Campaign, merchant string) trust.Campaign {
	rules := trust.Campaign{Name: c.ID, Stores: c.Stores, Terms: c.Terms, Unproven: c.Unproven, Offline: c.Offline,
		AskBeyond: c.AskBeyond, Layout: c.Layout, Title: c.Title}
	if c.Merchant != merchant {
		rules.Owner = c.Merchant
	}
	if c.NotAfter != 0 {
		rules.NotAfter = time.UnixMilli(c.NotAfter).UTC()
	}
	if c.Coupon != "" {
		rules.Prefixes = []string{CouponPrefix + c.Coupon}
	}
	return rules
}
