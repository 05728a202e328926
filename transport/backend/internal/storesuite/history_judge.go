package storesuite

import (
	"slices"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/backend/internal/rules"
	"github.com/offlane/offlane/transport/wire"
)

// A plainReport is what a till sends, before it is sealed.
type plainReport struct {
	till  *till
	run   []*kept
	sent  record.Evidence
	after uint64
	// uploaded says that the merchant brought it.
	uploaded bool
	// gap says that earlier records lack, so that those of the report are asked for again after them.
	gap bool
	// passes are those beside the records; nil: none were asked for. stand are the verdicts that statements show.
	passes []*pass
	stand  map[record.Hash]record.Verdict
}

// first is the number of the report's first record; 0: it has none.
func (r *plainReport) first() uint64 {
	if len(r.run) == 0 {
		return 0
	}
	return uint64(r.run[0].number())
}

// An expected answer has the facts as they were when each record was answered, and the records that are wanted again.
type expected struct {
	items  []fact
	wanted []record.ID
}

// take books a report.
func (b *plainBooks) take(r *plainReport) (answer expected) {
	b.giveUp(r.till)
	before, _ := b.missing(r.till, r.first())
	r.gap = !b.restored.IsZero() && r.passes == nil && !r.uploaded && len(before) > 0 && before[0].First < r.first()
	for i, k := range r.run {
		f := b.byHash(k.hash)
		if f == nil && b.wants(r, k) {
			answer.wanted = append(answer.wanted, k.id)
			continue
		}
		if f == nil {
			f = b.judge(r, i)
		}
		if b.came[r.till] == nil {
			b.came[r.till] = map[uint64]bool{}
		}
		b.came[r.till][uint64(k.number())] = true
		answer.items = append(answer.items, *f)
	}
	return answer
}

// wants says whether a record is asked for again: something was restored, its offer is not known or earlier records of
// the till lack, and nothing came beside it.
func (b *plainBooks) wants(r *plainReport, k *kept) bool {
	rec := k.rec
	if b.restored.IsZero() || r.passes != nil || !k.readable {
		return false
	}
	if r.gap {
		return true
	}
	if rec.Kind == record.Release {
		return false
	}
	if (rec.Kind == record.Void || rec.Kind == record.Correction) && b.byID(rec.Of) != nil {
		return false
	}
	return (!rec.Offer.IsZero() || rec.Alias != "") && b.offerBy(rec.Offer, rec.Alias) == nil
}

// judge makes a fact of a record that is new.
func (b *plainBooks) judge(r *plainReport, i int) *fact {
	k := r.run[i]
	at := r.till.place
	f := &fact{till: r.till, hash: k.hash, id: k.id, rec: k.rec, merchant: at.Merchant, store: at.Store,
		day: utcDay(b.millis())}
	switch {
	case !k.readable:
		f.refuse(record.Quarantined, fault.Quarantined)
		f.spare = true
		b.facts = append(b.facts, f)
		b.settleUnbooked(f)
		return f
	case b.byID(k.id) != nil:
		f.refuse(record.Rejected, fault.Conflict)
		f.spare = true
		b.facts = append(b.facts, f)
		return f
	}
	b.decide(r, i, f)
	b.facts = append(b.facts, f)
	if f.kind == record.Redemption && f.effect != gave {
		b.settleUnbooked(f)
	}
	b.settleForeign(f)
	return f
}

func (f *fact) refuse(status record.Status, reason fault.Code) {
	f.effect, f.status, f.reason = nothing, status, reason
}

func (f *fact) reject(reason fault.Code) { f.refuse(record.Rejected, reason) }

// decide says what becomes of a record that can be read.
func (b *plainBooks) decide(r *plainReport, i int, f *fact) {
	rec := f.rec
	f.kind, f.given, f.campaign = rec.Kind, rec.Given, b.claimedCampaign(f)
	verdict, stands := r.stand[f.hash]
	if rec.Place.Merchant != f.merchant {
		b.date(r, f)
		f.reject(fault.OtherMerchant)
		return
	}
	if stands && verdict.Status != record.Confirmed {
		b.date(r, f)
		if o := b.offerBy(rec.Offer, rec.Alias); o != nil && hasPart(o.campaign, f.merchant) {
			f.offer, f.campaign = o, o.campaign.ID
		}
		f.refuse(verdict.Status, verdict.Reason)
		if verdict.First != nil {
			f.first = verdict.First.Record
		}
		return
	}
	if f.stood, f.said = stands, rec.Given; stands && verdict.Booked != nil {
		f.said = *verdict.Booked
	}
	b.takeUp(r, i, f)
	b.date(r, f)
	switch rec.Kind {
	case record.Void, record.Correction:
		b.giveBack(f)
	case record.Release:
		b.release(f)
	default:
		b.redeem(r, f)
	}
}

