package redeem

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/outbox"
	"github.com/offlane/offlane/redeem/record"
)

// keepUnknown is how long the identifier of a redemption is remembered whose offer names no end of its validity.
const keepUnknown = 400 * 24 * time.Hour

// keepAfterEnd is how long it is remembered after the offer's end, since a clock may be wrong by Policy.MaxAlone and a manager
// may have overridden it.
const keepAfterEnd = 31 * 24 * time.Hour

// Redeem decides whether the offer that was scanned may be redeemed in this sale and, if so, records it. It returns when the
// record is on disk. A refusal is a Decision. An error means that nothing was recorded, with one exception:
// after fault.OutcomeUnknown the record may be on disk; call again with the same SaleKey. Other errors are
// fault.InvalidRequest, fault.DiskFull, fault.Closed and ctx's own, which is only looked at before the write begins.
func (t *Terminal) Redeem(ctx context.Context, req Request) (Decision, error) {
	t.calls.Add(1)
	d, err := t.decide(ctx, req, t.enter)
	if err == nil {
		t.countTurned(d)
	}
	return d, err
}

// Check decides as Redeem does and writes nothing: the decision names no redemption and holds nothing for this sale. Its errors
// are those of Redeem.
func (t *Terminal) Check(ctx context.Context, req Request) (Decision, error) {
	return t.decide(ctx, req, func(*outbox.View, *candidate) ([]outbox.Entry, error) { return nil, nil })
}

// An enter makes the entries of a candidate that is allowed.
type enter func(*outbox.View, *candidate) ([]outbox.Entry, error)

func (t *Terminal) decide(ctx context.Context, req Request, enter enter) (Decision, error) {
	if err := req.check(); err != nil {
		return Decision{}, err
	}
	c, readable := t.weigh(req)
	if !readable {
		c.decision.settle(nil, true)
		if t.cfg.Policy.Training || req.Training {
			c.train()
		}
		t.tell(Event{Kind: EventDecision, Decision: c.decision})
		return c.decision, nil
	}
	if err := t.openBooks(c); err != nil {
		return Decision{}, err
	}
	if err := t.append(ctx, c, enter); err != nil {
		return Decision{}, err
	}
	t.tell(Event{Kind: EventDecision, Decision: c.decision})
	if c.decision.Outcome == Allow {
		t.wakeUp()
	}
	return c.decision, nil
}

// append takes the candidate through what needs the journal. After an error that leaves the outcome open the booking stays:
// the record may be on disk.
func (t *Terminal) append(ctx context.Context, c *candidate, enter enter) error {
	t.books.gate.RLock()
	defer t.books.gate.RUnlock()
	weighed := c.decision
	err := t.journal.Append(ctx, func(v *outbox.View) ([]outbox.Entry, error) {
		t.takeBackDraft(c)
		c.decision = weighed // the journal may ask more than once
		c.decision.Reasons = slices.Clone(weighed.Reasons)
		return t.commit(v, c, enter)
	})
	if err != nil && !errors.Is(err, fault.OutcomeUnknown) {
		t.takeBackDraft(c)
	}
	return err
}

// takeBackDraft undoes what was counted for a record that is not going to be on disk.
func (t *Terminal) takeBackDraft(c *candidate) {
	t.dropBooking(c)
	t.addTurned(c.turned)
	c.turned = nil
}

// commit runs under the journal's lock: what it reads there stays true until its entries are in.
func (t *Terminal) commit(v *outbox.View, c *candidate, enter enter) ([]outbox.Entry, error) {
	sale, err := redeemedIn(v, c.sale)
	if err != nil {
		return nil, err
	}
	for _, rec := range sale {
		if sameOffer(rec, c.presented) {
			c.repeat(rec)
			return nil, nil
		}
	}
	c.weighCombination(sale)
	if err := cmp.Or(t.weighUses(v, c), t.weighElsewhere(v, c)); err != nil {
		return nil, err
	}
	t.weighLimits(c)
	c.decision.settle(c.req.Override, t.cfg.Policy.Unattended)
	if t.cfg.Policy.Training || c.req.Training {
		c.train()
		return nil, nil
	}
	if c.decision.Outcome != Allow {
		return nil, nil
	}
	return enter(v, c)
}

