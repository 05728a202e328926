package decision

import (
	"cmp"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
)

// A HubWord is what the hub of the store says of a request.
type HubWord struct {
	// Answer is the hub's; zero where Away.
	Answer record.ClaimAnswer
	// Away says that the hub did not answer, so that the terminal decides alone.
	Away bool
	// Late says that the claim had ended when the terminal came to record it.
	Late bool
}

// weighHub applies what the hub says: what other lanes used or hold refuses, and what nobody knows asks.
func (p *Prepared) weighHub(d *Decision, l *Ledger) {
	h := l.Hub
	switch {
	case h == nil:
		return
	case h.Away:
		d.Notes = append(d.Notes, record.HubUnreachable)
		p.weighAlone(d, l)
	case h.Late:
		d.Notes = append(d.Notes, record.HubLate)
	}
	a := &h.Answer
	switch cmp.Or(a.Overrode, a.Result) {
	case record.ClaimTaken:
		d.addLane(Refuse, a, fault.New(fault.RedeemedElsewhere, "", "lane %s redeemed it at %s: void it there first if it "+
			"was a mistake", a.Lane, clockTime(a)))
	case record.ClaimReserved:
		d.addLane(Refuse, a, fault.New(fault.Reserved, "", "lane %s claimed it for another sale at %s: ask there, or scan "+
			"again in a moment", a.Lane, clockTime(a)))
	case record.ClaimSilent:
		d.addLane(Ask, a, fault.New(fault.LaneSilent, "", "claimed by lane %s at %s, which does not answer: see there "+
			"whether it was redeemed", a.Lane, clockTime(a)))
	case record.ClaimMissing:
		d.addLane(Ask, a, fault.New(fault.LaneSilent, "", "lane %s has not told the hub what it redeemed: see there, or "+
			"take it out of service", a.Lane))
	case record.ClaimDiffers:
		d.addLane(Ask, a, fault.New(fault.UsesDiffer, "", "lane %s read fewer uses of this offer, and by those it is used "+
			"up: ask a manager", a.Lane))
	}
}

// addLane adds a reason with the lane that stands in the way.
func (d *Decision) addLane(outcome Outcome, a *record.ClaimAnswer, err error) {
	reason := d.addReason(outcome, err)
	reason.Where, reason.At = record.Place{Lane: a.Lane}, a.At
}

func clockTime(a *record.ClaimAnswer) string { return moment(a.At.UnixMilli()) }

// weighAlone asks where as much was redeemed without the hub as the policy allows.
func (p *Prepared) weighAlone(d *Decision, l *Ledger) {
	if p.withoutHub == p.limits.n {
		return
	}
	over := p.weighLimit(d, p.limits.all[p.withoutHub], l.Counters.Used[p.withoutHub])
	if over != "" {
		p.addLimitReason(d, fault.HubUnreachable, "the hub of the store does not answer, and "+over)
	}
}
