package redeem

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/offlane/offlane/redeem/decision"
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/internal/evidence"
	"github.com/offlane/offlane/redeem/journal"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/redeem/terms"
)

// keepUnknown is how long the identifier of a redemption is remembered whose offer names no end of its validity.
const keepUnknown = 400 * 24 * time.Hour

// keepAfterEnd is how long it is remembered after the offer's end, since a clock may be wrong by Policy.MaxAlone and a
// manager may have overridden it.
const keepAfterEnd = 31 * 24 * time.Hour

// Redeem decides whether the offer that was scanned may be redeemed in this sale and, if so, records it. It returns
// when the record is on disk. Repeating the call changes nothing: it is answered with what stands in the record. A
// refusal is a Decision. An error means that nothing was recorded, with one exception:
// after fault.OutcomeUnknown the record may be on disk; call again with the same SaleKey. Other errors are
// fault.InvalidRequest, fault.DiskFull, fault.Closed and ctx's own, which is only looked at before the write begins.
func (t *Terminal) Redeem(ctx context.Context, req Request) (Decision, error) {
	t.reporter.AddSale()
	d, err := t.decide(ctx, &req, t.redeemer.makeRedemptions)
	if err == nil {
		t.redeemer.notAllowed.count(&d)
	}
	return d, err
}

// Check decides as Redeem does and writes nothing: the decision names no redemption and holds nothing for this sale.
// The hub of the store is not asked. Its errors are those of Redeem.
func (t *Terminal) Check(ctx context.Context, req Request) (Decision, error) {
	return t.decide(ctx, &req, nil)
}

// decide comes to a decision, tells it, and has the reporter know where something was recorded.
func (t *Terminal) decide(ctx context.Context, req *Request, makeEntries entryMaker) (Decision, error) {
	c, err := t.redeemer.decide(ctx, req, makeEntries)
	if err != nil {
		return Decision{}, err
	}
	t.events.addDecision(&c.decision)
	if c.Readable && c.decision.Outcome == Allow {
		t.reporter.Wake()
	}
	return c.result(), nil
}

// A redeemer decides about offers, and records redemptions and reservations.
type redeemer struct {
	*recorder
	lapses  *lapses
	marker  *marker
	hasKeys bool // issuers' keys are configured
}

// An entryMaker makes the entries of a candidate that is allowed; nil: there are none to make.
type entryMaker func(*journal.View, *candidate) ([]journal.Entry, error)

// decide comes to the decision about a request, and records what makeEntries makes where it is allowed.
func (r *redeemer) decide(ctx context.Context, req *Request, makeEntries entryMaker) (*candidate, error) {
	if err := req.Check(); err != nil {
		return nil, invalid("redeem.Redeem", err)
	}
	c := r.prepare(req)
	if !c.Readable {
		c.decision, _ = c.Decide(&c.ledger)
		return c, nil
	}
	if err := r.conclude(ctx, c, makeEntries); err != nil {
		return nil, err
	}
	return c, nil
}

// countLimits counts the limits from the journal if one applies to the candidate and that was not done yet.
func (r *redeemer) countLimits(c *candidate) error {
	if !c.NeedsCounters() {
		return nil
	}
	return r.limits.Load(r.journal, evidence.Now(c.Facts.Time))
}

// conclude comes to the decision, and records it if there is something to make.
func (r *redeemer) conclude(ctx context.Context, c *candidate, makeEntries entryMaker) error {
	switch {
	case makeEntries == nil:
		return r.check(ctx, c)
	case r.hub != nil && len(c.keys) > 0 && !r.isTraining(c.Request.Training):
		return r.recordClaimed(ctx, c, makeEntries)
	}
	return r.record(ctx, c, makeEntries)
}

// record comes to the decision and records it. Where a call that this one repeats was cut short, it finishes that
// first.
func (r *redeemer) record(ctx context.Context, c *candidate, makeEntries entryMaker) error {
	err := r.append(ctx, c, makeEntries)
	if err != nil || len(c.cut) == 0 || !r.wasNeverVouched(c.cut) {
		return err
	}
	if err := r.append(ctx, c, r.makeMissing); err != nil {
		return err
	}
	return r.append(ctx, c, makeEntries)
}

// check comes to the decision and records nothing.
func (r *redeemer) check(ctx context.Context, c *candidate) error {
	if err := r.countLimits(c); err != nil {
		return err
	}
	return r.journal.Read(ctx, func(v *journal.View) error {
		_, err := r.commit(v, c, nil)
		return err
	})
}

// append takes the candidate through what needs the journal. After an error that leaves the outcome open what was
// counted stays: the record may be on disk.
func (r *redeemer) append(ctx context.Context, c *candidate, makeEntries entryMaker) error {
	if err := r.countLimits(c); err != nil {
		return err
	}
	err := r.appendAndTell(ctx, func(v *journal.View) ([]journal.Entry, error) {
		r.undoCounts(c)
		return r.commit(v, c, makeEntries)
	})
	if err != nil && !errors.Is(err, fault.OutcomeUnknown) {
		r.undoCounts(c)
	}
	c.counted, c.notAllowed = nil, nil
	r.marker.follow(markStep)
	return err
}

// undoCounts undoes what was counted for a record that is not going to be on disk.
func (r *redeemer) undoCounts(c *candidate) {
	if len(c.counted) > 0 {
		r.limits.Remove(c.counted...)
		c.counted = nil
	}
	r.notAllowed.add(c.notAllowed)
	c.notAllowed = nil
}

