package booking

import (
	"time"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/backend/store"
)

// momentOf bounds when a record was made. The offer's acceptance bounds it where the offer is known; one that lies
// ahead was written down while the backend's own clock was.
func (b *booking) momentOf(rec *record.Record, o *store.Offer) record.Moment {
	accepted := int64(0)
	if o != nil {
		accepted = min(o.Accepted, b.now)
	}
	return record.MomentOf(b.believed(rec.Time), b.Sent, accepted, b.now)
}

// believed is a terminal's evidence without what rests on a statement of the backend's that was withdrawn: that the
// terminal was told a wrong time is not its fault, and says nothing.
func (b *booking) believed(e record.Evidence) record.Evidence {
	for _, w := range b.Withdrawals {
		if w.Names(e.Server, e.Correction) {
			return record.Evidence{Wall: e.Wall, SinceBoot: e.SinceBoot, Boot: e.Boot}
		}
	}
	return e
}

// maxDaysOff is how many days a business date may lie before or after the time in which a record can have been made: a
// shop closes its day late, and some forget it over a holiday.
const maxDaysOff = 7

// dayOf is the day on which a record is booked: the business date, unless that is far from when it can have been made;
// else the day in the store's time zone of the moment that the terminal's clock says, or of the bound that it lies
// beyond.
func (b *booking) dayOf(rec *record.Record, at record.Moment, zoneName string) string {
	zone, err := time.LoadLocation(zoneName)
	if err != nil {
		zone = time.UTC
	}
	day := func(millis int64, off int) string {
		return time.UnixMilli(millis).In(zone).AddDate(0, 0, off).Format(time.DateOnly)
	}
	at.Earliest = min(at.Earliest, b.now) // the terminal may say anything
	sold, business := day(max(at.Earliest, min(at.Wall, at.Latest)), 0), rec.Sale.BusinessDate
	if business < day(at.Earliest, -maxDaysOff) || business > day(at.Latest, maxDaysOff) { // also where it names none
		return sold
	}
	return business
}

// maxAhead is how far in milliseconds a terminal's earliest moment may lie after the backend's present: clocks of
// several backends differ by so much.
const maxAhead = 5 * 60 * 1000

// judgeTime says whether the moment lies in an offer's time, or why not. The offer ends at notAfter, which a
// reservation may have put off. vouched says that a manager answered for the clock.
func judgeTime(m record.Moment, o *store.Offer, c *store.Campaign, notAfter int64, vouched bool, now int64) error {
	if m.Earliest > now+maxAhead {
		return fault.New(fault.ClockUntrusted, "", "the terminal's evidence of time lies in the future")
	}
	if early, known := m.Before(o.NotBefore); known && early {
		return fault.New(fault.NotYetValid, "", "it was redeemed before the offer was valid")
	}
	switch inTime, known := m.Before(notAfter); {
	case !known && !vouched:
		return fault.New(fault.ClockUntrusted, "", "the evidence does not show that it was redeemed before the offer expired")
	case known && !inTime:
		return fault.New(fault.Expired, "", "it was redeemed after the offer expired")
	}
	for _, revoked := range [...]int64{o.Revoked, c.Revoked} {
		if inTime, known := m.Before(revoked); revoked != 0 && !(known && inTime) {
			return fault.New(fault.Revoked, "", "the offer was revoked, and nothing shows that it was redeemed before that")
		}
	}
	return nil
}
