package booking

import (
	"time"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/backend/store"
)

// A moment is when something happened at a terminal, as far as the evidence says, in milliseconds since 1970.
type moment struct {
	earliest, latest int64
	// wall is what the terminal's clock said, less what it is known to be off, to be believed if it is trusted.
	wall    int64
	trusted bool
}

// boundMoment bounds when a record was written, for whoever takes its report at now. It was not before the offer was
// accepted, nor after now; and where the report was sent in the same run of the machine, not after now less the time
// in between.
func boundMoment(rec, sent record.Evidence, accepted, now int64) moment {
	m := moment{earliest: max(rec.Earliest, accepted), latest: now, wall: rec.Wall - rec.Off, trusted: rec.Trusted}
	if rec.Latest > 0 {
		m.latest = min(m.latest, rec.Latest)
	}
	if rec.Boot != "" && rec.Boot == sent.Boot && sent.SinceBoot > rec.SinceBoot {
		m.latest = min(m.latest, now-(sent.SinceBoot-rec.SinceBoot))
	}
	m.latest = max(m.latest, accepted)
	return m
}

// isBefore reports whether it happened before the deadline; known is false where the evidence does not say.
func (m moment) isBefore(deadline int64) (yes, known bool) {
	switch {
	case m.latest < deadline:
		return true, true
	case m.earliest >= deadline:
		return false, true
	}
	return m.wall < deadline, m.trusted
}

// momentOf bounds when a record was made. The offer's acceptance bounds it where the offer is known; one that lies
// ahead was written down while the backend's own clock was.
func (b *booking) momentOf(rec *record.Record, o *store.Offer) moment {
	accepted := int64(0)
	if o != nil {
		accepted = min(o.Accepted, b.now)
	}
	return boundMoment(b.trustedEvidence(rec.Time), b.Sent, accepted, b.now)
}

// trustedEvidence is a terminal's evidence without what rests on a statement of the backend's that was withdrawn: that
// the terminal was told a wrong time is not its fault, and says nothing.
func (b *booking) trustedEvidence(e record.Evidence) record.Evidence {
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
func (b *booking) dayOf(rec *record.Record, at moment, zoneName string) string {
	zone, err := time.LoadLocation(zoneName)
	if err != nil {
		zone = time.UTC
	}
	day := func(millis int64, off int) string {
		return time.UnixMilli(millis).In(zone).AddDate(0, 0, off).Format(time.DateOnly)
	}
	at.earliest = min(at.earliest, b.now) // the terminal may say anything
	sold, business := day(max(at.earliest, min(at.wall, at.latest)), 0), rec.Sale.BusinessDate
	if business < day(at.earliest, -maxDaysOff) || business > day(at.latest, maxDaysOff) { // also where it names none
		return sold
	}
	return business
}

// maxAhead is how far in milliseconds a terminal's earliest moment may lie after the backend's present: clocks of
// several backends differ by so much.
const maxAhead = 5 * 60 * 1000

// judgeTime says whether the moment lies in an offer's time, or why not. The offer ends at notAfter, which a
// reservation may have put off. vouched says that a manager answered for the clock.
func judgeTime(m moment, o *store.Offer, c *store.Campaign, notAfter int64, vouched bool, now int64) error {
	if m.earliest > now+maxAhead {
		return fault.New(fault.ClockUntrusted, "", "the terminal's evidence of time lies in the future")
	}
	if early, known := m.isBefore(o.NotBefore); known && early {
		return fault.New(fault.NotYetValid, "", "it was redeemed before the offer was valid")
	}
	switch inTime, known := m.isBefore(notAfter); {
	case !known && !vouched:
		return fault.New(fault.ClockUntrusted, "", "the evidence does not show that it was redeemed before the offer expired")
	case known && !inTime:
		return fault.New(fault.Expired, "", "it was redeemed after the offer expired")
	}
	for _, revoked := range [...]int64{o.Revoked, c.Revoked} {
		if inTime, known := m.isBefore(revoked); revoked != 0 && !(known && inTime) {
			return fault.New(fault.Revoked, "", "the offer was revoked, and nothing shows that it was redeemed before that")
		}
	}
	return nil
}
