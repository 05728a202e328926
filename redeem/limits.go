package redeem

import (
	"fmt"
	"slices"
	"time"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/redeem/trust"
)

// A Budget is a limit that applied to a decision or a void, and how much of it was used before it.
type Budget struct {
	// Name is the limit's: perHour, unreported, perCampaign, unprovenPerDay, voidsPerOffer, voidsPerOperator or
	// voidsPerHour, as in Policy.
	Name string `json:"name"`
	// Campaign is set where the limit is of one campaign.
	Campaign string `json:"campaign,omitempty"`
	// Operator is whose voids are counted, with voidsPerOperator; empty: of calls that named none.
	Operator string `json:"operator,omitempty"`
	// Limit is what is allowed and Used what was used of it. A number or value of zero in Limit is no limit.
	Limit trust.Allowance `json:"limit"`
	Used  trust.Allowance `json:"used"`
}

// Left returns how much of a budget is left, at least zero. What has no limit has nothing left to count.
func (b Budget) Left() trust.Allowance {
	return trust.Allowance{
		Number: max(b.Limit.Number-b.Used.Number, 0), Value: max(b.Limit.Value-b.Used.Value, 0), Currency: b.Limit.Currency,
	}
}

// A bound is a limit with the account that counts against it.
type bound struct {
	name  string
	limit trust.Allowance
	of    account
}

// bounds lists the limits that apply to a candidate, in room that comes with it.
func (t *Terminal) bounds(c *candidate) []bound {
	policy, campaign := t.cfg.Policy, c.decision.Campaign
	perCampaign := c.rules.Offline
	if perCampaign.IsZero() && campaign != "" {
		perCampaign = policy.PerCampaign
	}
	c.room = [...]bound{
		{"perHour", policy.PerHour, account{kind: hourly}},
		{"unreported", policy.Unreported, account{kind: unanswered}},
		{"perCampaign", perCampaign, account{unansweredOf, campaign}},
	}
	return slices.DeleteFunc(c.room[:], func(b bound) bool { return b.limit.IsZero() })
}

// unprovenBound is what may be redeemed without a signature; its limit is zero where nothing may.
func (t *Terminal) unprovenBound(c *candidate) bound {
	if !c.rules.Unproven.IsZero() {
		return bound{"unprovenPerDay", c.rules.Unproven, account{unprovenDailyOf, c.decision.Campaign}}
	}
	return bound{"unprovenPerDay", t.cfg.Policy.UnprovenPerDay, account{kind: unprovenDaily}}
}

// openBooks reads the books if a limit applies to the candidate.
func (t *Terminal) openBooks(c *candidate) error {
	needed := len(c.bounds) > 0 || t.cfg.Policy.MaxUnreported > 0 || c.unproven && !t.unprovenBound(c).limit.IsZero()
	if !needed {
		return nil
	}
	return t.books.open(t.journal, c.now())
}

// now is the moment that limits go by.
func (c *candidate) now() int64 { return momentOf(c.time) }

// weighLimits asks a manager where a limit would be exceeded. It runs under the journal's lock, so that two redemptions at
// once cannot both take the last of a budget.
func (t *Terminal) weighLimits(c *candidate) {
	t.books.mu.Lock()
	defer t.books.mu.Unlock()
	if t.books.ready {
		t.books.passTo(c.now())
	}
	if len(c.bounds) > 0 {
		c.decision.Budgets = make([]Budget, 0, len(c.bounds)+1)
	}
	if t.books.partial && (len(c.bounds) > 0 || c.unproven) {
		_ = c.unread(fault.New(fault.Damaged, "", "the journal cannot be read whole, so that the limits count too little"))
	}
	for _, b := range c.bounds {
		if over, detail := t.books.weigh(c, b); over {
			c.limited(fault.OverLimit, b, detail)
		}
	}
	t.weighUnproven(c)
	t.weighSilence(c)
}

// weighUnproven asks about an offer without a signature, unless it is within what is allowed of those.
func (t *Terminal) weighUnproven(c *candidate) {
	if !c.unproven {
		return
	}
	b := t.unprovenBound(c)
	if b.limit.IsZero() {
		c.speaks(Ask, c.presented.Verify(offer.Keys{})) // says so
		return
	}
	if over, detail := t.books.weigh(c, b); over {
		c.limited(fault.Unproven, b, "it carries no signature: scan its pass instead; "+detail)
	}
}

// weighSilence asks where the backend has not been heard for too long.
func (t *Terminal) weighSilence(c *candidate) {
	most := t.cfg.Policy.MaxUnreported
	if most == 0 || len(t.books.waiting) == 0 {
		return
	}
	age := time.Duration(t.books.latest-t.books.waiting[0].at) * time.Millisecond
	if age <= most {
		return
	}
	c.decision.Reasons = append(c.decision.Reasons, Reason{
		Code: fault.OverLimit, Outcome: Ask, Limit: int64(most / time.Second), Used: int64(age / time.Second),
		Detail: fmt.Sprintf("a redemption has waited for the backend for %s, the policy allows %s (limit and use in seconds): report",
			age.Round(time.Second), most),
	})
}

// weigh enters a bound into the decision's budgets and reports whether the candidate would exceed it. The caller holds mu.
func (b *books) weigh(c *candidate, limit bound) (over bool, detail string) {
	sum, given, allowed := b.sum(limit.of), c.decision.Given, limit.limit
	used := trust.Allowance{Number: sum.number, Value: sum.valueIn(allowed.Currency), Currency: allowed.Currency}
	c.decision.Budgets = append(c.decision.Budgets, Budget{Name: limit.name, Campaign: limit.of.campaign, Limit: allowed, Used: used})
	switch {
	case allowed.Number > 0 && sum.number+c.uses > allowed.Number:
		return true, fmt.Sprintf("%d of the %d redemptions that the limit %s allows are used, and this takes %d: report, or ask a manager", sum.number,
			allowed.Number, limit.name, c.uses)
	case allowed.Value > 0 && given.Amount > 0 && given.Currency != allowed.Currency:
		return true, fmt.Sprintf("the limit %s counts %s and cannot bound %s: ask a manager", limit.name, allowed.Currency, given.Currency)
	case allowed.Value > 0 && used.Value+given.Amount > allowed.Value:
		return true, fmt.Sprintf("%d of the %d %s that the limit %s allows are used, and this takes %d: report, or ask a manager", used.Value, allowed.Value,
			allowed.Currency, limit.name, given.Amount)
	}
	return false, ""
}

// limited adds a reason with the limit that it comes from: in number where that is reached, else in value.
func (c *candidate) limited(code fault.Code, b bound, detail string) {
	budget := c.decision.Budgets[len(c.decision.Budgets)-1]
	reason := Reason{Code: code, Outcome: Ask, Detail: detail, Limit: budget.Limit.Value, Used: budget.Used.Value}
	if n := b.limit.Number; n > 0 && budget.Used.Number+c.uses > n {
		reason.Limit, reason.Used = int64(n), int64(budget.Used.Number)
	}
	c.decision.Reasons = append(c.decision.Reasons, reason)
}

// count books what is about to be written. Should the journal ask again, or fail, dropBooking takes it back.
func (t *Terminal) count(c *candidate, rec *record.Record) {
	t.books.mu.Lock()
	defer t.books.mu.Unlock()
	if !t.books.ready {
		return
	}
	c.booked = append(c.booked, rec.ID)
	x := newBooking(rec)
	x.at = c.now()
	t.books.book(x)
}

func (t *Terminal) dropBooking(c *candidate) {
	if len(c.booked) > 0 {
		t.books.unbook(c.booked...)
		c.booked = nil
	}
}
