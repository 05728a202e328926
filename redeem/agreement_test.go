package redeem_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/redeem/decision"
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/trust"
)

// A pass of another merchant's, with this terminal's in its audience, as a backend issues it that asks nobody.
func foreign(campaign string, issued time.Time) func(*offer.Pass) {
	return func(p *offer.Pass) {
		p.Owner, p.Audience, p.Campaign, p.IssuedAt = "m-2", []string{"m-2", "m-1"}, campaign, issued
	}
}

func TestAnotherMerchantsOfferNeedsAnAgreement(t *testing.T) {
	ended := noon.Add(-time.Hour)
	before, later := ended.Add(-time.Second), ended.Add(time.Second)
	named := trust.Agreement{Owner: "m-2", Campaigns: []string{"fifty"}}
	over := trust.Agreement{Owner: "m-2", Ended: ended}
	stopped := trust.Agreement{Owner: "m-2", Ended: ended, Stopped: true}
	none := func(p *offer.Pass) { p.Audience = nil }
	several := func(p *offer.Pass) { p.Audience = []string{"m-1", "m-2"} }
	own := func(p *offer.Pass) { p.Owner, p.Audience = "m-1", []string{"m-1", "m-2"} }
	for name, test := range map[string]struct {
		agreements []trust.Agreement
		pass       func(*offer.Pass)
		outcome    decision.Outcome
	}{
		"none":                  {nil, foreign("fifty", before), redeem.Ask},
		"with another merchant": {[]trust.Agreement{{Owner: "m-3"}}, foreign("fifty", before), redeem.Ask},
		"on all":                {[]trust.Agreement{{Owner: "m-2"}}, foreign("fifty", before), redeem.Allow},
		"on its campaign":       {[]trust.Agreement{named}, foreign("fifty", before), redeem.Allow},
		"on another campaign":   {[]trust.Agreement{named}, foreign("hundred", before), redeem.Ask},
		"out before its end":    {[]trust.Agreement{over}, foreign("fifty", before), redeem.Allow},
		"issued after its end":  {[]trust.Agreement{over}, foreign("fifty", later), redeem.Ask},
		"stopped at once":       {[]trust.Agreement{stopped}, foreign("fifty", before), redeem.Refuse},
		"made again":            {[]trust.Agreement{stopped, named}, foreign("fifty", later), redeem.Allow},
		"its own offer":         {nil, own, redeem.Allow},
		"nobody's, for all":     {nil, none, redeem.Allow},
		"nobody's, for several": {nil, several, redeem.Ask},
	} {
		t.Run(name, func(t *testing.T) {
			shop := newShop(t)
			b := bundleWith(t, 1, noon)
			b.Agreements = test.agreements
			shop.desk.bundle = bundleOf(t, b)
			d := redeemed(t, shop.online(t), pass(t, test.pass), "s")
			assert.Equal(t, test.outcome, d.Outcome, d.String())
			assert.Equal(t, test.outcome != redeem.Allow, d.Because(fault.NoAgreement))
		})
	}
}

// Without a bundle a terminal cannot know what was agreed, whatever keys it has.
func TestAnotherMerchantsOfferIsAskedAboutWithoutABundle(t *testing.T) {
	shop := newShop(t)
	shop.cfg.Keys, shop.desk.bundle = []offer.Key{issuer.Key()}, nil
	d := redeemed(t, shop.online(t), pass(t, foreign("fifty", noon.Add(-time.Hour))), "s")
	assert.Equal(t, redeem.Ask, d.Outcome)
	assert.True(t, d.Because(fault.NoAgreement), d.String())
}

// A GS1 number names no owner: the campaign that it belongs to does.
func TestCouponsOfAnotherMerchantNeedAnAgreement(t *testing.T) {
	campaign := trust.Campaign{Name: "paper", Owner: "m-2", Prefixes: []string{couponPrefix},
		Unproven: trust.Allowance{Number: 10}}
	for name, test := range map[string]struct {
		agreements []trust.Agreement
		outcome    decision.Outcome
	}{
		"none":    {nil, redeem.Ask},
		"one":     {[]trust.Agreement{{Owner: "m-2"}}, redeem.Allow},
		"ended":   {[]trust.Agreement{{Owner: "m-2", Ended: noon}}, redeem.Allow},
		"stopped": {[]trust.Agreement{{Owner: "m-2", Ended: noon, Stopped: true}}, redeem.Refuse},
	} {
		shop := newShop(t)
		b := bundleWith(t, 1, noon)
		b.Campaigns, b.Agreements = []trust.Campaign{campaign}, test.agreements
		shop.desk.bundle = bundleOf(t, b)
		terminal := shop.online(t)
		for _, scanned := range []string{gcn("1"), gcn("")} {
			d := redeemed(t, terminal, scanned, "s "+scanned)
			assert.Equal(t, test.outcome, d.Outcome, "%s: %s", name, d)
			assert.Equal(t, test.outcome != redeem.Allow, d.Because(fault.NoAgreement), name)
		}
	}
}

// What a manager allowed without an agreement says so in its record.
func TestAManagerMayAllowAnotherMerchantsOffer(t *testing.T) {
	shop := newShop(t)
	terminal := shop.online(t)
	request := redeem.Request{Scanned: pass(t, foreign("fifty", noon.Add(-time.Hour))), SaleKey: "s",
		Override: &redeem.Override{Manager: "12", Why: "known customer"}}
	d, err := terminal.Redeem(t.Context(), request)
	require.NoError(t, err)
	require.Equal(t, redeem.Allow, d.Outcome, d.String())
	require.NoError(t, terminal.ReportNow(t.Context()))
	assert.Contains(t, shop.desk.booked[d.Redemption].Override.Reasons, fault.NoAgreement)
}
