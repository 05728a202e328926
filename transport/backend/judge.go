package backend

import (
	"errors"
	"math"
	"slices"
	"time"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/backend/rows"
)

// judge makes the entry of an item that is new.
func (b *booking) judge(it *record.Item) *Entry {
	e := &Entry{ID: it.Name, Raw: it.Raw, Hash: it.Hash, Terminal: b.terminal.ID, Place: b.terminal.Place, Day: rows.DayOf(b.now)}
	e.Verdict = record.Verdict{Version: record.Version, Record: it.Name, Hash: it.Hash, Judged: b.now}
	stub := b.entries[it.Name]
	switch {
	case it.Err != nil && !errors.Is(it.Err, fault.Forged):
		b.refuse(e, record.Quarantined, it.Err)
		e.ID = spare(it)
	case stub != nil && stub.Raw != nil:
		b.refuse(e, record.Rejected, fault.New(fault.Conflict, "", "the record id %s stands for other bytes already", it.Name))
		e.ID = spare(it)
	case it.Err != nil:
		b.refuse(e, record.Rejected, it.Err)
		e.ID = spare(it)
	default:
		b.describe(e, &it.Record)
		b.decide(e, &it.Record)
	}
	b.terminal.LastVerdict++
	e.Verdict.Number = b.terminal.LastVerdict
	b.put(e)
	return e
}

// describe copies what reports count by.
func (b *booking) describe(e *Entry, rec *record.Record) {
	e.Kind, e.Given, e.Campaign = rec.Kind, rec.Given, rec.Campaign
	if rec.Place.Store != "" {
		e.Place.Store = rec.Place.Store
	}
	if rec.Place.Lane != "" {
		e.Place.Lane = rec.Place.Lane
	}
	if _, err := time.Parse(time.DateOnly, rec.Sale.BusinessDate); err == nil {
		e.Day = rec.Sale.BusinessDate
	}
}

func (b *booking) decide(e *Entry, rec *record.Record) {
	var err error
	switch {
	case rec.Place.Merchant != "" && rec.Place.Merchant != b.terminal.Place.Merchant:
		err = fault.New(fault.OtherMerchant, "", "the record is of %q, the terminal of %q", rec.Place.Merchant, b.terminal.Place.Merchant)
	case rec.Kind == record.Void:
		err = b.void(e, rec)
	default:
		err = b.redeem(e, rec)
	}
	if err != nil {
		b.refuse(e, record.Rejected, err)
	}
}

func (b *booking) refuse(e *Entry, status record.Status, err error) {
	e.Verdict.Status, e.Verdict.Reason, e.Verdict.Detail = status, fault.CodeOf(err), detailOf(err)
	if status == record.Quarantined {
		e.Verdict.Reason = fault.Quarantined
	}
}

func (b *booking) find(rec *record.Record) *Offer {
	if o := b.offers[rec.Offer]; o != nil && !rec.Offer.IsZero() {
		return o
	}
	return b.aliases[rec.Alias]
}

// redeem books a redemption, or notes a reservation, which takes no use.
func (b *booking) redeem(e *Entry, rec *record.Record) error {
	o, c := b.find(rec), b.coupons[rec.Coupon]
	if o == nil && c != nil {
		return b.redeemCoupon(e, rec, c)
	}
	if o == nil {
		return fault.New(fault.UnknownOffer, "", "this backend never issued the offer")
	}
	if err := b.inForce(e, rec, o, b.campaigns[o.Campaign]); err != nil || rec.Kind == record.Reservation {
		return err
	}
	parts := b.takeVoids(e, o)
	if o.IsSpent() && e.Voided.IsZero() {
		b.duplicate(e, o)
		return nil
	}
	b.countVoids(e, parts)
	latest := b.momentOf(rec, o).Latest
	e.Delay = (latest - o.Accepted) / 1000
	if e.Voided.IsZero() {
		o.Uses = append(o.Uses, Use{Record: e.ID, Terminal: e.Terminal, Place: e.Place, Redeemed: latest, Committed: b.now, Given: rec.Given})
		b.changedOffers[o.ID] = o
	}
	return nil
}

