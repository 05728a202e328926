package backend

import (
	"github.com/offlane/offlane/redeem/trust"
	"github.com/offlane/offlane/transport/backend/internal/rules"
	"github.com/offlane/offlane/transport/backend/store"
)

// A partnership is what one merchant redeems for others at a moment, in milliseconds since 1970.
type partnership struct {
	merchant   string
	agreements []store.Agreement
	now        int64
}

// redeems reports whether the terminals redeem offers of a campaign: their merchant's own, and those under an
// agreement, also after its end while some can be out, unless it was stopped.
func (p *partnership) redeems(c *store.Campaign) bool {
	if c.Merchant == p.merchant {
		return true
	}
	for i := range p.agreements {
		if a := &p.agreements[i]; a.Stopped == 0 && p.isOut(a, c) {
			return true
		}
	}
	return false
}

// longestHold is how long a reservation may put off the end of an offer, in milliseconds.
const longestHold = 24 * 60 * 60 * 1000

// isOut reports whether offers of a campaign can be out that the terminals redeem, or would if it was not stopped,
// under an agreement.
func (p *partnership) isOut(a *store.Agreement, c *store.Campaign) bool {
	return a.Partner == p.merchant && rules.HonourEnd(a, c) > p.now-longestHold
}

// knownAgreements are the agreements of which the terminals know: those in force, and those that ended while offers can
// be out.
func (p *partnership) knownAgreements(campaigns []store.Campaign) (known []trust.Agreement) {
	for i := range p.agreements {
		a := &p.agreements[i]
		if a.Partner == p.merchant && (rules.IsActive(a) || p.anyOut(a, campaigns)) {
			known = append(known, rules.TrustOf(a))
		}
	}
	return known
}

func (p *partnership) anyOut(a *store.Agreement, campaigns []store.Campaign) bool {
	for i := range campaigns {
		if p.isOut(a, &campaigns[i]) {
			return true
		}
	}
	return false
}
