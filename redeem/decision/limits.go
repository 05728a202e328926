package decision

import (
	"fmt"
	"time"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/trust"
)

// maxLimits is the most limits that apply to one request.
const maxLimits = 5

// limitBuf has room for the limits of a request: those for all offers, that of offers without a signature, and that of
// what is redeemed without the hub.
type limitBuf struct {
	all [maxLimits]Limit
	n   int
}

func (b *limitBuf) add(l Limit) {
	if !l.Allowed.IsZero() {
		b.all[b.n] = l
		b.n++
	}
}

// setLimits lists the limits that apply.
func (p *Prepared) setLimits() {
	policy, campaign := p.Facts.Policy, p.Campaign
	perCampaign := p.rules.Offline
	if perCampaign.IsZero() && campaign != "" {
		perCampaign = policy.PerCampaign
	}
	p.limits = limitBuf{}
	p.limits.add(Limit{"perHour", policy.PerHour, CounterKey{Kind: Hourly}})
	p.limits.add(Limit{"unreported", policy.Unreported, CounterKey{Kind: Unanswered}})
	p.limits.add(Limit{"perCampaign", perCampaign, CounterKey{UnansweredOf, campaign}})
	p.forAll = p.limits.n
	if p.unproven {
		p.limits.add(p.unprovenLimit())
	}
	p.withoutHub = p.limits.n
	p.limits.add(Limit{"withoutHub", policy.WithoutHub, CounterKey{Kind: WithoutHubDaily}})
}

// unprovenLimit is what may be redeemed without a signature; zero where nothing may.
func (p *Prepared) unprovenLimit() Limit {
	if !p.rules.Unproven.IsZero() {
		return Limit{"unprovenPerDay", p.rules.Unproven, CounterKey{UnprovenDailyOf, p.Campaign}}
	}
	return Limit{"unprovenPerDay", p.Facts.Policy.UnprovenPerDay, CounterKey{Kind: UnprovenDaily}}
}

// Limits are the limits of which the Ledger must say how much is used. They must not be changed.
func (p *Prepared) Limits() []Limit { return p.limits.all[:p.limits.n] }

// NeedsCounters reports whether the Ledger must say what the counters are: Used, Waiting and Partial.
func (p *Prepared) NeedsCounters() bool { return p.limits.n > 0 || p.Facts.Policy.MaxUnreported > 0 }

// weighLimits asks a manager where a limit would be exceeded.
func (p *Prepared) weighLimits(d *Decision, l *Ledger) {
	if p.forAll > 0 {
		d.Budgets = make([]Budget, 0, p.limits.n)
	}
	if l.Counters.Partial && (p.forAll > 0 || p.unproven) {
		d.addUnread(fault.New(fault.Damaged, "", "the journal cannot be read whole, so that the limits count too little"))
	}
	for i, limit := range p.limits.all[:p.forAll] {
		if over := p.weighLimit(d, limit, l.Counters.Used[i]); over != "" {
			p.addLimitReason(d, fault.OverLimit, over)
		}
	}
	p.weighUnproven(d, l)
	p.weighSilence(d, l.Counters.Waiting)
}

// weighUnproven asks about an offer without a signature, unless it is within what is allowed of those.
func (p *Prepared) weighUnproven(d *Decision, l *Ledger) {
	if !p.unproven {
		return
	}
	if p.withoutHub == p.forAll { // nothing is allowed
		d.addReason(Ask, p.Presented.Verify(offer.Keys{})) // says so
		return
	}
	if over := p.weighLimit(d, p.limits.all[p.forAll], l.Counters.Used[p.forAll]); over != "" {
		p.addLimitReason(d, fault.Unproven, "it carries no signature: scan its pass instead; "+over)
	}
}

// weighSilence asks where the backend has not been heard for too long.
func (p *Prepared) weighSilence(d *Decision, waiting time.Duration) {
	most := p.Facts.Policy.MaxUnreported
	if most == 0 || waiting <= most {
		return
	}
	reason := d.addReason(Ask, fault.New(fault.OverLimit, "", "a redemption has waited for the backend for %s, "+
		"the policy allows %s (limit and use in seconds): report", waiting.Round(time.Second), most))
	reason.Limit, reason.Used = int64(most/time.Second), int64(waiting/time.Second)
}

// weighLimit enters a limit into the decision's budgets and says why the request would exceed it; empty: it would not.
func (p *Prepared) weighLimit(d *Decision, l Limit, used trust.Allowance) (over string) {
	given, allowed := p.Given, l.Allowed
	d.Budgets = append(d.Budgets, Budget{Name: l.Name, Campaign: l.Counter.Campaign, Limit: allowed, Used: used})
	switch {
	case allowed.Number > 0 && used.Number+p.Uses > allowed.Number:
		return fmt.Sprintf("%d of the %d redemptions that the limit %s allows are used, and this takes %d: report, or "+
			"ask a manager", used.Number, allowed.Number, l.Name, p.Uses)
	case allowed.Value > 0 && given.Amount > 0 && given.Currency != allowed.Currency:
		return fmt.Sprintf("the limit %s counts %s and cannot bound %s: ask a manager", l.Name, allowed.Currency,
			given.Currency)
	case allowed.Value > 0 && used.Value+given.Amount > allowed.Value:
		return fmt.Sprintf("%d of the %d %s that the limit %s allows are used, and this takes %d: report, or ask a "+
			"manager", used.Value, allowed.Value, allowed.Currency, l.Name, given.Amount)
	}
	return ""
}

// addLimitReason adds a reason with the last budget, which it comes from: in number where that is reached, else in
// value.
func (p *Prepared) addLimitReason(d *Decision, code fault.Code, detail string) {
	limit, used := d.Budgets[len(d.Budgets)-1].Limit, d.Budgets[len(d.Budgets)-1].Used
	reason := d.addReason(Ask, fault.New(code, "", "%s", detail))
	reason.Limit, reason.Used = limit.Value, used.Value
	if limit.Number > 0 && used.Number+p.Uses > limit.Number {
		reason.Limit, reason.Used = int64(limit.Number), int64(used.Number)
	}
}
