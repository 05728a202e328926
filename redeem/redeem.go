package redeem

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/journal"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
)

// keepUnknown is how long the identifier of a redemption is remembered whose offer names no end of its validity.
const keepUnknown = 400 * 24 * time.Hour

// keepAfterEnd is how long it is remembered after the offer's end, since a clock may be wrong by Policy.MaxAlone and a manager
// may have overridden it.
const keepAfterEnd = 31 * 24 * time.Hour

// Redeem decides whether the offer that was scanned may be redeemed in this sale and, if so, records it. It returns when the
// record is on disk. Repeating the call changes nothing: it is answered with what stands in the record. A refusal is a
// Decision. An error means that nothing was recorded, with one exception:
// after fault.OutcomeUnknown the record may be on disk; call again with the same SaleKey. Other errors are
// fault.InvalidRequest, fault.DiskFull, fault.Closed and ctx's own, which is only looked at before the write begins.
func (t *Terminal) Redeem(ctx context.Context, req Request) (Decision, error) {
	t.calls.Add(1)
	c, err := t.decide(ctx, &req, t.enter)
	if err != nil {
		return Decision{}, err
	}
	t.countTurned(&c.decision)
	return c.decided(), nil
}

// Check decides as Redeem does and writes nothing: the decision names no redemption and holds nothing for this sale. Its errors
// are those of Redeem.
func (t *Terminal) Check(ctx context.Context, req Request) (Decision, error) {
	c, err := t.decide(ctx, &req, func(*journal.View, *candidate) ([]journal.Entry, error) { return nil, nil })
	if err != nil {
		return Decision{}, err
	}
	return c.decided(), nil
}

// An enter makes the entries of a candidate that is allowed.
type enter func(*journal.View, *candidate) ([]journal.Entry, error)

func (t *Terminal) decide(ctx context.Context, req *Request, enter enter) (*candidate, error) {
	if err := req.check(); err != nil {
		return nil, err
	}
	c, readable := t.weigh(req)
	if !readable {
		c.decision.settle(nil, true)
		if t.cfg.Policy.Training || req.Training {
			c.train()
		}
		t.tellDecision(c)
		return c, nil
	}
	if err := t.openBooks(c); err != nil {
		return nil, err
	}
	if err := t.conclude(ctx, c, enter); err != nil {
		return nil, err
	}
	t.tellDecision(c)
	if c.decision.Outcome == Allow {
		t.wakeUp()
	}
	return c, nil
}

func (t *Terminal) tellDecision(c *candidate) {
	if t.cfg.OnEvent != nil {
		t.tell(Event{Kind: EventDecision, Decision: c.decision})
	}
}

// conclude comes to the decision. Where a call that this one repeats was cut short, it finishes that first.
func (t *Terminal) conclude(ctx context.Context, c *candidate, enter enter) error {
	c.keep()
	err := t.append(ctx, c, enter)
	if err != nil || len(c.cut) == 0 || !t.wasNeverVouched(c.cut) {
		return err
	}
	if err := t.append(ctx, c, t.complete); err != nil {
		return err
	}
	return t.append(ctx, c, enter)
}

// append takes the candidate through what needs the journal. After an error that leaves the outcome open the booking stays:
// the record may be on disk.
func (t *Terminal) append(ctx context.Context, c *candidate, enter enter) error {
	t.books.gate.RLock()
	defer t.books.gate.RUnlock()
	err := t.journal.Append(ctx, func(v *journal.View) ([]journal.Entry, error) {
		t.takeBackDraft(c)
		c.restart()
		return t.commit(v, c, enter)
	})
	if err != nil && !errors.Is(err, fault.OutcomeUnknown) {
		t.takeBackDraft(c)
	}
	c.booked, c.turned = nil, nil
	t.markAfter(markStep)
	return err
}

// takeBackDraft undoes what was counted for a record that is not going to be on disk.
func (t *Terminal) takeBackDraft(c *candidate) {
	t.dropBooking(c)
	t.addTurned(c.turned)
	c.turned = nil
}

