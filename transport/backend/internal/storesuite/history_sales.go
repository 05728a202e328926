package storesuite

import (
	"slices"
	"time"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/redeem/terms"
	"github.com/offlane/offlane/transport/backend/internal/rules"
	"github.com/offlane/offlane/transport/wire"
)

var currencies = []string{"EUR", "CHF", "USD"}

// recentPass is one that was accepted lately, mostly.
func (w *world) recentPass() *pass {
	n := len(w.passes)
	if w.chance(80) {
		return w.passes[n-1-w.rng.IntN(min(n, 10))]
	}
	return w.passes[w.rng.IntN(n)]
}

// tillFor is a till that may redeem a campaign's offers, mostly.
func (w *world) tillFor(c *wire.Campaign) *till {
	may := func(l *till) bool {
		inStore := len(c.Stores) == 0 || slices.Contains(c.Stores, l.place.Store)
		return inStore && hasPart(c, l.place.Merchant)
	}
	l := one(w.rng, w.tills...)
	for w.chance(97) && !may(l) {
		l = one(w.rng, w.tills...)
	}
	return l
}

// present names an offer in a record as it is shown: as a pass, by its code, or by its GS1 number.
func (l *till) present(r *record.Record, p *pass) (shown *pass) {
	switch n := l.rng.IntN(100); {
	case p.alias != "" && n < 25:
		r.Alias = p.alias
	case n < 35:
		r.Offer = p.id
	default:
		r.Offer, r.Alias, r.Campaign, r.Proven = p.id, p.alias, p.campaign.ID, true
		return p
	}
	return nil
}

// gives is what a till gives for an offer: mostly what the terms say.
func (w *world) gives(c *wire.Campaign) record.Money {
	currency := c.Terms.Currency
	if currency == "" {
		currency = one(w.rng, currencies...)
	}
	most := int64(300)
	if c.Terms.Kind == terms.AmountOff {
		most = c.Terms.Amount
	}
	amount := 1 + w.rng.Int64N(most)
	switch n := w.rng.IntN(100); {
	case n < 5:
		return record.Money{}
	case n < 8:
		amount = 0
	case n < 14:
		amount += most
	case n < 17:
		currency = one(w.rng, currencies...)
	}
	return record.Money{Amount: amount, Currency: currency}
}

// evidence is what a till knows of the time: nearly all, little, or what is wrong.
func (l *till) evidence() record.Evidence {
	now, hour := l.now.UnixMilli(), time.Hour.Milliseconds()
	e := record.Evidence{Wall: now, Boot: l.boot, SinceBoot: l.sinceBoot(), Trusted: true}
	switch n := l.rng.IntN(100); {
	case n < 55: // exact
		e.Earliest, e.Latest = now-1000, now+1000
	case n < 75: // wide
		e.Wall += l.rng.Int64N(2*hour) - hour
		e.Earliest = now - 6*hour
		if l.chance(50) {
			e.Latest = now + 6*hour
		}
	case n < 87: // the machine cannot tell its runs apart
		e.Boot, e.Earliest = "", now-20*hour
	case n < 98: // a clock that nobody believes
		e.Wall, e.Trusted = one(l.rng, 5, now-400*24*hour, now+3*hour, now-2*hour), false
		e.Earliest = one(l.rng, 0, now-10*hour)
	default: // ahead of the backend
		e.Earliest = now + l.rng.Int64N(hour)
	}
	return e
}

// sale fills in what all records have.
func (l *till) sale(r record.Record) record.Record {
	r.Time = l.evidence()
	if l.chance(15) {
		r.Sale.BusinessDate = l.now.Add(-time.Duration(l.rng.IntN(30)) * time.Hour).Format(time.DateOnly)
	}
	if l.chance(8) {
		reason := one(l.rng, fault.OverTerms, fault.ClockUntrusted, fault.Unproven)
		r.Override = &record.Override{Manager: "m", Why: "w", Reasons: []fault.Code{reason}}
	}
	if l.chance(1) {
		r.Place.Merchant = one(l.rng, merchants...)
	}
	return r
}

// redeem has a till redeem an offer, which a reservation may have kept for the sale.
func (w *world) redeem() {
	if len(w.passes) == 0 {
		w.accept()
		return
	}
	p := w.recentPass()
	l := w.tillFor(p.campaign)
	r := l.sale(record.Record{Kind: record.Redemption, Given: w.gives(p.campaign), GivenBy: record.GivenByPOS})
	if held := l.last(func(k *kept) bool { return k.rec.Kind == record.Reservation }); held != nil && w.chance(15) {
		r.Of, p = held.id, held.of
	}
	shown := l.present(&r, p)
	w.note("%s redeems %s for %v", l.write(r, p, shown), p, r.Given)
}

// last is one of the newest records of the till that are such.
func (l *till) last(such func(*kept) bool) *kept {
	for i := len(l.kept) - 1; i >= max(0, len(l.kept)-30); i-- {
		if k := l.kept[i]; k.readable && such(k) && l.chance(60) {
			return k
		}
	}
	return nil
}

func (w *world) reserve() {
	if len(w.passes) == 0 {
		return
	}
	p := w.recentPass()
	l := w.tillFor(p.campaign)
	until := w.now.Add(w.randomTime(one(w.rng, time.Hour, 40*time.Hour)))
	r := l.sale(record.Record{Kind: record.Reservation, Until: until.UnixMilli()})
	shown := l.present(&r, p)
	w.note("%s reserves %s", l.write(r, p, shown), p)
}

// release gives up a reservation, of another till sometimes.
func (w *world) release() {
	l := one(w.rng, w.tills...)
	from := l
	if w.chance(10) {
		from = one(w.rng, w.tills...)
	}
	held := from.last(func(k *kept) bool { return k.rec.Kind == record.Reservation })
	if held == nil {
		return
	}
	r := l.sale(record.Record{Kind: record.Release, Of: held.id, Offer: held.rec.Offer, Alias: held.rec.Alias,
		Campaign: held.rec.Campaign})
	w.note("%s releases %s", l.write(r, held.of, held.pass), held)
}

// redeemCoupon redeems a coupon that names no single offer.
func (w *world) redeemCoupon() {
	c := &w.campaigns[w.rng.IntN(len(w.campaigns))]
	for c.Coupon == "" {
		c = &w.campaigns[w.rng.IntN(len(w.campaigns))]
	}
	l := w.tillFor(c)
	r := l.sale(record.Record{Kind: record.Redemption, Coupon: rules.CouponPrefix + c.Coupon, Given: w.gives(c),
		GivenBy: record.GivenByPOS})
	if w.chance(70) {
		r.Campaign = c.ID
	}
	w.note("%s redeems the coupon of %s for %v", l.write(r, nil, nil), c.ID, r.Given)
}

// oddity is a record that no sound till writes: unreadable, or with the id of another one.
func (w *world) oddity() {
	l, other := one(w.rng, w.tills...), one(w.rng, w.tills...)
	if len(l.kept) == 0 || len(w.passes) == 0 {
		return
	}
	if w.chance(60) || l == other || len(other.kept) == 0 {
		w.note("%s cannot be read", l.scribble())
		return
	}
	taken := one(w.rng, other.kept...)
	w.collides[taken.id] = true
	p := w.recentPass()
	r := l.sale(record.Record{ID: taken.id, Kind: record.Redemption, Given: w.gives(p.campaign),
		GivenBy: record.GivenByPOS})
	shown := l.present(&r, p)
	w.note("%s has the id of %s", l.write(r, p, shown), taken)
}
