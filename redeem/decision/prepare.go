package decision

import (
	"cmp"
	"errors"
	"time"

	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/redeem/terms"
	"github.com/offlane/offlane/redeem/trust"
)

// Prepared is a request after every rule that needs no journal. Its exported fields are only read.
type Prepared struct {
	Request Request
	Facts   Facts
	// Readable says that the text could be read. Where it could not, there is nothing to look up: Decide takes an empty
	// Ledger.
	Readable bool
	// Presented is what was scanned; zero where the text could not be read.
	Presented offer.Presented
	// Uses is how many uses the request takes at once, at least one.
	Uses int
	// Campaign is the offer's; empty where none is known.
	Campaign string
	// Proven says that a signature showed the offer to be genuine.
	Proven bool
	// Terms are the offer's, by its pass or its campaign; zero: not known here.
	Terms terms.Terms
	// Given, GivenBy and Discount are what the offer is worth in the sale, as in Decision.
	Given    record.Money
	GivenBy  record.GivenBy
	Discount terms.Discount

	rules               trust.Campaign // of its campaign; zero if the bundle has none
	reasons             []Reason
	notBefore, notAfter time.Time
	unproven            bool  // it carries no signature
	spentAsOf           int64 // not 0: the bundle made then says that its uses are spent elsewhere
	// how many uses the terminal may grant, and of these how many that the backend does not know of
	allowed, alone int
	limits         limitBuf
	forAll         int // how many of the limits are for all offers
	withoutHub     int // where the limit of what is redeemed without the hub stands, if there is one
}

// Prepare reads what was presented and applies every rule that needs no journal. The request must be one of which Check
// returned nil.
func Prepare(req *Request, facts *Facts) (p Prepared) {
	p.Request, p.Facts, p.Uses = *req, *facts, max(req.Uses, 1)
	var err error
	reader := offer.Reader{Separated: req.Separated, LayoutOf: facts.Bundle.LayoutOf}
	if p.Presented, err = reader.Parse(req.Scanned); err != nil {
		p.addMisread(err)
		return p
	}
	p.Readable = true
	p.Campaign, p.rules = rulesOf(facts.Bundle, &p.Presented)
	p.Terms = TermsOf(p.Presented.Pass, &p.rules)
	p.allowed, p.alone = usesOf(facts.Policy, p.Presented.Pass)
	p.weighProof()
	p.weighClock()
	if pass := p.Presented.Pass; pass != nil {
		p.weighPlace(pass)
		p.weighValidity(pass.ValidFrom(), pass.NotAfter)
	}
	p.weighCampaign()
	p.weighBundle()
	p.weighAgreement()
	p.weighWorth()
	p.weighPurchase()
	p.setLimits()
	return p
}

// NeedsVoids reports whether the Ledger must have the voids of this offer's redemptions.
func (p *Prepared) NeedsVoids() bool { return p.spentAsOf != 0 }

// Exclusive reports whether the terms forbid other offers in the same sale. Where the terms are not known here, the
// POS's own engine sees to it.
func (p *Prepared) Exclusive() bool { return !p.Terms.IsZero() && !p.Terms.Combinable }

// isTraining reports whether nothing is to be recorded, since the terminal or the POS is in training mode.
func (p *Prepared) isTraining() bool { return p.Facts.Policy.Training || p.Request.Training }

func (p *Prepared) addReason(outcome Outcome, err error) *Reason {
	return addReason(&p.reasons, outcome, err)
}

// addMisread refuses what could not be read, and says which symbol is to blame.
func (p *Prepared) addMisread(err error) {
	reason := p.addReason(Refuse, err)
	if symbol, ok := errors.AsType[*offer.SymbolError](err); ok {
		reason.Position = symbol.Position
	}
}

// rulesOf finds the campaign of what was presented, and its rules as far as the bundle has any. A GS1 coupon belongs to
// the campaign whose prefix it begins with; of a short code no campaign is known.
func rulesOf(bundle *trust.Bundle, p *offer.Presented) (campaign string, rules trust.Campaign) {
	if p.Pass != nil {
		campaign = p.Pass.Campaign
	}
	if bundle == nil {
		return campaign, rules
	}
	if number := cmp.Or(p.Alias, p.Coupon); p.Pass == nil && number != "" {
		if rules, ok := bundle.CampaignOf(number); ok {
			return rules.Name, rules
		}
	}
	rules, _ = bundle.Campaign(campaign)
	return campaign, rules
}

// TermsOf returns what an offer is worth: by its pass, else by its campaign. The pass is nil where it is not known.
func TermsOf(pass *offer.Pass, rules *trust.Campaign) terms.Terms {
	if pass != nil && !pass.Terms.IsZero() {
		return pass.Terms
	}
	return rules.Terms
}

// usesOf returns how many uses an offer has as far as this terminal may grant them, and how many of those it may grant
// that the backend has not answered. Without a pass both are one.
func usesOf(policy *Policy, pass *offer.Pass) (allowed, alone int) {
	allowed, alone = 1, 1
	if pass != nil {
		allowed, alone = pass.MaxUses(), pass.MaxOfflineUses()
	}
	if most := policy.MaxUses; most > 0 {
		allowed = min(allowed, most)
	}
	return allowed, alone
}