// commit runs under the journal's lock: what it reads there stays true until its entries are in.
func (t *Terminal) commit(v *journal.View, c *candidate, enter enter) ([]journal.Entry, error) {
	sale, earlier, err := soldIn(v, c)
	if err = c.unread(err); err != nil {
		return nil, err
	}
	if earlier != nil {
		return nil, t.conflict(v, c, *earlier)
	}
	if same := ofOffer(sale, c.presented); len(same) > 0 {
		return t.repeat(v, c, same, enter)
	}
	c.weighCombination(sale)
	if err := cmp.Or(t.weighUses(v, c), t.weighElsewhere(v, c)); err != nil {
		return nil, err
	}
	t.weighLimits(c)
	c.keepPromise()
	t.weighEnrolment(c)
	t.weighForgotten(c)
	t.weighBlock(c)
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

// enter makes the records, one for each use, and their journal entries. Of a repeated call it looks at what an earlier
// one left undone.
func (t *Terminal) enter(v *journal.View, c *candidate) ([]journal.Entry, error) {
	if c.decision.Again {
		return nil, t.lookForCut(v, c)
	}
	b := t.batch(v, c.time, c.place)
	d := &c.decision
	c.turned = t.takeTurned()
	of, turned, pass := d.Reservation, c.turned, passText(c.req.Scanned, &c.presented)
	shares := c.shares()
	for i := range c.uses {
		mine, rec := share{d.Given, d.Discount}, b.next(record.Redemption)
		if shares != nil {
			mine = shares[i]
		}
		c.describe(&rec)
		rec.Given, rec.GivenBy, rec.Of, rec.Override, rec.Turned = mine.given, d.GivenBy, of, c.override(), turned
		of, turned = record.ID{}, nil // the first one's
		d.name(rec.ID)
		if c.uses > 1 {
			rec.Group = d.Redemptions[0]
		}
		if err := t.addUse(&b, c, &rec, d.Receipts[i], attach(pass, mine.discount, i, c.uses)); err != nil {
			return nil, err
		}
	}
	d.Reservation, d.Until = record.ID{}, time.Time{} // it is completed
	d.UsesLeft = c.granted.left(c.uses, 0)
	return t.withNote(c, &b), nil
}

// addUse adds the record of one use and counts it.
func (t *Terminal) addUse(b *batch, c *candidate, rec *record.Record, receipt record.Receipt, kept []byte) error {
	err := b.add(rec, journal.Entry{
		Keys: c.keys, Names: []string{c.sale, receiptKey(receipt)}, Uses: 1, KeepUntil: keepUntil(c), Attachment: kept,
	})
	if err == nil {
		t.count(c, rec)
	}
	return err
}

// withNote adds the count of time to a batch, where that is due.
func (t *Terminal) withNote(c *candidate, b *batch) []journal.Entry {
	if note := t.countNote(c.reading); note != nil {
		return append(note, b.entries...)
	}
	return b.entries
}

// name adds a record to those that the decision names.
func (d *Decision) name(id record.ID) {
	receipt := id.Receipt()
	if len(d.Redemptions) == 0 {
		d.Redemption, d.Receipt = id, receipt
	}
	d.Redemptions, d.Receipts = append(d.Redemptions, id), append(d.Receipts, receipt)
}

// override is what the record says of a manager's word; nil where none was needed.
func (c *candidate) override() *record.Override {
	if c.req.Override == nil || len(c.decision.Reasons) == 0 {
		return nil
	}
	return &record.Override{Manager: c.req.Override.Manager, Why: c.req.Override.Why,
		Reasons: codes(c.decision.Reasons)}
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

func keepUntil(c *candidate) time.Time {
	at := c.time
	at.Earliest = max(at.Earliest, c.claimed) // what nothing confirms may be true
	return keepOf(c.presented.Pass, at)
}

// keepOf is until when a record about an offer counts at least; the pass is nil where it is not known.
func keepOf(pass *offer.Pass, at record.Evidence) time.Time {
	if pass != nil && !pass.NotAfter.IsZero() {
		return pass.NotAfter.Add(keepAfterEnd)
	}
	return time.UnixMilli(max(at.Earliest, at.Wall)).Add(keepUnknown)
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
