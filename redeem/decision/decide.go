package decision

import (
	"slices"
	"time"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
)

// Decide comes to the decision. Where the sale redeemed the offer already, the decision says Again, and repeats are the
// places in Ledger.Sale of the records that say so: Repeat tells what stands in them. Nothing is changed in the Ledger,
// and Decide may be called again with another one.
func (p *Prepared) Decide(l *Ledger) (d Decision, repeats []int) {
	p.begin(&d)
	if !p.Readable {
		p.finish(&d)
		return d, nil
	}
	same, earlier := p.saleRecords(l)
	switch {
	case earlier >= 0:
		p.refuseConflict(&d, l, l.Sale[earlier].Record)
		return d, nil
	case len(same) > 0:
		d.Outcome, d.Reasons, d.Again, d.UsesLeft = Allow, nil, true, p.UsesLeft(l, 0, 0)
		return d, same
	}
	d.addUnread(l.SaleErr)
	p.weighCombination(&d, l)
	p.weighUses(&d, l)
	p.weighElsewhere(&d, l)
	p.weighHub(&d, l)
	p.weighLimits(&d, l)
	p.keepReservation(&d)
	p.weighSetUp(&d)
	p.weighForgotten(&d, l)
	p.weighBlock(&d)
	p.finish(&d)
	return d, nil
}

// IsSold reports whether the sale alone decides: it redeemed the offer already, or its key is an earlier sale's. Then
// no limit is asked, and the Ledger needs no Counters.
func (p *Prepared) IsSold(l *Ledger) bool {
	same, earlier := p.saleRecords(l)
	return earlier >= 0 || len(same) > 0
}

// begin makes the decision as far as it is known without the journal.
func (p *Prepared) begin(d *Decision) {
	d.Reasons = slices.Clone(p.reasons)
	d.Offer, d.Alias, d.Coupon = p.Presented.ID, p.Presented.Alias, p.Presented.Coupon
	d.Campaign, d.Title, d.Terms, d.Proven = p.Campaign, p.rules.Title, p.Terms, p.Proven
	d.NotBefore, d.NotAfter = p.notBefore, p.notAfter
	d.Given, d.GivenBy, d.Discount = p.Given, p.GivenBy, p.Discount
}

// finish draws the outcome.
func (p *Prepared) finish(d *Decision) {
	d.settle(p.Request.Override, p.Facts.Policy.Unattended)
	if p.isTraining() {
		d.train()
	}
}

func (d *Decision) addReason(outcome Outcome, err error) *Reason {
	return addReason(&d.Reasons, outcome, err)
}

// addUnread asks a manager, once, where a record of the offer or of the sale cannot be read, so that nobody knows what
// it says.
func (d *Decision) addUnread(err error) {
	if err != nil && !d.Because(fault.Damaged) {
		d.addReason(Ask, fault.New(fault.Damaged, "",
			"a record of this offer or sale cannot be read any more, so that it may be redeemed already: %w", err))
	}
}

// weighElsewhere asks about an offer whose uses seem to be spent elsewhere, unless this terminal knows better: that it
// took a redemption back which the bundle cannot know of.
func (p *Prepared) weighElsewhere(d *Decision, l *Ledger) {
	asOf := p.spentAsOf
	if asOf == 0 || slices.ContainsFunc(l.Voids, func(v Void) bool { return v.Pending || v.Written > asOf }) {
		return
	}
	d.addReason(Ask, fault.New(fault.RedeemedElsewhere, "",
		"it seems to have been redeemed elsewhere; in rare cases that is a coincidence: ask a manager"))
}

// keepReservation lets the offer's end not count for a sale that holds it: it was reserved in time. One use is held, so
// that the end counts where the sale takes more.
func (p *Prepared) keepReservation(d *Decision) {
	if d.Reservation.IsZero() || p.Uses != 1 {
		return
	}
	d.Reasons = slices.DeleteFunc(d.Reasons, func(r Reason) bool {
		return r.Code == fault.Expired || r.Code == fault.ClockUntrusted && !r.Ends.IsZero()
	})
}