// train marks a decision of which nothing counts.
func (c *candidate) train() {
	c.decision.Training = true
	c.speaks(Allow, fault.New(fault.Training, "", "the terminal is in training mode: nothing is recorded and nothing counts"))
}

// redeemedIn finds the redemptions of a sale that were not voided, oldest first.
func redeemedIn(v *outbox.View, sale string) ([]record.Record, error) {
	stored, err := recordsOf(v, sale, record.Redemption)
	var live []record.Record
	for _, s := range stored {
		if !s.Voided {
			live = append(live, s.rec)
		}
	}
	return live, err
}

func sameOffer(rec record.Record, p offer.Presented) bool {
	if !rec.Offer.IsZero() && !p.ID.IsZero() {
		return rec.Offer == p.ID
	}
	if rec.Alias != "" || p.Alias != "" {
		return rec.Alias == p.Alias
	}
	return rec.Coupon != "" && rec.Coupon == p.Coupon
}

// repeat turns the candidate's decision into the one that was made for the same sale before.
func (c *candidate) repeat(rec record.Record) {
	d := &c.decision
	d.Outcome, d.Reasons, d.Again = Allow, nil, true
	d.Redemption, d.Receipt = rec.ID, rec.ID.Receipt()
	d.Offer, d.Alias, d.Coupon, d.Campaign = rec.Offer, rec.Alias, rec.Coupon, rec.Campaign
	d.Proven, d.Given, d.GivenBy = rec.Proven, rec.Given, rec.GivenBy
}

// enter makes the record and its journal entry.
func (t *Terminal) enter(v *outbox.View, c *candidate) ([]outbox.Entry, error) {
	rec := t.next(v, record.Redemption, c.time)
	c.describe(&rec)
	rec.Given, rec.GivenBy, rec.Of = c.decision.Given, c.decision.GivenBy, c.decision.Reservation
	if c.req.Override != nil && len(c.decision.Reasons) > 0 {
		rec.Override = &record.Override{Manager: c.req.Override.Manager, Why: c.req.Override.Why, Reasons: codes(c.decision.Reasons)}
	}
	c.turned = t.takeTurned()
	rec.Turned = c.turned
	raw, err := rec.Encode()
	if err != nil {
		return nil, err
	}
	c.decision.Redemption, c.decision.Receipt = rec.ID, rec.ID.Receipt()
	c.decision.Reservation, c.decision.Until = record.ID{}, time.Time{} // it is completed
	c.decision.UsesLeft = max(c.decision.UsesLeft-1, 0)
	t.count(c, rec)
	return append(t.evidenceNote(c.reading), outbox.Entry{
		Kind: outbox.KindRecord, ID: outbox.ID(rec.ID), Keys: c.keys,
		Names: []string{c.sale, receiptKey(c.decision.Receipt)},
		Uses:  1, KeepUntil: keepUntil(c), Payload: raw,
	}), nil
}

// describe fills in what was presented and in which sale.
func (c *candidate) describe(rec *record.Record) {
	rec.Offer, rec.Alias, rec.Campaign = c.presented.ID, c.presented.Alias, c.decision.Campaign
	if !c.presented.Identifies() {
		rec.Coupon = c.presented.Coupon
	}
	rec.Sale, rec.Proven = c.req.sale(), c.decision.Proven
	rec.Exclusive = c.exclusive()
}

// next begins a record at the end of the chain.
func (t *Terminal) next(v *outbox.View, kind record.Kind, at record.Evidence) record.Record {
	number, prev := v.Next()
	return record.Record{
		Kind: kind, ID: record.NewID(), Terminal: t.id.Terminal, Chain: t.chain(v), Number: number, Prev: record.Hash(prev),
		Place: t.place(), Time: at,
	}
}

func keepUntil(c *candidate) time.Time {
	if pass := c.presented.Pass; pass != nil && !pass.NotAfter.IsZero() {
		return pass.NotAfter.Add(keepAfterEnd)
	}
	return time.UnixMilli(max(c.time.Earliest, c.time.Wall)).Add(keepUnknown)
}

func saleKey(key string) string { return "sale:" + key }

func receiptKey(receipt record.Receipt) string { return "receipt:" + string(receipt) }

func codes(reasons []Reason) []fault.Code {
	list := make([]fault.Code, len(reasons))
	for i, r := range reasons {
		list[i] = r.Code
	}
	return list
}
