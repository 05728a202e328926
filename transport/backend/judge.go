package backend

import (
	"cmp"
	"errors"
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
	taken := cmp.Or(b.entries[it.Name], &Entry{}).Raw != nil
	switch {
	case it.Err != nil && !errors.Is(it.Err, fault.Forged):
		b.refuse(e, record.Quarantined, it.Err)
	case taken:
		b.refuse(e, record.Rejected, fault.New(fault.Conflict, "", "the record id %s stands for other bytes already", it.Name))
	case it.Err != nil:
		b.refuse(e, record.Rejected, it.Err)
	default:
		b.describe(e, &it.Record)
		b.decide(e, &it.Record)
	}
	if taken || it.Err != nil {
		e.ID = spare(it)
	}
	b.terminal.LastVerdict++
	e.Verdict.Number = b.terminal.LastVerdict
	b.put(e)
	return e
}

// describe copies what reports count by.
func (b *booking) describe(e *Entry, rec *record.Record) {
	e.Kind, e.Given, e.Campaign = rec.Kind, rec.Given, rec.Campaign
	e.Place.Store, e.Place.Lane = cmp.Or(rec.Place.Store, e.Place.Store), cmp.Or(rec.Place.Lane, e.Place.Lane)
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

// maxDetail is how many bytes of an error a person is told.
const maxDetail = 400

func (b *booking) refuse(e *Entry, status record.Status, err error) {
	e.Verdict.Status, e.Verdict.Reason = status, fault.CodeOf(err)
	if status == record.Quarantined {
		e.Verdict.Reason = fault.Quarantined
	}
	if f, ok := errors.AsType[*fault.Error](err); ok {
		e.Verdict.Detail = f.Detail[:min(len(f.Detail), maxDetail)]
	}
}

func (b *booking) find(rec *record.Record) *Offer {
	return cmp.Or(b.offers[rec.Offer], b.aliases[rec.Alias])
}

// redeem books a redemption, or notes a reservation, which takes no use.
func (b *booking) redeem(e *Entry, rec *record.Record) error {
	o, c := b.find(rec), b.coupons[rec.Coupon]
	switch {
	case o != nil:
		c = nil
	case c != nil:
		o = c.offer()
	default:
		return fault.New(fault.UnknownOffer, "", "this backend never issued the offer")
	}
	if err := b.inForce(e, rec, o); err != nil || rec.Kind == record.Reservation {
		return err
	}
	parts := b.takeVoids(e, o)
	switch {
	case !e.Voided.IsZero(): // the pair takes no use and no budget
	case o.IsSpent():
		b.duplicate(e, o)
		return nil
	case c != nil && c.Budget != 0 && c.given >= c.Budget:
		return fault.New(fault.OutOfOffers, "", "the budget of the campaign %q was used up by what was booked before", c.ID)
	}
	b.countVoids(e, parts)
	b.use(e, rec, o, c)
	return nil
}

// use takes the use, or what a coupon has of it, its budget.
func (b *booking) use(e *Entry, rec *record.Record, o *Offer, c *coupon) {
	latest := b.momentOf(rec, o).Latest
	if c == nil {
		e.Delay = (latest - o.Accepted) / 1000
	}
	switch {
	case !e.Voided.IsZero():
	case c != nil:
		c.given += rec.Given.Amount
	default:
		o.Uses = append(o.Uses, Use{Record: e.ID, Terminal: e.Terminal, Place: e.Place, Redeemed: latest, Committed: b.now, Given: rec.Given})
		b.changedOffers[o.ID] = o
	}
}

// inForce confirms a record of an offer that was good there and then, or says why it was not.
func (b *booking) inForce(e *Entry, rec *record.Record, o *Offer) error {
	e.Offer, e.Campaign = o.ID, o.Campaign
	c := b.campaigns[o.Campaign]
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
