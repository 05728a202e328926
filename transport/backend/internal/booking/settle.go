package booking

import (
	"time"

	"github.com/offlane/offlane/transport/backend/internal/posting"
	"github.com/offlane/offlane/transport/backend/store"
)

// settle posts what an entry changes of what its merchant has redeemed of another's offers, on the day on which it is
// booked. What it counted before is nil where it is new.
func (b *booking) settle(before, now *store.Entry) error {
	if err := b.loadCampaign(now.Campaign); err != nil {
		return err
	}
	c := b.campaigns[now.Campaign]
	if c == nil || c.Merchant == now.Place.Merchant {
		return nil
	}
	day, err := b.settlementDay(c.Merchant, now.Place.Merchant)
	if err != nil {
		return err
	}
	for sign, e := range map[int64]*store.Entry{-1: before, 1: now} {
		if e != nil {
			s := settlementOf(e, sign)
			s.Owner, s.Partner, s.Day, s.Campaign = c.Merchant, now.Place.Merchant, day, c.ID
			b.sums.Settle(s)
		}
	}
	return nil
}

// settlementOf is what an entry counts as it stands, so many times.
func settlementOf(e *store.Entry, times int64) store.Settlement {
	s := store.Settlement{Currency: e.Given.Currency}
	switch e.Effect {
	case posting.Gave:
		s.Redeemed, s.Given = times, times*e.Given.Amount
	case posting.TookBack:
		s.Voided, s.TakenBack = times, times*e.Given.Amount
	}
	return s
}

// settlementDay is today, or the day after the last one that was closed between the two, should the clock have gone
// back.
func (b *booking) settlementDay(owner, partner string) (string, error) {
	pair := [2]string{owner, partner}
	if day, ok := b.settlementDays[pair]; ok {
		return day, nil
	}
	closed, err := b.tx.LastClosed(owner, partner)
	day := max(posting.DayOf(b.now), dayAfter(closed))
	b.settlementDays[pair] = day
	return day, err
}

// dayAfter is the day that follows one; "" has none.
func dayAfter(day string) string {
	at, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return ""
	}
	return at.AddDate(0, 0, 1).Format(time.DateOnly)
}
