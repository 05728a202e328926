package redeem

import (
	"cmp"
	"slices"
	"time"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/terms"
	"github.com/offlane/offlane/redeem/trust"
)

// rulesOf finds the campaign of what was presented, and its rules as far as the bundle has any. A GS1 coupon belongs to the
// campaign whose prefix it begins with; of a short code no campaign is known.
func rulesOf(bundle *trust.Bundle, p *offer.Presented) (campaign string, rules trust.Campaign) {
	if p.Pass != nil {
		campaign = p.Pass.Campaign
	}
	if bundle == nil {
		return campaign, rules
	}
	if number := cmp.Or(p.Alias, p.Coupon); p.Pass == nil && number != "" {
		if found, ok := bundle.CampaignOf(number); ok {
			return found.Name, found
		}
	}
	rules, _ = bundle.Campaign(campaign)
	return campaign, rules
}

// weighRules applies a campaign's stores and validity, beside what a pass says, and the days that stand in a coupon's bar code.
func (t *Terminal) weighRules(c *candidate) {
	if stores := c.rules.Stores; len(stores) > 0 && !slices.Contains(stores, c.place.Store) {
		c.speaks(Refuse, fault.New(fault.OtherStore, "", "the campaign %q is for the stores %q: it can be redeemed there", c.rules.Name, stores))
	}
	c.weighValidity(c.rules.NotBefore, c.rules.NotAfter)
	if first, last := c.presented.Days(); !first.IsZero() || !last.IsZero() {
		zone := t.zone()
		c.weighValidity(midnight(first, 0, zone), midnight(last, 1, zone))
	}
}

// midnight returns the beginning of a day, or of one so many days later, in the shop's own zone; zero stays zero.
func midnight(day time.Time, later int, zone *time.Location) time.Time {
	if day.IsZero() {
		return day
	}
	return time.Date(day.Year(), day.Month(), day.Day()+later, 0, 0, 0, 0, zone)
}

// weighValidity takes the wall clock less what it is known to be off, or the earliest moment where that is later. Where
// the clock is not believed, what has certainly ended is refused, and what the clock makes of the rest is asked about;
// so is what is otherwise by a statement of time that nothing confirms. A zero bound is none.
func (c *candidate) weighValidity(from, until time.Time) {
	c.narrow(from, until)
	now, against := c.time.Present(), Refuse
	if c.claimed != 0 && phase(c.claimed, from, until) != phase(now, from, until) {
		c.dependsOnClaim(until)
		return
	}
	if !c.time.Trusted && (until.IsZero() || c.time.Earliest < until.UnixMilli()) {
		against = Ask
	}
	switch {
	case !until.IsZero() && now >= until.UnixMilli():
		reason := reasonOf(against, fault.New(fault.Expired, "",
			"the offer ended at %s: show the customer what else there is", until.UTC().Format(time.RFC3339)))
		reason.Ends = until.UTC()
		c.decision.Reasons = append(c.decision.Reasons, reason)
	case !from.IsZero() && now < from.UnixMilli():
		reason := reasonOf(against, fault.New(fault.NotYetValid, "", "the offer begins at %s: it is good from then on",
			from.UTC().Format(time.RFC3339)))
		reason.Begins = from.UTC()
		c.decision.Reasons = append(c.decision.Reasons, reason)
	}
}

// phase is -1 before a validity, 0 in it and 1 after it.
func phase(now int64, from, until time.Time) int {
	switch {
	case !until.IsZero() && now >= until.UnixMilli():
		return 1
	case !from.IsZero() && now < from.UnixMilli():
		return -1
	}
	return 0
}

// dependsOnClaim asks, since by the backend's clock the validity has ended or begun and by the terminal's it has not.
func (c *candidate) dependsOnClaim(until time.Time) {
	reason := reasonOf(Ask, fault.New(fault.ClockUntrusted, "", "whether the offer is valid depends on the time, which "+
		"is %s here, and %s by a signed time that nothing confirms yet: report again later", moment(c.time.Present()),
		moment(c.claimed)))
	reason.Ends = until.UTC()
	c.decision.Reasons = append(c.decision.Reasons, reason)
}

// narrow enters bounds into what the decision tells of the offer's validity.
func (c *candidate) narrow(from, until time.Time) {
	d := &c.decision
	if !from.IsZero() && from.After(d.NotBefore) {
		d.NotBefore = from.UTC()
	}
	if !until.IsZero() && (d.NotAfter.IsZero() || until.Before(d.NotAfter)) {
		d.NotAfter = until.UTC()
	}
}

// termsOf returns what an offer is worth: by its pass, else by its campaign.
func termsOf(pass *offer.Pass, rules *trust.Campaign) terms.Terms {
	if pass != nil && !pass.Terms.IsZero() {
		return pass.Terms
	}
	return rules.Terms
}
