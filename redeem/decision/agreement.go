package decision

import (
	"slices"
	"time"

	"github.com/offlane/offlane/redeem/fault"
)

// weighAgreement asks about an offer of another merchant where no agreement with it stands in the bundle, and refuses
// it where this merchant ended the agreement at once.
func (p *Prepared) weighAgreement() {
	here := p.Facts.Place.Merchant
	owner, issued := p.ownerOr(here)
	if owner == here || !p.isFor(here) {
		return
	}
	var agreed, stopped bool
	if bundle := p.Facts.Bundle; bundle != nil {
		agreed, stopped = bundle.Agreed(owner, p.Campaign, issued)
	}
	switch {
	case agreed:
	case stopped:
		p.addReason(Refuse, fault.New(fault.NoAgreement, "", "%q ended its agreement with %q, whose offer it is, at once: "+
			"show the customer what else there is", here, owner))
	case owner == "":
		p.addReason(Ask, fault.New(fault.NoAgreement, "",
			"the pass does not say which merchant's offer it is: ask its issuer"))
	default:
		p.addReason(Ask, fault.New(fault.NoAgreement, "", "it is an offer of %q, with which %q has no agreement that this "+
			"terminal knows of: report, or install a trust bundle", owner, here))
	}
}

// ownerOr returns whose offer it is, by its pass or else by its campaign, and when its pass was issued. What names no
// merchant at all counts as the terminal's own: a pass that is for everybody who trusts the issuer, as this merchant
// does, and a code without a pass that belongs to no campaign of another's; that it is unproven is weighed elsewhere.
func (p *Prepared) ownerOr(here string) (owner string, issued time.Time) {
	switch pass := p.Presented.Pass; {
	case pass != nil && pass.Owner == "" && len(pass.Audience) == 0:
		return here, pass.IssuedAt
	case pass != nil:
		return pass.Owner, pass.IssuedAt
	case p.rules.Owner != "":
		return p.rules.Owner, time.Time{}
	}
	return here, time.Time{}
}

// isFor reports whether the offer is for the merchant at all; that it is not has been said.
func (p *Prepared) isFor(merchant string) bool {
	pass := p.Presented.Pass
	return pass == nil || len(pass.Audience) == 0 || slices.Contains(pass.Audience, merchant)
}
