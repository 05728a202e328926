package decision

import (
	"slices"
	"time"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/internal/evidence"
	"github.com/offlane/offlane/redeem/offer"
)

func (p *Prepared) weighClock() {
	if !p.Facts.Time.Trusted {
		p.addReason(Ask, fault.New(fault.ClockUntrusted, "", "%s", p.doubt()))
	}
}

// doubt says why the wall clock is not believed, and what helps.
func (p *Prepared) doubt() string {
	e, claimed := p.Facts.Time, p.Facts.Claimed
	switch {
	case e.Earliest == 0 && claimed != 0:
		return "the clock says " + moment(e.Wall) + ", and the backend " + moment(claimed) +
			": set the clock right and report, or report again after " + evidence.ConfirmAfter.String()
	case e.Earliest == 0:
		return "no signed server time was ever received: report once, or set Policy.MaxAlone"
	case e.Wall < e.Earliest:
		return "the clock says " + moment(e.Wall) + ", but it is past " + moment(e.Earliest) +
			": it was set back or its battery is empty; set it right, or report"
	}
	return "the clock says " + moment(e.Wall) + ", and nothing vouches for a time after " + moment(e.Latest) +
		": it was set forward, or the terminal was alone for too long; set it right, or report"
}

func (p *Prepared) weighPlace(pass *offer.Pass) {
	if err := pass.MayRedeem(p.Facts.Place.Merchant, p.Facts.Place.Store); err != nil {
		p.addReason(Refuse, err)
	}
}

// weighCampaign applies a campaign's stores and validity, beside what a pass says, and the days that stand in a
// coupon's bar code.
func (p *Prepared) weighCampaign() {
	if stores := p.rules.Stores; len(stores) > 0 && !slices.Contains(stores, p.Facts.Place.Store) {
		p.addReason(Refuse, fault.New(fault.OtherStore, "",
			"the campaign %q is for the stores %q: it can be redeemed there", p.rules.Name, stores))
	}
	p.weighValidity(p.rules.NotBefore, p.rules.NotAfter)
	if first, last := p.Presented.Days(); !first.IsZero() || !last.IsZero() {
		p.weighValidity(midnight(first, 0, p.Facts.Zone), midnight(last, 1, p.Facts.Zone))
	}
}

// midnight returns the beginning of a day, or of one so many days later, in the store's own zone; zero stays zero.
func midnight(day time.Time, later int, zone *time.Location) time.Time {
	if day.IsZero() {
		return day
	}
	return time.Date(day.Year(), day.Month(), day.Day()+later, 0, 0, 0, 0, zone)
}

// weighValidity takes the wall clock less what it is known to be off, or the earliest moment where that is later. Where
// the clock is not believed, what has certainly ended is refused, and what the clock makes of the rest is asked about;
// so is what is otherwise by a statement of time that nothing confirms. A zero bound is none.
func (p *Prepared) weighValidity(from, until time.Time) {
	p.narrow(from, until)
	now, claimed, against := evidence.Present(p.Facts.Time), p.Facts.Claimed, Refuse
	at := phaseAt(now, from, until)
	if claimed != 0 && phaseAt(claimed, from, until) != at {
		p.dependsOnClaim(until)
		return
	}
	if !p.Facts.Time.Trusted && (until.IsZero() || p.Facts.Time.Earliest < until.UnixMilli()) {
		against = Ask
	}
	switch at {
	case ended:
		p.addReason(against, fault.New(fault.Expired, "", "the offer ended at %s: show the customer what else there is",
			until.UTC().Format(time.RFC3339))).Ends = until.UTC()
	case notBegun:
		p.addReason(against, fault.New(fault.NotYetValid, "", "the offer begins at %s: it is good from then on",
			from.UTC().Format(time.RFC3339))).Begins = from.UTC()
	}
}

// What a moment is to a validity.
const (
	notBegun = -1
	within   = 0
	ended    = 1
)

func phaseAt(now int64, from, until time.Time) int {
	switch {
	case !until.IsZero() && now >= until.UnixMilli():
		return ended
	case !from.IsZero() && now < from.UnixMilli():
		return notBegun
	}
	return within
}

// dependsOnClaim asks, since by the backend's clock the validity has ended or begun and by the terminal's it has not.
func (p *Prepared) dependsOnClaim(until time.Time) {
	p.addReason(Ask, fault.New(fault.ClockUntrusted, "", "whether the offer is valid depends on the time, which "+
		"is %s here, and %s by a signed time that nothing confirms yet: report again later",
		moment(evidence.Present(p.Facts.Time)), moment(p.Facts.Claimed))).Ends = until.UTC()
}

// narrow enters bounds into what the decision tells of the offer's validity.
func (p *Prepared) narrow(from, until time.Time) {
	if !from.IsZero() && from.After(p.notBefore) {
		p.notBefore = from.UTC()
	}
	if !until.IsZero() && (p.notAfter.IsZero() || until.Before(p.notAfter)) {
		p.notAfter = until.UTC()
	}
}
