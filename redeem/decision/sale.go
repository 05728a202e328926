package decision

import (
	"time"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/internal/evidence"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/redeem/terms"
)

// SameOffer reports whether a record is about an offer that was presented: one offer in two dresses is still one.
func SameOffer(rec *record.Record, p *offer.Presented) bool {
	if !rec.Offer.IsZero() && !p.ID.IsZero() {
		return rec.Offer == p.ID
	}
	if rec.Alias != "" || p.Alias != "" {
		return rec.Alias == p.Alias
	}
	return rec.Coupon != "" && rec.Coupon == p.Coupon
}

// What a record under the request's sale key is to the request.
type relation uint8

const (
	unrelated   relation = iota // it was voided, or is of another sale
	otherOffer                  // it is in the same sale
	sameOffer                   // it is what the request repeats
	earlierSale                 // the same offer was redeemed under the key so long ago that it was in another sale
)

func (p *Prepared) relationOf(s *Sold) relation {
	rec, date := s.Record, p.Request.BusinessDate
	if s.Voided || rec.Sale.BusinessDate != date {
		return unrelated
	}
	same, late := SameOffer(rec, &p.Presented), date == "" && evidence.LongAfter(rec.Time, p.Facts.Time)
	switch {
	case late && same:
		return earlierSale
	case late:
		return unrelated
	case same:
		return sameOffer
	}
	return otherOffer
}

// saleRecords finds the records of the same offer in the request's sale, and the last one of an earlier sale of the
// same key; -1: there is none.
func (p *Prepared) saleRecords(l *Ledger) (same []int, earlier int) {
	earlier = -1
	for i := range l.Sale {
		switch p.relationOf(&l.Sale[i]) {
		case sameOffer:
			same = append(same, i)
		case earlierSale:
			earlier = i
		}
	}
	return same, earlier
}

// weighCombination refuses an offer that may not be combined with those that the sale has already, or the other way
// round.
func (p *Prepared) weighCombination(d *Decision, l *Ledger) {
	for i := range l.Sale {
		s := &l.Sale[i]
		if p.relationOf(s) != otherOffer || !s.Record.Exclusive && !p.Exclusive() {
			continue
		}
		d.addReason(Refuse, fault.New(fault.NotCombinable, "",
			"the sale has another offer, and the two may not be combined: void that one first")).Other = p.otherOf(s.Record)
		return
	}
}

// refuseConflict refuses, since the sale key is that of an earlier sale, and tells of nothing else.
func (p *Prepared) refuseConflict(d *Decision, l *Ledger, earlier *record.Record) {
	at := wallTime(earlier)
	p.tellUses(d, l)
	d.Outcome, d.Given, d.GivenBy, d.Discount = Refuse, record.Money{}, 0, terms.Discount{}
	Name(d, earlier.ID)
	d.Made, d.Reasons = at, nil
	reason := d.addReason(Refuse, fault.New(fault.Conflict, "", "this sale key redeemed the offer at %s, more than %s "+
		"ago: give each sale a key of its own, or its business date", at.Format(time.RFC3339), evidence.LongestSale))
	reason.Where, reason.At, reason.Other = earlier.Place, at, p.otherOf(earlier)
}