// takeUp makes an offer known again from its pass, if it was issued in the period that the operator declared.
func (b *plainBooks) takeUp(r *plainReport, i int, f *fact) {
	rec := f.rec
	names := !rec.Offer.IsZero() || rec.Alias != ""
	if b.restored.IsZero() || r.passes == nil || !names || b.offerBy(rec.Offer, rec.Alias) != nil {
		return
	}
	p := r.passes[i]
	issued := func() bool { return p.issued >= b.restored.From.UnixMilli() && p.issued < b.restored.Until.UnixMilli() }
	fits := func() bool {
		return (rec.Offer.IsZero() || rec.Offer == p.id) && (rec.Alias == "" || rec.Alias == p.alias)
	}
	if p == nil || !issued() || !fits() || !slices.Contains(p.audience, f.merchant) {
		if rec.Kind == record.Redemption {
			b.flag(f, "unrecovered")
		}
		return
	}
	b.accept(p, p.issued)
	b.offers[len(b.offers)-1].recovered = true
	b.flag(f, "recovered")
}

// claimedCampaign is the campaign that a record names, where its merchant has a part in it.
func (b *plainBooks) claimedCampaign(f *fact) string {
	for _, c := range b.campaigns {
		if c.ID == f.rec.Campaign && hasPart(c, f.merchant) {
			return c.ID
		}
	}
	return ""
}

// release gives up a reservation of the same till.
func (b *plainBooks) release(f *fact) {
	f.status = record.Confirmed
	held := b.byID(f.rec.Of)
	switch {
	case held == nil, f.stood && held.till != f.till:
	case held.till != f.till || held.kind != record.Reservation:
		f.reject(fault.NotFound)
	case held.voided.IsZero():
		held.voided, f.offer = f.id, held.offer
		if held.campaign != "" {
			f.campaign = held.campaign
		}
	}
}

// redeem books a redemption or a reservation.
func (b *plainBooks) redeem(r *plainReport, f *fact) {
	o := b.offerBy(f.rec.Offer, f.rec.Alias)
	coupon := b.couponOf(f)
	switch {
	case o != nil:
		if coupon = nil; hasPart(o.campaign, f.merchant) || f.stood {
			f.offer, f.campaign = o, o.campaign.ID
		}
	case coupon != nil:
		f.campaign = coupon.ID
	case !f.stood:
		f.reject(fault.UnknownOffer)
		return
	}
	if !f.stood {
		if reason := b.reasonAgainst(f, o, coupon); reason != "" {
			f.reject(reason)
			return
		}
	}
	f.status = record.Confirmed
	if f.kind == record.Reservation {
		return
	}
	pair := b.isTakenBackAtOnce(f)
	switch {
	case f.stood || pair:
	case o != nil && len(b.uses(o)) >= o.maxUses:
		b.duplicate(f, b.uses(o)[0])
		return
	case coupon != nil && coupon.Budget > 0 && b.budgetLeft(coupon) <= 0:
		f.reject(fault.OutOfOffers)
		return
	}
	f.effect = gave
	if o != nil {
		f.delay = (f.latest - o.accepted) / 1000
	}
	if c := b.campaignOf(f); (o != nil || coupon != nil) && c != nil && isOver(c, f.given) {
		b.flag(f, "over-terms")
	}
	b.settle(f)
}

func (b *plainBooks) duplicate(f, first *fact) {
	f.refuse(record.Duplicate, fault.RedeemedElsewhere)
	if first.till == f.till {
		f.reason = fault.AlreadyRedeemed
	}
	f.first = first.id
}

// couponOf is the campaign whose coupon without a serial a record presents at a merchant of it.
func (b *plainBooks) couponOf(f *fact) *wire.Campaign {
	for _, c := range b.campaigns {
		shown := f.rec.Coupon != "" && f.rec.Coupon == rules.CouponPrefix+c.Coupon
		if shown && hasPart(c, f.merchant) && b.honourEnd(c, f.merchant) > 0 {
			return c
		}
	}
	return nil
}

func (b *plainBooks) campaignOf(f *fact) *wire.Campaign {
	for _, c := range b.campaigns {
		if c.ID == f.campaign {
			return c
		}
	}
	return nil
}

// reasonAgainst says why an offer or a coupon could not be redeemed there and then; empty: it could.
func (b *plainBooks) reasonAgainst(f *fact, o *plainOffer, coupon *wire.Campaign) fault.Code {
	c, notBefore, notAfter, revoked := coupon, int64(0), int64(0), int64(0)
	if o != nil {
		c, notBefore, notAfter, revoked = o.campaign, o.notBefore, b.endFor(f, o), o.revoked
	} else {
		notAfter = b.honourEnd(c, f.merchant)
	}
	switch {
	case o != nil && !slices.Contains(o.audience, f.merchant):
		return fault.OtherMerchant
	case len(c.Stores) > 0 && !slices.Contains(c.Stores, f.store):
		return fault.OtherStore
	}
	if reason := b.reasonOfTime(f, notBefore, notAfter, revoked, b.revoked[c.ID]); reason != "" {
		return reason
	}
	if c.Terms.IsZero() {
		return ""
	}
	given := f.rec.Given
	switch {
	case given.Currency != "" && c.Terms.Currency != "" && given.Currency != c.Terms.Currency:
		return fault.OtherCurrency
	case isOver(c, given) && !f.overrides(fault.OverTerms):
		return fault.OverTerms
	}
	return ""
}

// isOver reports whether an amount is more than a campaign's terms can give.
func isOver(c *wire.Campaign, given record.Money) bool {
	most, bounded := c.Terms.Most()
	return !c.Terms.IsZero() && bounded && given.Amount > most
}
