package rules

import (
	"slices"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/transport/backend/store"
)

// The states of an agreement.
const (
	// AgreementProposed: one merchant proposed it, and the other has not accepted it.
	AgreementProposed store.AgreementState = "proposed"
	// AgreementActive: both made it, and neither ended it.
	AgreementActive store.AgreementState = "active"
	// AgreementEnded: one of them ended it. What was issued under it is redeemed until it expires, unless it is revoked.
	AgreementEnded store.AgreementState = "ended"
)

// IsOf reports whether a merchant is one of the two.
func IsOf(a *store.Agreement, merchant string) bool {
	return a.Owner == merchant || a.Partner == merchant
}

// IsActive reports whether both made it and neither ended it.
func IsActive(a *store.Agreement) bool { return a.State == AgreementActive }

// Covers reports whether it is about a campaign of a merchant.
func Covers(a *store.Agreement, c *store.Campaign) bool {
	return a.Owner == c.Merchant && (len(a.Campaigns) == 0 || slices.Contains(a.Campaigns, c.ID))
}

// SetAgreementState changes the state at a moment in milliseconds since 1970, as one of the two asks for it. With
// atOnce the partner's tills redeem nothing under it any more, also what was issued before. Errors:
// fault.InvalidRequest, fault.Forbidden, fault.Conflict.
func SetAgreementState(a *store.Agreement, to store.AgreementState, atOnce bool, by string, now int64) error {
	switch {
	case to != AgreementActive && to != AgreementEnded:
		return fault.Invalid("state: %.20q is none of %q", to, []store.AgreementState{AgreementActive, AgreementEnded})
	case atOnce && to != AgreementEnded:
		return fault.Invalid("atOnce: it belongs to the state %q", AgreementEnded)
	case atOnce && by != a.Partner:
		return fault.New(fault.Forbidden, "", "atOnce: the partner stops its own tills: revoke the campaign instead")
	case to == AgreementActive:
		return accept(a, by, now)
	}
	end(a, by, now, atOnce)
	return nil
}

func accept(a *store.Agreement, by string, now int64) error {
	switch {
	case a.State == AgreementEnded:
		return fault.New(fault.Conflict, "", "state: %q ended the agreement, which cannot be undone: propose another",
			a.EndedBy)
	case a.State == AgreementProposed && by == a.ProposedBy:
		return fault.New(fault.Forbidden, "", "state: %q proposed it: the other merchant accepts it", by)
	case a.State == AgreementProposed:
		a.State, a.Accepted = AgreementActive, now
	}
	return nil
}

func end(a *store.Agreement, by string, now int64, atOnce bool) {
	if a.State != AgreementEnded {
		a.State, a.Ended, a.EndedBy = AgreementEnded, now, by
	}
	if atOnce && a.Stopped == 0 {
		a.Stopped = now
	}
}
