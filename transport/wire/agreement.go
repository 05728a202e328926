package wire

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/trust"
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
			err = fault.Invalid("coupons[%d]: %.20q is no beginning of a Global Coupon Number, which is 4 to 13 digits", i, digits)
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

// IsOf reports whether a merchant is one of the two.
func (a *Agreement) IsOf(merchant string) bool { return a.Owner == merchant || a.Partner == merchant }

// IsActive reports whether both made it and neither ended it.
func (a *Agreement) IsActive() bool { return a.State == AgreementActive }

// Covers reports whether it is about a campaign of a merchant.
func (a *Agreement) Covers(c *Campaign) bool {
	return a.Owner == c.Merchant && (len(a.Campaigns) == 0 || slices.Contains(a.Campaigns, c.ID))
}

// Become changes the state at a moment in milliseconds since 1970, as one of the two asks for it. Errors:
// fault.InvalidRequest, fault.Forbidden, fault.Conflict.
func (a *Agreement) Become(to NewAgreementState, by string, now int64) error {
	switch {
	case to.State != AgreementActive && to.State != AgreementEnded:
		return fault.Invalid("state: %.20q is none of %q", to.State, []AgreementState{AgreementActive, AgreementEnded})
	case to.AtOnce && to.State != AgreementEnded:
		return fault.Invalid("atOnce: it belongs to the state %q", AgreementEnded)
	case to.AtOnce && by != a.Partner:
		return fault.New(fault.Forbidden, "", "atOnce: the partner stops its own tills: revoke the campaign instead")
	case to.State == AgreementActive:
		return a.accept(by, now)
	}
	a.end(by, now, to.AtOnce)
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

// Trust is what the partner's terminals know of it, in whole milliseconds.
func (a *Agreement) Trust() trust.Agreement {
	t := trust.Agreement{Owner: a.Owner, Campaigns: a.Campaigns, Stopped: a.Stopped != 0}
	if a.Ended != 0 {
		t.Ended = time.UnixMilli(a.Ended).UTC()
	}
	return t
}

// HonouredUntil returns until when offers of a campaign that were issued under the agreement are redeemed by its
// partner, in milliseconds since 1970: while it is active, math.MaxInt64; after its end, until all have expired that
// were issued before; 0: it was never made, or is not about the campaign.
func (a *Agreement) HonouredUntil(c *Campaign) int64 {
	switch {
	case a.Accepted == 0 || !a.Covers(c) || !slices.Contains(c.Partners, a.Partner):
		return 0
	case a.Ended == 0:
		return math.MaxInt64
	}
	_, until := c.Validity(time.UnixMilli(a.Ended))
	return until.UnixMilli()
}

// AgreedPartners are those of a campaign's partners with which an active agreement stands: they are in the audience of
// passes issued now.
func AgreedPartners(c *Campaign, agreements []Agreement) (agreed []string) {
	for _, partner := range c.Partners {
		stands := func(a Agreement) bool {
			return a.IsActive() && a.Partner == partner && a.Covers(c)
		}
		if slices.ContainsFunc(agreements, stands) {
			agreed = append(agreed, partner)
		}
	}
	return agreed
}

// MayFollow reports whether follow-ups of campaign c may answer redemptions of another merchant's offers, and offer
// its campaigns.
func MayFollow(c *Campaign, other string, agreements []Agreement) bool {
	return other == c.Merchant || slices.ContainsFunc(agreements, func(a Agreement) bool {
		return a.IsActive() && a.FollowUps && a.Partner == other && a.Covers(c)
	})
}

// MayUseCoupon reports whether a merchant may use a coupon number of the owner's for campaigns of its own.
func MayUseCoupon(number, merchant, owner string, agreements []Agreement) bool {
	return merchant == owner || slices.ContainsFunc(agreements, func(a Agreement) bool {
		begins := func(prefix string) bool { return strings.HasPrefix(number, prefix) }
		return a.IsActive() && a.Owner == owner && a.Partner == merchant && slices.ContainsFunc(a.Coupons, begins)
	})
}