// commit runs under the journal's lock.
func (r *redeemer) commit(v *journal.View, c *candidate, makeEntries entryMaker) ([]journal.Entry, error) {
	if err := r.fillLedger(v, c); err != nil {
		return nil, err
	}
	if err := r.useClaim(c); err != nil {
		return nil, err
	}
	var repeats []int
	c.decision, repeats = c.Decide(&c.ledger)
	if len(repeats) > 0 {
		return r.repeat(v, c, repeats, makeEntries)
	}
	if err := c.locate(v); err != nil {
		return nil, err
	}
	if c.decision.Outcome != Allow || c.decision.Training || makeEntries == nil {
		return nil, nil
	}
	return makeEntries(v, c)
}

// makeRedemptions makes the records, one for each use, and their journal entries. Of a repeated call it looks at what
// an earlier one left undone.
func (r *redeemer) makeRedemptions(v *journal.View, c *candidate) ([]journal.Entry, error) {
	if c.decision.Again {
		return nil, r.lookForCut(v, c)
	}
	b := r.batch(v, c.Facts.Time, c.Facts.Place)
	d := &c.decision
	c.notAllowed = r.notAllowed.remove()
	of, notAllowed, pass := d.Reservation, c.notAllowed, passText(c.Request.Scanned, &c.Presented)
	shares := c.shares()
	for i := range c.Uses {
		mine, rec := share{d.Given, d.Discount}, b.next(record.Redemption)
		if shares != nil {
			mine = shares[i]
		}
		c.describe(&rec)
		rec.Given, rec.GivenBy, rec.Of, rec.Override, rec.Turned = mine.given, d.GivenBy, of, c.override(), notAllowed
		rec.Products = productsOf(c.Request.Sale, mine.discount)
		of, notAllowed = record.ID{}, nil // the first one's
		decision.Name(d, rec.ID)
		if c.Uses > 1 {
			rec.Group = d.Redemptions[0]
		}
		if err := r.addUse(&b, c, &rec, d.Receipts[i], attach(pass, mine.discount, i, c.Uses)); err != nil {
			return nil, err
		}
	}
	d.Reservation, d.Until = record.ID{}, time.Time{} // it is completed
	d.UsesLeft = c.UsesLeft(&c.ledger, c.Uses, 0)
	return r.withNote(c, &b), nil
}

// productsOf are the GTINs of the lines of a sale that a discount is on, each once and no more than a record has.
func productsOf(sale terms.Sale, d terms.Discount) (products []string) {
	for i, off := range d.Lines {
		if i == len(sale.Lines) || len(products) == record.MaxProducts {
			break
		}
		if gtin := sale.Lines[i].GTIN; off > 0 && gtin != "" && !slices.Contains(products, gtin) {
			products = append(products, gtin)
		}
	}
	return products
}

// addUse adds the record of one use and counts it.
func (r *redeemer) addUse(b *batch, c *candidate, rec *record.Record, receipt record.Receipt, kept []byte) error {
	err := b.add(rec, journal.Entry{
		CountedKeys: c.keys, LookupKeys: []string{c.sale, receiptKey(receipt)}, Uses: 1, KeepUntil: keepUntil(c),
		Attachment: kept,
	})
	if err == nil && r.limits.Add(rec, evidence.Now(c.Facts.Time)) {
		c.counted = append(c.counted, rec.ID)
	}
	return err
}

// withNote adds the count of time to a batch, where that is due.
func (r *recorder) withNote(c *candidate, b *batch) []journal.Entry {
	notes := r.clock.CountNotes(c.reading)
	if notes == nil {
		return b.entries
	}
	entries := make([]journal.Entry, 0, len(notes)+len(b.entries))
	for _, n := range notes {
		entries = append(entries, journal.Entry{Slot: n.Slot, Payload: n.Value})
	}
	return append(entries, b.entries...)
}

// override is what the record says of a manager's word; nil where none was needed.
func (c *candidate) override() *record.Override {
	by := c.Request.Override
	if by == nil || len(c.decision.Reasons) == 0 {
		return nil
	}
	return &record.Override{Manager: by.Manager, Why: by.Why, Reasons: codes(c.decision.Reasons)}
}

// describe fills in what was presented and in which sale.
func (c *candidate) describe(rec *record.Record) {
	rec.Offer, rec.Alias, rec.Campaign = c.Presented.ID, c.Presented.Alias, c.decision.Campaign
	if !c.Presented.Identifies() {
		rec.Coupon = c.Presented.Coupon
	}
	rec.Sale, rec.Proven, rec.Exclusive = decision.SaleOf(&c.Request), c.decision.Proven, c.Exclusive()
	rec.Notes, rec.Claim = c.decision.Notes, c.claimOf()
}

func keepUntil(c *candidate) time.Time {
	at := c.Facts.Time
	at.Earliest = max(at.Earliest, c.Facts.Claimed) // what nothing confirms may be true
	return keepOf(c.Presented.Pass, at)
}

// keepOf is until when a record about an offer counts at least; the pass is nil where it is not known.
func keepOf(pass *offer.Pass, at record.Evidence) time.Time {
	if pass != nil && !pass.NotAfter.IsZero() {
		return pass.NotAfter.Add(keepAfterEnd)
	}
	return time.UnixMilli(max(at.Earliest, at.Wall)).Add(keepUnknown)
}

func codes(reasons []Reason) []fault.Code {
	list := make([]fault.Code, len(reasons))
	for i, r := range reasons {
		list[i] = r.Code
	}
	return list
}
