package backend

import (
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
)

// maxAhead is how far in milliseconds a terminal's earliest moment may lie after the backend's present: clocks of several
// backends differ by so much.
const maxAhead = 5 * 60 * 1000

// A moment is when something happened at a till, as far as the evidence says, in milliseconds since 1970.
type moment struct {
	earliest, latest int64
	// wall is what the till's clock said, if it was to be believed.
	wall    int64
	trusted bool
}

// momentOf bounds when a record was written. It was not before the offer was accepted, nor after now; and where the report was
// sent in the same run of the machine, not after now less the time in between.
func momentOf(rec, sent record.Evidence, accepted, now int64) moment {
	m := moment{earliest: max(rec.Earliest, accepted), latest: now, wall: rec.Wall, trusted: rec.Trusted}
	if rec.Latest > 0 {
		m.latest = min(m.latest, rec.Latest)
	}
	if rec.Boot != "" && rec.Boot == sent.Boot && sent.SinceBoot > rec.SinceBoot {
		m.latest = min(m.latest, now-(sent.SinceBoot-rec.SinceBoot))
	}
	m.latest = max(m.latest, accepted)
	return m
}

// before reports whether it happened before the deadline; known is false where the evidence does not say.
func (m moment) before(deadline int64) (yes, known bool) {
	switch {
	case m.latest < deadline:
		return true, true
	case m.earliest >= deadline:
		return false, true
	}
	return m.wall < deadline, m.trusted
}

// judge says whether the moment lies in an offer's time, or why not. vouched says that a manager answered for the clock.
func (m moment) judge(o *Offer, revoked int64, vouched bool, now int64) error {
	const op = "backend.judge"
	if m.earliest > now+maxAhead {
		return fault.New(fault.ClockUntrusted, op, "the terminal's evidence of time lies in the future")
	}
	if early, known := m.before(o.NotBefore); known && early {
		return fault.New(fault.NotYetValid, op, "it was redeemed before the offer was valid")
	}
	switch inTime, known := m.before(o.NotAfter); {
	case !known && !vouched:
		return fault.New(fault.ClockUntrusted, op, "the evidence does not show that it was redeemed before the offer expired")
	case known && !inTime:
		return fault.New(fault.Expired, op, "it was redeemed after the offer expired")
	}
	if revoked == 0 {
		return nil
	}
	if inTime, known := m.before(revoked); !known || !inTime {
		return fault.New(fault.Revoked, op, "the offer was revoked, and nothing shows that it was redeemed before that")
	}
	return nil
}
