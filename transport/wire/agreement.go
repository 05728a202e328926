package wire

import (
	"cmp"
	"fmt"
	"strings"

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
// them. One proposes it, the other accepts it, either ends it, each with its own management key. Its scope does not
// change. Times are in milliseconds since 1970, 0 where it did not happen.
type Agreement struct {
	// ID names it in paths.
	ID string `json:"id"`
	NewAgreement
	State AgreementState `json:"state"`
	// ProposedBy is the merchant that proposed it, EndedBy the one that ended it.
	ProposedBy string `json:"proposedBy"`
	EndedBy    string `json:"endedBy,omitempty"`
	Proposed   int64  `json:"proposed"`
	Accepted   int64  `json:"accepted,omitempty"`
	Ended      int64  `json:"ended,omitempty"`
	// Stopped is when the partner ended it at once: from then on its tills redeem nothing under it.
	Stopped int64 `json:"stopped,omitempty"`
}

// A NewAgreement is the body of a POST to PathAgreements: what a merchant proposes to another. It is one of the two
// itself.
type NewAgreement struct {
	// Owner is the merchant whose offers are redeemed, Partner the one whose tills redeem them.
	Owner   string `json:"owner"`
	Partner string `json:"partner"`
	// Campaigns are those of the owner's campaigns that it is about, which need not exist yet; none: all, also later ones.
	Campaigns []string `json:"campaigns,omitempty"`
	// FollowUps lets follow-ups of those campaigns answer redemptions of the partner's offers, and offer the partner's
	// campaigns.
	FollowUps bool `json:"followUps,omitempty"`
	// Coupons are beginnings of the owner's GS1 coupon numbers, 4 to 13 digits each, which the partner may use for
	// campaigns of its own; none: it may use none.
	Coupons []string `json:"coupons,omitempty"`
}

// A NewAgreementState is the body of a PUT to PathAgreementState.
type NewAgreementState struct {
	// State is AgreementActive, which the merchant to which it was proposed accepts it with, or AgreementEnded.
	State AgreementState `json:"state"`
	// AtOnce has the partner's tills redeem nothing under it any more, also what was issued before. Only the partner may
	// end it so, also after it was ended.
	AtOnce bool `json:"atOnce,omitempty"`
}

// Agreements is the answer to a GET of PathAgreements: those of which the merchant is one of the two.
type Agreements struct {
	Agreements []Agreement `json:"agreements"`
}

// Check returns fault.InvalidRequest for what cannot be agreed upon. The detail begins with the field, as it is called
// in JSON.
func (n *NewAgreement) Check() error {
	if n.Owner == n.Partner && n.Owner != "" {
		return fault.Invalid("partner: %q is the owner as well, which redeems its offers anyway", n.Partner)
	}
	err := cmp.Or(
		checkName("owner", n.Owner),
		checkName("partner", n.Partner),
		checkNames("campaigns", n.Campaigns),
		checkNames("coupons", n.Coupons),
	)
	for i, id := range n.Campaigns {
		err = cmp.Or(err, checkID(fmt.Sprintf("campaigns[%d]", i), id))
	}
	for i, digits := range n.Coupons {
		if err == nil && !IsCouponPrefix(digits) {
			err = fault.Invalid("coupons[%d]: %.20q is no beginning of a Global Coupon Number, which is 4 to 13 digits", i,
				digits)
		}
	}
	return err
}

// IsCouponPrefix reports whether a text is a GS1 company prefix or another beginning of a Global Coupon Number: 4 to
// 13 digits.
func IsCouponPrefix(digits string) bool {
	const least, most = 4, 13
	return len(digits) >= least && len(digits) <= most && strings.Trim(digits, "0123456789") == ""
}
