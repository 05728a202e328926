package redeem

import (
	"github.com/offlane/offlane/redeem/journal"
	"github.com/offlane/offlane/redeem/record"
)

// A standing is a redemption and what became of its amount.
type standing struct {
	storedRecord
	given  record.Money   // after the corrections
	by     record.GivenBy // who worked that out
	back   int64          // how much of it the voids took back
	basket journal.Stored // the record with the lines of the last basket
}

// standingOf reads the voids and corrections of a redemption, without some of the voids. The last correction counts,
// and voids in its currency.
func standingOf(v *journal.View, f storedRecord, without ...storedRecord) (standing, error) {
	s := standing{storedRecord: f, given: f.rec.Given, by: f.rec.GivenBy, basket: f.Stored}
	about, err := recordsOf(v, voidKey(f.rec.ID), record.Void, record.Correction)
	if err != nil {
		return s, err
	}
	for _, a := range about {
		if a.rec.Kind == record.Correction {
			s.given, s.by, s.basket = a.rec.Given, a.rec.GivenBy, a.Stored
		}
	}
	for _, a := range about {
		if a.rec.Kind == record.Void && a.rec.Given.Currency == s.given.Currency && !contains(without, a.ID) {
			s.back += a.rec.Given.Amount
		}
	}
	return s, nil
}

// remainder is what the voids have not taken back.
func (s *standing) remainder() record.Money {
	return record.Money{Amount: max(s.given.Amount-s.back, 0), Currency: s.given.Currency}
}

// standingsOf reads those of redemptions that were not voided.
func standingsOf(v *journal.View, all []storedRecord) (live []standing, err error) {
	for _, f := range all {
		if f.Voided {
			continue
		}
		s, err := standingOf(v, f)
		if err != nil {
			return nil, err
		}
		live = append(live, s)
	}
	return live, nil
}