// weighSetUp says of a terminal that is not set up only that, in one reason: that it knows no issuer, no time, no
// merchant and no store follows from it. What its own journal says stays.
func (p *Prepared) weighSetUp(d *Decision) {
	if p.Facts.SetUp {
		return
	}
	before := len(d.Reasons)
	d.Reasons = slices.DeleteFunc(d.Reasons, p.followsFromSetUp)
	if len(d.Reasons) < before {
		d.addReason(Ask, fault.New(fault.NotEnrolled, "",
			"the terminal is not known to a backend and has no issuer's key: report once with an enrolment code, "+
				"or install a trust bundle"))
	}
}

func (p *Prepared) followsFromSetUp(r Reason) bool {
	switch r.Code {
	case fault.UnknownIssuer, fault.ClockUntrusted, fault.Unproven, fault.BundleTooOld:
		return true
	case fault.Expired, fault.NotYetValid:
		return r.Outcome == Ask // by a clock for which nobody vouches
	case fault.OtherMerchant:
		return p.Facts.Place.Merchant == ""
	case fault.OtherStore:
		return p.Facts.Place.Store == ""
	}
	return false
}

// weighForgotten asks about an offer that may have been redeemed in a time of which the journal knows nothing.
func (p *Prepared) weighForgotten(d *Decision, l *Ledger) {
	f, cause := &l.Forgotten, record.CauseDamage
	switch {
	case !p.Presented.Identifies():
		return
	case f.covers(&p.Presented):
		cause = f.Cause
	case !f.Shrunk:
		return
	}
	helps := "report, and fetch the trust bundle"
	if f.Manager {
		helps = "records are missing that the backend does not have: a manager or the merchant ends this"
	}
	d.addReason(Ask, fault.New(fault.MayHaveForgotten, "",
		"records of this terminal were lost or its folder was restored (%s), so that it may be redeemed already: %s",
		cause, helps))
}

// weighBlock refuses everything where the merchant blocked this terminal, and says so first.
func (p *Prepared) weighBlock(d *Decision) {
	if err := p.Facts.Blocked; err != nil {
		d.Reasons = slices.Insert(d.Reasons, 0, newReason(Refuse, fault.New(fault.Blocked, "", "%s", err)))
	}
}

// Name adds a redemption to those that a decision names.
func Name(d *Decision, id record.ID) {
	receipt := id.Receipt()
	if len(d.Redemptions) == 0 {
		d.Redemption, d.Receipt = id, receipt
	}
	d.Redemptions, d.Receipts = append(d.Redemptions, id), append(d.Receipts, receipt)
}

// Locate says, of an offer that was redeemed as often as it may be, where and when that was: the newest of the
// redemptions that it is called for. They are of this offer and were not voided.
func (p *Prepared) Locate(d *Decision, use *record.Record) {
	at := wallTime(use)
	for i := range d.Reasons {
		r := &d.Reasons[i]
		if r.Code != fault.AlreadyRedeemed || at.Before(r.At) {
			continue
		}
		r.Where, r.At, r.Other = use.Place, at, p.otherOf(use)
		r.Detail = "it was redeemed here at " + moment(use.Time.Wall) + ": void that first if it was a mistake"
	}
}

// otherOf names a redemption that stands in the way.
func (p *Prepared) otherOf(rec *record.Record) Other {
	o := Other{Redemption: rec.ID, Receipt: rec.ID.Receipt(), Campaign: rec.Campaign}
	if p.Facts.Bundle != nil {
		campaign, _ := p.Facts.Bundle.Campaign(rec.Campaign)
		o.Title = campaign.Title
	}
	return o
}

// wallTime is when a record was made, by the clock of then.
func wallTime(rec *record.Record) time.Time { return time.UnixMilli(rec.Time.Wall).UTC() }
