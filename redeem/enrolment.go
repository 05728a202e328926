package redeem

import (
	"slices"

	"github.com/offlane/offlane/redeem/fault"
)

// weighEnrolment says of a terminal that is not set up only that, in one reason: that it knows no issuer, no time, no
// merchant and no store follows from it. What its own journal says stays.
func (t *Terminal) weighEnrolment(c *candidate) {
	if len(c.decision.Reasons) == 0 || t.isSetUp() {
		return
	}
	follows := func(r Reason) bool {
		switch r.Code {
		case fault.UnknownIssuer, fault.ClockUntrusted, fault.Unproven, fault.BundleTooOld:
			return true
		case fault.Expired, fault.NotYetValid:
			return r.Outcome == Ask // by a clock for which nobody vouches
		case fault.OtherMerchant:
			return c.place.Merchant == ""
		case fault.OtherStore:
			return c.place.Store == ""
		}
		return false
	}
	before := len(c.decision.Reasons)
	c.decision.Reasons = slices.DeleteFunc(c.decision.Reasons, follows)
	if len(c.decision.Reasons) < before {
		c.speaks(Ask, fault.New(fault.NotEnrolled, "",
			"the terminal is not known to a backend and has no issuer's key: report once with an enrolment code, "+
				"or install a trust bundle"))
	}
}

// isSetUp reports whether the terminal is enrolled, or has at least an issuer's key.
func (t *Terminal) isSetUp() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.id.Token != "" || len(t.cfg.Keys) > 0 || t.bundle != nil && len(t.bundle.Keys) > 0
}
