package redeem

import (
	"context"
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
	if err := req.check(); err != nil {
		return Decision{}, err
	}
	c, readable := t.weigh(req)
	if !readable {
		c.decision.settle(nil, true)
		t.tell(Event{Kind: EventDecision, Decision: c.decision})
		return c.decision, nil
	}
	weighed := c.decision
	err := t.journal.Append(ctx, func(v *outbox.View) ([]outbox.Entry, error) {
		c.decision = weighed // the journal may ask more than once
		c.decision.Reasons = slices.Clone(weighed.Reasons)
		return t.commit(v, c)
	})
	if err != nil {
		return Decision{}, err
	}
	t.tell(Event{Kind: EventDecision, Decision: c.decision})
	if c.decision.Outcome == Allow {
		t.wakeUp()
	}
	return c.decision, nil
}

// commit runs under the journal's lock: what it reads there stays true until its entries are in.
func (t *Terminal) commit(v *outbox.View, c *candidate) ([]outbox.Entry, error) {
	before, found, err := sameSale(v, c)
	if err != nil {
		return nil, err
	}
	if found {
		c.repeat(before)
		return nil, nil
	}
	if err := t.weighUses(v, c); err != nil {
		return nil, err
	}
	c.decision.settle(c.req.Override, t.cfg.Policy.Unattended)
	if c.decision.Outcome != Allow {
		return nil, nil
	}
	return t.enter(v, c)
}

// sameSale finds the redemption of this offer in this sale that was not voided, if there is one.
func sameSale(v *outbox.View, c *candidate) (record.Record, bool, error) {
	ids, err := v.Find(saleKey(c.req.SaleKey))
	if err != nil {
		return record.Record{}, false, err
	}
	for _, id := range ids {
		stored, ok, err := v.Get(id)
		if err != nil {
			return record.Record{}, false, err
		}
		if !ok || stored.Voided {
			continue
		}
		rec, err := record.Decode(stored.Payload)
		if err == nil && rec.Kind == record.Redemption && sameOffer(rec, c.presented) {
			return rec, true, nil
		}
	}
	return record.Record{}, false, nil
}

func sameOffer(rec record.Record, p offer.Presented) bool {
	if !rec.Offer.IsZero() && !p.ID.IsZero() {
		return rec.Offer == p.ID
	}
	return rec.Alias != "" && rec.Alias == p.Alias
}

// repeat turns the candidate's decision into the one that was made for the same sale before.
func (c *candidate) repeat(rec record.Record) {
	d := &c.decision
	d.Outcome, d.Reasons, d.Again = Allow, nil, true
	d.Redemption, d.Receipt = rec.ID, rec.ID.Receipt()
	d.Offer, d.Alias, d.Campaign = rec.Offer, rec.Alias, rec.Campaign
	d.Proven, d.Given = rec.Proven, rec.Given
}

// weighUses refuses where this terminal has granted as many uses as it may. A pass says how many that are; zero is one.
func (t *Terminal) weighUses(v *outbox.View, c *candidate) error {
	allowed := 1
	if c.presented.Pass != nil {
		allowed = c.presented.Pass.MaxOfflineUses()
	}
	var used int
	var spent string
	for _, key := range offerKeys(c.presented) {
		if n := v.Uses(key); n > used {
			used, spent = n, key
		}
	}
	if used < allowed {
		return nil
	}
	reason := Reason{Code: fault.AlreadyRedeemed, Outcome: Refuse, Limit: int64(allowed), Used: int64(used)}
	reason.Detail = "this terminal has granted every use that it may"
	if last, ok, err := lastUse(v, spent); err != nil {
		return err
	} else if ok {
		reason.Where, reason.At = last.Place, time.UnixMilli(last.Time.Wall).UTC()
		reason.Detail = "it was redeemed here at " + moment(last.Time.Wall)
	}
	c.decision.Reasons = append(c.decision.Reasons, reason)
	return nil
}

// lastUse finds the newest redemption with a key that was not voided.
func lastUse(v *outbox.View, key string) (record.Record, bool, error) {
	ids, err := v.Find(key)
	if err != nil {
		return record.Record{}, false, err
	}
	for i := len(ids) - 1; i >= 0; i-- {
		stored, ok, err := v.Get(ids[i])
		if err != nil {
			return record.Record{}, false, err
		}
		if !ok || stored.Voided {
			continue
		}
		if rec, err := record.Decode(stored.Payload); err == nil && rec.Kind == record.Redemption {
			return rec, true, nil
		}
	}
	return record.Record{}, false, nil
}

// enter makes the record and its journal entry.
func (t *Terminal) enter(v *outbox.View, c *candidate) ([]outbox.Entry, error) {
	rec := t.next(v, record.Redemption, c.time)
	rec.Offer, rec.Alias, rec.Campaign = c.presented.ID, c.presented.Alias, c.decision.Campaign
	rec.Sale, rec.Given, rec.Proven = c.req.sale(), c.decision.Given, c.decision.Proven
	if c.req.Override != nil && len(c.decision.Reasons) > 0 {
		rec.Override = &record.Override{Manager: c.req.Override.Manager, Why: c.req.Override.Why, Reasons: codes(c.decision.Reasons)}
	}
	raw, err := rec.Encode()
	if err != nil {
		return nil, err
	}
	c.decision.Redemption, c.decision.Receipt = rec.ID, rec.ID.Receipt()
	return append(t.evidenceNote(), outbox.Entry{
		Kind: outbox.KindRecord, ID: outbox.ID(rec.ID), Keys: offerKeys(c.presented), Names: []string{saleKey(c.req.SaleKey)},
		Uses: 1, KeepUntil: keepUntil(c), Payload: raw,
	}), nil
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

// offerKeys are the names under which a use is counted: one offer in two dresses is still one.
func offerKeys(p offer.Presented) []string {
	if !p.Identifies() {
		return nil // a coupon without a serial is no identifier; its campaign's budget bounds it
	}
	return usesOf(p.ID, p.Alias)
}

func usesOf(id offer.ID, alias string) []string {
	var keys []string
	if !id.IsZero() {
		keys = append(keys, "offer:"+string(id[:]))
	}
	if alias != "" {
		keys = append(keys, "alias:"+alias)
	}
	return keys
}

func saleKey(key string) string { return "sale:" + key }

func codes(reasons []Reason) []fault.Code {
	list := make([]fault.Code, len(reasons))
	for i, r := range reasons {
		list[i] = r.Code
	}
	return list
}
