package storesuite

import (
	"github.com/offlane/offlane/redeem/record"
)

// someRedemption is a redemption of any till, a recent one mostly, and the till that takes it back: one of the same
// merchant mostly.
func (w *world) someRedemption() (l *till, k *kept) {
	from := one(w.rng, w.tills...)
	k = from.last(func(k *kept) bool { return k.rec.Kind == record.Redemption })
	if k == nil || w.chance(3) {
		k = from.last(func(*kept) bool { return true })
	}
	for l = from; k != nil && w.chance(60); {
		l = one(w.rng, w.tills...)
		if l.place.Merchant == from.place.Merchant || w.chance(10) {
			break
		}
	}
	return l, k
}

// void takes a redemption back, wholly or in part, by its id, by its receipt or by its offer.
func (w *world) void() {
	l, k := w.someRedemption()
	if k == nil {
		return
	}
	r := l.sale(record.Record{Kind: record.Void})
	w.takesBack(&r, k.rec.Given)
	var shown *pass
	switch n := w.rng.IntN(100); {
	case n < 45:
		if r.Of = k.id; w.chance(70) {
			r.Offer, r.Alias, r.Coupon, r.Campaign = k.rec.Offer, k.rec.Alias, k.rec.Coupon, k.rec.Campaign
			shown = k.pass
		}
	case n < 70:
		if r.Receipt = k.id.Receipt(); w.chance(20) {
			r.Offer, r.Alias, r.Campaign, shown = k.rec.Offer, k.rec.Alias, k.rec.Campaign, k.pass
		}
	case k.of != nil:
		shown = l.present(&r, k.of)
	default:
		r.Receipt = k.id.Receipt()
	}
	if k.of != nil && w.chance(15) { // the till read it elsewhere
		r.Campaign = k.of.campaign.ID
	}
	w.note("%s takes back %s %s: %s", l.write(r, k.of, shown), k, k.of, amounts(r))
}

func amounts(r record.Record) string {
	text := "the whole, "
	if r.Partial {
		text = "a part, "
	}
	if r.Given.Currency == "" {
		return text + "what is left"
	}
	return text + r.GivenBy.String() + " " + moneyText(r.Given)
}

// takesBack sets how much a void takes back.
func (w *world) takesBack(r *record.Record, given record.Money) {
	r.Partial = w.chance(45)
	if given.Currency == "" {
		given.Currency = one(w.rng, currencies...)
	}
	switch n := w.rng.IntN(100); {
	case n < 20: // what is left
		return
	case n < 45:
		r.Given, r.GivenBy = given, record.GivenByRemainder
		return
	case n < 90:
		given.Amount = w.rng.Int64N(given.Amount + 1)
	case n < 95:
		given.Amount += w.rng.Int64N(100)
	default:
		given.Currency = one(w.rng, currencies...)
	}
	r.Given, r.GivenBy = given, record.GivenByPOS
}

// voidNothing takes back what never was, or what a till wrote and lost.
func (w *world) voidNothing() {
	l := one(w.rng, w.tills...)
	r := l.sale(record.Record{Kind: record.Void})
	w.takesBack(&r, record.Money{Amount: 100, Currency: "EUR"})
	var of, shown *pass
	switch n := w.rng.IntN(3); {
	case n == 0:
		r.Of = w.newID()
	case n == 1:
		r.Receipt = w.newID().Receipt()
	case len(w.passes) > 0:
		of = w.recentPass()
		shown = l.present(&r, of)
	default:
		return
	}
	w.note("%s takes back what is not there, %s: %s", l.write(r, of, shown), of, amounts(r))
}

// correct brings a redemption in line with another basket.
func (w *world) correct() {
	l, k := w.someRedemption()
	if k == nil || k.rec.Offer.IsZero() && k.rec.Alias == "" && k.rec.Coupon == "" {
		return
	}
	if w.chance(80) {
		l = k.till
	}
	r := l.sale(record.Record{Kind: record.Correction, Of: k.id, Offer: k.rec.Offer, Alias: k.rec.Alias,
		Coupon: k.rec.Coupon, Campaign: k.rec.Campaign, Before: k.rec.Given, GivenBy: record.GivenByPOS})
	r.Given.Currency = k.rec.Given.Currency
	if r.Given.Currency == "" || w.chance(4) {
		r.Given.Currency = one(w.rng, currencies...)
	}
	r.Given.Amount = w.rng.Int64N(k.rec.Given.Amount + 60)
	w.note("%s corrects %s to %s", l.write(r, k.of, k.pass), k, moneyText(r.Given))
}