// redeemCoupon books a redemption of a coupon, as long as there is budget when it is committed.
func (b *booking) redeemCoupon(e *Entry, rec *record.Record, c *coupon) error {
	o := &Offer{Campaign: c.ID, NotBefore: c.Starts, NotAfter: c.NotAfter}
	if o.NotAfter == 0 {
		o.NotAfter = math.MaxInt64
	}
	if err := b.inForce(e, rec, o, c.Campaign); err != nil || rec.Kind == record.Reservation {
		return err
	}
	parts := b.takeVoids(e, o)
	if c.Budget != 0 && c.given >= c.Budget && e.Voided.IsZero() {
		return fault.New(fault.OutOfOffers, "", "the budget of the campaign %q was used up by what was booked before", c.ID)
	}
	b.countVoids(e, parts)
	if e.Voided.IsZero() {
		c.given += rec.Given.Amount
	}
	return nil
}

// inForce confirms a record of an offer that was good there and then, or says why it was not.
func (b *booking) inForce(e *Entry, rec *record.Record, o *Offer, c *Campaign) error {
	e.Offer, e.Campaign = o.ID, o.Campaign
	if err := c.MayRedeem(e.Place); err != nil {
		return err
	}
	at := b.momentOf(rec, o)
	vouched := rec.Override != nil && slices.Contains(rec.Override.Reasons, fault.ClockUntrusted)
	if err := judgeTime(at, o, c, vouched, b.now); err != nil {
		return err
	}
	if rec.Sale.BusinessDate == "" {
		e.Day = rows.DayOf(at.Latest)
	}
	e.Verdict.Status = record.Confirmed
	return nil
}

func (b *booking) momentOf(rec *record.Record, o *Offer) record.Moment {
	return record.MomentOf(rec.Time, b.sent, o.Accepted, b.now)
}

// maxAhead is how far in milliseconds a terminal's earliest moment may lie after the backend's present: clocks of several
// backends differ by so much.
const maxAhead = 5 * 60 * 1000

// judgeTime says whether the moment lies in an offer's time, or why not. vouched says that a manager answered for the clock.
func judgeTime(m record.Moment, o *Offer, c *Campaign, vouched bool, now int64) error {
	const op = "backend.judge"
	if m.Earliest > now+maxAhead {
		return fault.New(fault.ClockUntrusted, op, "the terminal's evidence of time lies in the future")
	}
	if early, known := m.Before(o.NotBefore); known && early {
		return fault.New(fault.NotYetValid, op, "it was redeemed before the offer was valid")
	}
	switch inTime, known := m.Before(o.NotAfter); {
	case !known && !vouched:
		return fault.New(fault.ClockUntrusted, op, "the evidence does not show that it was redeemed before the offer expired")
	case known && !inTime:
		return fault.New(fault.Expired, op, "it was redeemed after the offer expired")
	}
	for _, revoked := range []int64{o.Revoked, c.Revoked} {
		if inTime, known := m.Before(revoked); revoked != 0 && !(known && inTime) {
			return fault.New(fault.Revoked, op, "the offer was revoked, and nothing shows that it was redeemed before that")
		}
	}
	return nil
}

func (b *booking) duplicate(e *Entry, o *Offer) {
	first := o.Uses[0]
	reason := fault.RedeemedElsewhere
	if first.Terminal == e.Terminal {
		reason = fault.AlreadyRedeemed
	}
	e.Verdict.Status, e.Verdict.Reason = record.Duplicate, reason
	e.Verdict.Detail = "store " + first.Place.Store + ", lane " + first.Place.Lane + " was booked first"
	e.Verdict.First = &record.First{Place: first.Place, Record: first.Record, Redeemed: first.Redeemed, Committed: first.Committed}
}
