package store

import (
	"slices"

	"github.com/offlane/offlane/redeem/fault"
)

// An AgreementState says whether an agreement holds.
type AgreementState string

// The states of an agreement.
const (
	// AgreementProposed: one merchant proposed it, and the other has not accepted it.
	AgreementProposed AgreementState = "proposed"
	// AgreementActive: both made it, and neither ended it.
	AgreementActive AgreementState = "active"
	// AgreementEnded: one of them ended it. What was issued under it is redeemed until it expires, unless it is revoked.
	AgreementEnded AgreementState = "ended"
)

// An Agreement is between two merchants: the owner, whose offers are redeemed, and the partner, whose tills redeem
// them. Times are in milliseconds since 1970, 0 where it did not happen.
type Agreement struct {
	ID      string `json:"id"`
	Owner   string `json:"owner"`
	Partner string `json:"partner"`
	// Campaigns are those of the owner's campaigns that it is about, which need not exist yet; none: all, also later ones.
	Campaigns []string `json:"campaigns,omitempty"`
	// FollowUps lets follow-ups of those campaigns answer redemptions of the partner's offers, and offer the partner's
	// campaigns.
	FollowUps bool `json:"followUps,omitempty"`
	// Coupons are beginnings of the owner's GS1 coupon numbers which the partner may use for campaigns of its own.
	Coupons []string       `json:"coupons,omitempty"`
	State   AgreementState `json:"state"`
	// ProposedBy is the merchant that proposed it, EndedBy the one that ended it.
	ProposedBy string `json:"proposedBy"`
	EndedBy    string `json:"endedBy,omitempty"`
	Proposed   int64  `json:"proposed"`
	Accepted   int64  `json:"accepted,omitempty"`
	Ended      int64  `json:"ended,omitempty"`
	// Stopped is when the partner ended it at once: from then on its tills redeem nothing under it.
	Stopped int64 `json:"stopped,omitempty"`
}

// An AgreementTx is the part of a Tx that is about agreements between merchants.
type AgreementTx interface {
	// Agreement returns an agreement and locks it. Agreements lists by id those of which a merchant is one of the two; ""
	// lists all.
	Agreement(id string) (*Agreement, error)
	Agreements(merchant string) ([]Agreement, error)
	PutAgreement(Agreement) error
	DropAgreement(id string) error
}

func (t keyTx) Agreement(id string) (*Agreement, error) {
	return get[Agreement](t.kv, tableAgreements, []byte(id))
}

func (t keyTx) Agreements(merchant string) ([]Agreement, error) {
	return list(t.kv, tableAgreements, func(a *Agreement) bool { return merchant == "" || a.IsOf(merchant) })
}

func (t keyTx) PutAgreement(a Agreement) error {
	return put(t.kv, tableAgreements, []byte(a.ID), a)
}

func (t keyTx) DropAgreement(id string) error { return t.kv.Delete(tableAgreements, []byte(id)) }

// IsOf reports whether a merchant is one of the two.
func (a *Agreement) IsOf(merchant string) bool { return a.Owner == merchant || a.Partner == merchant }

// IsActive reports whether both made it and neither ended it.
func (a *Agreement) IsActive() bool { return a.State == AgreementActive }

// Covers reports whether it is about a campaign of a merchant.
func (a *Agreement) Covers(c *Campaign) bool {
	return a.Owner == c.Merchant && (len(a.Campaigns) == 0 || slices.Contains(a.Campaigns, c.ID))
}

// Become changes the state at a moment in milliseconds since 1970, as one of the two asks for it. With atOnce the
// partner's tills redeem nothing under it any more, also what was issued before. Errors: fault.InvalidRequest,
// fault.Forbidden, fault.Conflict.
func (a *Agreement) Become(to AgreementState, atOnce bool, by string, now int64) error {
	switch {
	case to != AgreementActive && to != AgreementEnded:
		return fault.Invalid("state: %.20q is none of %q", to, []AgreementState{AgreementActive, AgreementEnded})
	case atOnce && to != AgreementEnded:
		return fault.Invalid("atOnce: it belongs to the state %q", AgreementEnded)
	case atOnce && by != a.Partner:
		return fault.New(fault.Forbidden, "", "atOnce: the partner stops its own tills: revoke the campaign instead")
	case to == AgreementActive:
		return a.accept(by, now)
	}
	a.end(by, now, atOnce)
	return nil
}

func (a *Agreement) accept(by string, now int64) error {
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

func (a *Agreement) end(by string, now int64, atOnce bool) {
	if a.State != AgreementEnded {
		a.State, a.Ended, a.EndedBy = AgreementEnded, now, by
	}
	if atOnce && a.Stopped == 0 {
		a.Stopped = now
	}
}
