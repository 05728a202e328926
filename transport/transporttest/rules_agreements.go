package transporttest

import (
	"cmp"
	"context"
	"crypto/rand"
	"net/http"
	"slices"
	"strings"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/transport/wire"
)

// A MerchantKey is a merchant with its management key.
type MerchantKey struct{ Merchant, Key string }

var agreementRules = []Rule{
	{"partner-needs-agreement", "A campaign names another merchant as partner only while an agreement stands that both " +
		"made.",
		checkPartner},
	{"agreement-needs-both", "An agreement is proposed with one merchant's key and accepted with the other's, and both " +
		"see it.",
		checkBothKeys},
	{"agreement-ends", "A pass issued while an agreement stands is for the partner, one issued after its end is not.",
		checkEnds},
}

// errNoMerchants is why the rules on agreements are skipped.
const errNoMerchants = skip("the target names no two merchants with management keys")

// A skip is why a rule is not checked.
type skip string

// Error returns why.
func (s skip) Error() string { return string(s) }

// A pair is two merchants in a play, who speak with the management side.
type pair struct {
	*suite                // speaks with the management side
	base           string // where customers' devices are served
	owner, partner MerchantKey
}

func (s *suite) pair() (*pair, error) {
	if s.Owner.Key == "" || s.Partner.Key == "" {
		return nil, errNoMerchants
	}
	side := s.Target
	side.URL = strings.TrimRight(cmp.Or(s.Management, s.URL), "/")
	return &pair{&suite{side}, s.URL, s.Owner, s.Partner}, nil
}

// newCampaign is an id that no campaign has.
func newCampaign() string { return "conformance-" + rand.Text() }

// names asks for a campaign of the owner's that names the partner.
func (b *pair) names(ctx context.Context, id string) (response, error) {
	campaign := wire.Campaign{ID: id, Title: "Conformance", Partners: []string{b.partner.Merchant}}
	return b.post(ctx, wire.PathCampaigns, b.owner.Key, campaign)
}

// mayNotName asks for a campaign that names the partner and wants to be refused.
func (b *pair) mayNotName(ctx context.Context, id string) error {
	resp, err := b.names(ctx, id)
	return wantClientError(resp, err, fault.Forbidden)
}

// propose proposes an agreement on campaigns with these ids, so that rules do not meet.
func (b *pair) propose(ctx context.Context, ids ...string) (wire.Agreement, error) {
	scope := wire.NewAgreement{Owner: b.owner.Merchant, Partner: b.partner.Merchant, Campaigns: ids}
	a, err := wantCreated[wire.Agreement](b.post(ctx, wire.PathAgreements, b.owner.Key, scope))
	if err == nil && (a.State != wire.AgreementProposed || a.Owner != scope.Owner || a.Partner != scope.Partner) {
		err = breach("a proposal is %q between %q and %q", a.State, a.Owner, a.Partner)
	}
	return a, err
}

// become asks for another state of an agreement.
func (b *pair) become(ctx context.Context, by MerchantKey, a wire.Agreement, to wire.AgreementState) (
	response, error,
) {
	path := strings.Replace(wire.PathAgreementState, "{id}", a.ID, 1)
	return b.send(ctx, http.MethodPut, path, by.Key, wire.NewAgreementState{State: to})
}

func checkPartner(ctx context.Context, s *suite) error {
	b, err := s.pair()
	if err != nil {
		return err
	}
	one, two := newCampaign(), newCampaign()
	if err := b.mayNotName(ctx, one); err != nil {
		return breach("a partner that never agreed: %w", err)
	}
	a, err := b.propose(ctx, one, two)
	if err != nil {
		return err
	}
	if err := b.mayNotName(ctx, one); err != nil {
		return breach("a partner that was asked and has not accepted: %w", err)
	}
	if _, err := good[wire.Agreement](b.become(ctx, b.partner, a, wire.AgreementActive)); err != nil {
		return breach("accepting: %w", err)
	}
	if err := b.mayNotName(ctx, newCampaign()); err != nil {
		return breach("a campaign that the agreement is not about: %w", err)
	}
	if _, err := wantCreated[wire.Campaign](b.names(ctx, one)); err != nil {
		return breach("a partner that agreed: %w", err)
	}
	if _, err := good[wire.Agreement](b.become(ctx, b.owner, a, wire.AgreementEnded)); err != nil {
		return breach("ending: %w", err)
	}
	if err := b.mayNotName(ctx, two); err != nil {
		return breach("a partner with which the agreement ended: %w", err)
	}
	return nil
}

func checkBothKeys(ctx context.Context, s *suite) error {
	b, err := s.pair()
	if err != nil {
		return err
	}
	a, err := b.propose(ctx, newCampaign())
	if err != nil {
		return err
	}
	resp, err := b.become(ctx, b.owner, a, wire.AgreementActive)
	if err := wantClientError(resp, err, fault.Forbidden); err != nil {
		return breach("accepted by whoever proposed it: %w", err)
	}
	for _, by := range []MerchantKey{b.owner, b.partner} {
		all, err := good[wire.Agreements](b.call(ctx, http.MethodGet, wire.PathAgreements, by.Key, nil, nil))
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(all.Agreements, func(seen wire.Agreement) bool { return seen.ID == a.ID }) {
			return breach("%q does not see the agreement %s", by.Merchant, a.ID)
		}
	}
	_, err = good[wire.Agreement](b.become(ctx, b.partner, a, wire.AgreementEnded))
	return err
}

func checkEnds(ctx context.Context, s *suite) error {
	b, err := s.pair()
	if err != nil {
		return err
	}
	health, err := good[wire.Health](s.call(ctx, http.MethodGet, wire.PathHealth, "", nil, nil))
	if err != nil {
		return err
	}
	if len(health.Lacks(wire.CanDevice)) > 0 {
		return skip("the backend issues no passes to devices")
	}
	id := newCampaign()
	a, err := b.propose(ctx, id)
	if err != nil {
		return err
	}
	if _, err := good[wire.Agreement](b.become(ctx, b.partner, a, wire.AgreementActive)); err != nil {
		return breach("accepting: %w", err)
	}
	if _, err := wantCreated[wire.Campaign](b.names(ctx, id)); err != nil {
		return err
	}
	if err := b.isNamed(ctx, id, true); err != nil {
		return err
	}
	if _, err := good[wire.Agreement](b.become(ctx, b.partner, a, wire.AgreementEnded)); err != nil {
		return breach("ending: %w", err)
	}
	return b.isNamed(ctx, id, false)
}

// isNamed accepts an offer and looks whether its pass is for the partner.
func (b *pair) isNamed(ctx context.Context, campaign string, want bool) error {
	text, err := AcceptFrom(b.base, b.Client, campaign)(ctx)
	if err != nil {
		return err
	}
	p, err := offer.Parse(text)
	if err != nil || p.Pass == nil {
		return breach("the offer is no pass: %w", err)
	}
	switch {
	case p.Pass.Owner != b.owner.Merchant:
		return breach("the pass's owner is %q, the campaign's %q", p.Pass.Owner, b.owner.Merchant)
	case slices.Contains(p.Pass.Audience, b.partner.Merchant) != want:
		return breach("the pass is for %q: that %q is among them should be %v", p.Pass.Audience, b.partner.Merchant, want)
	}
	return nil
}
