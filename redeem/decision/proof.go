package decision

import (
	"time"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/internal/evidence"
)

// weighProof asks a manager where nothing shows the offer to be genuine, and refuses where something shows that it is
// not.
func (p *Prepared) weighProof() {
	if p.Presented.Pass == nil {
		p.unproven = true // how many of those are allowed is weighed with the limits
		return
	}
	err := p.Presented.Verify(p.Facts.Keys)
	switch {
	case err == nil:
		p.Proven = true
	case fault.CodeOf(err) == fault.UnknownIssuer:
		p.addReason(Ask, err)
	default:
		p.addReason(Refuse, err)
	}
}

// weighBundle applies what the backend said about offers and campaigns.
func (p *Prepared) weighBundle() {
	bundle, most := p.Facts.Bundle, p.Facts.Policy.MaxBundleAge
	if bundle == nil {
		if most > 0 {
			p.addReason(Ask, fault.New(fault.BundleTooOld, "", "there is no trust bundle: report, or install one"))
		}
		return
	}
	if bundle.IsRevoked(p.Presented.ID, p.Presented.Alias, p.Campaign) {
		p.addReason(Refuse, fault.New(fault.Revoked, "",
			"the offer or its campaign was revoked: show the customer what else there is"))
	}
	if bundle.MaySpent(p.Presented.ID, p.Presented.Alias) {
		p.spentAsOf = bundle.Made.UnixMilli()
	}
	if most > 0 {
		p.weighAge(bundle.Made, most)
	}
}

// weighAge asks where the bundle is too old, or where nobody knows how old it is.
func (p *Prepared) weighAge(made time.Time, most time.Duration) {
	now := evidence.Present(p.Facts.Time)
	if made.UnixMilli() > now+evidence.Slack.Milliseconds() {
		p.addReason(Ask, fault.New(fault.BundleTooOld, "", "the trust bundle was made at %s by its own word, and it is %s "+
			"here, so that its age is not known: report, or install one", made.Format(time.RFC3339), moment(now)))
	}
	if age := time.UnixMilli(max(now, p.Facts.Claimed)).Sub(made); age > most {
		p.addReason(Ask, fault.New(fault.BundleTooOld, "",
			"the trust bundle is %s old, the policy allows %s: report, or install one", age.Round(time.Minute), most))
	}
}
