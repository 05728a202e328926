package redeem_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/redeem/decision"
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/redeem/terms"
	"github.com/offlane/offlane/redeem/trust"
)

// bundleWith is a bundle that takes some offers for spent elsewhere.
func bundleWith(t *testing.T, sequence uint64, made time.Time, spent ...offer.ID) trust.Bundle {
	t.Helper()
	filter, err := trust.NewFilter(trust.Offers{IDs: spent})
	require.NoError(t, err)
	return trust.Bundle{Sequence: sequence, Merchant: "m-1", Made: made, Keys: []offer.Key{issuer.Key()}, Spent: filter}
}

// with opens a terminal whose bundle holds these campaigns.
func (s *shop) with(t *testing.T, campaigns ...trust.Campaign) *redeem.Terminal {
	t.Helper()
	b := bundleWith(t, 1, noon)
	b.Campaigns = campaigns
	s.desk.bundle = bundleOf(t, b)
	return s.online(t)
}

// gcn is a GS1 coupon number with a serial, as a scanner transmits it.
func gcn(serial string) string { return "]C12559501234567891" + serial }

const couponPrefix = "255:9501234567891"

func couponCampaign() trust.Campaign {
	return trust.Campaign{
		Name: "coupons", Prefixes: []string{couponPrefix}, Terms: terms.Terms{Kind: terms.AmountOff, Amount: 200,
			Currency: "EUR", Combinable: true},
		Unproven: trust.Allowance{Number: 10, Value: 500, Currency: "EUR"}, Title: "Two euros off",
	}
}

func TestCouponsOfACampaignAreAllowedUpToItsAllowance(t *testing.T) {
	shop := newShop(t)
	terminal := shop.with(t, couponCampaign())
	sale := terms.Sale{Currency: "EUR", Lines: []terms.Line{{Amount: 1000}}}
	redeemCoupon := func(scanned, key string) redeem.Decision {
		t.Helper()
		d, err := terminal.Redeem(t.Context(), redeem.Request{Scanned: scanned, SaleKey: key, Sale: sale})
		require.NoError(t, err)
		return d
	}
	first := redeemCoupon(gcn("1"), "a")
	require.Equal(t, redeem.Allow, first.Outcome, first.String())
	assert.Equal(t, "coupons", first.Campaign)
	assert.False(t, first.Proven, "nothing proves it")
	assert.Equal(t, record.Money{Amount: 200, Currency: "EUR"}, first.Given)
	assert.True(t, redeemCoupon(gcn("1"), "b").Because(fault.AlreadyRedeemed), "a number with a serial names one offer")

	none := redeemCoupon(gcn(""), "c")
	require.Equal(t, redeem.Allow, none.Outcome, none.String())
	again := redeemCoupon(gcn(""), "c")
	assert.True(t, again.Again, "the same sale")
	assert.Equal(t, none.Redemption, again.Redemption)
	over := redeemCoupon(gcn(""), "d")
	assert.Equal(t, redeem.Ask, over.Outcome)
	require.True(t, over.Because(fault.Unproven), over.String())
	assert.Equal(t, int64(500), over.Reasons[0].Limit)
	assert.Equal(t, int64(400), over.Reasons[0].Used)

	shop.clock.pass(24 * time.Hour)
	last := redeemCoupon(gcn(""), "d")
	assert.Equal(t, redeem.Allow, last.Outcome, "a day later: %s", last)
	require.NoError(t, terminal.ReportNow(t.Context()))
	rec := shop.desk.booked[last.Redemption]
	assert.Equal(t, couponPrefix, rec.Coupon)
	assert.True(t, rec.Offer.IsZero(), "the record names no identifier")
	assert.Empty(t, rec.Alias)
}

func TestUnprovenOffersAreAllowedAsOftenAsThePolicySays(t *testing.T) {
	shop := newShop(t)
	shop.cfg.Policy.UnprovenPerDay.Number = 2
	terminal := shop.online(t)
	for i, want := range []decision.Outcome{redeem.Allow, redeem.Allow, redeem.Ask} {
		assert.Equal(t, want, redeemed(t, terminal, offer.NewID().Code(), fmt.Sprint(i)).Outcome)
	}
	assert.Equal(t, redeem.Allow, redeemed(t, terminal, pass(t, nil), "pass").Outcome, "a signed one is no matter")
}

func TestCampaignsRulesCountBesideThePass(t *testing.T) {
	for name, test := range map[string]struct {
		campaign trust.Campaign
		outcome  decision.Outcome
		code     fault.Code
	}{
		"other store": {trust.Campaign{Stores: []string{"s-2"}}, redeem.Refuse, fault.OtherStore},
		"over":        {trust.Campaign{NotAfter: noon}, redeem.Refuse, fault.Expired},
		"not begun":   {trust.Campaign{NotBefore: noon.Add(time.Second)}, redeem.Refuse, fault.NotYetValid},
		"nothing to do": {
			trust.Campaign{Terms: terms.Terms{Kind: terms.FreeItem, MinQuantity: terms.MaxQuantity}}, redeem.Refuse,
			fault.NothingEligible,
		},
		"no budget": {trust.Campaign{Offline: trust.Allowance{Value: 1, Currency: "EUR"}}, redeem.Ask, fault.OverLimit},
		"good": {
			trust.Campaign{Stores: []string{"s-1"}, NotBefore: noon, NotAfter: noon.Add(1)}, redeem.Allow, "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			test.campaign.Name = "spring"
			test.campaign.NotAfter = test.campaign.NotAfter.Truncate(time.Millisecond)
			if name == "good" {
				test.campaign.NotAfter = noon.Add(time.Millisecond)
			}
			terminal := newShop(t).with(t, test.campaign)
			d, err := terminal.Redeem(t.Context(), redeem.Request{
				Scanned: pass(t, nil), SaleKey: "s", Sale: terms.Sale{Currency: "EUR", Lines: []terms.Line{{Amount: 500}}},
				Given: record.Money{Amount: 2, Currency: "EUR"},
			})
			require.NoError(t, err)
			assert.Equal(t, test.outcome, d.Outcome, d.String())
			if test.code != "" {
				require.Len(t, d.Reasons, 1, d.String())
				assert.Equal(t, test.code, d.Reasons[0].Code)
			}
		})
	}
}

func TestOffersOfOneSaleAreCombinedAsTheirTermsSay(t *testing.T) {
	worth := func(combinable bool) func(*offer.Pass) {
		return func(p *offer.Pass) {
			p.Terms = terms.Terms{Kind: terms.PercentOff, Percent: 500, Combinable: combinable}
		}
	}
	for _, test := range []struct {
		first, second bool
		want          decision.Outcome
	}{{true, true, redeem.Allow}, {true, false, redeem.Refuse}, {false, true, redeem.Refuse}} {
		terminal := newShop(t).online(t)
		require.Equal(t, redeem.Allow, redeemed(t, terminal, pass(t, worth(test.first)), "s").Outcome)
		second := redeemed(t, terminal, pass(t, worth(test.second)), "s")
		assert.Equal(t, test.want, second.Outcome, "%+v", test)
		assert.Equal(t, test.want == redeem.Refuse, second.Because(fault.NotCombinable))
		assert.Equal(t, redeem.Allow, redeemed(t, terminal, pass(t, worth(test.second)), "another").Outcome)
	}
}

func TestBundleThatIsTooOldIsAskedAbout(t *testing.T) {
	shop := newShop(t)
	shop.cfg.Policy.MaxBundleAge = time.Hour
	terminal := shop.online(t)
	shop.clock.pass(time.Hour)
	require.Equal(t, redeem.Allow, redeemed(t, terminal, pass(t, nil), "a").Outcome)
	shop.clock.pass(time.Second)
	d := redeemed(t, terminal, pass(t, nil), "b")
	assert.Equal(t, redeem.Ask, d.Outcome)
	assert.True(t, d.Because(fault.BundleTooOld), "the reason is the age of the bundle")
	none := newShop(t)
	none.cfg.Policy.MaxBundleAge, none.cfg.Policy.MaxAlone = time.Hour, -1
	none.cfg.Keys, none.desk.bundle = []offer.Key{issuer.Key()}, nil
	assert.True(t, redeemed(t, none.online(t), pass(t, nil), "a").Because(fault.BundleTooOld), "none at all")
}

func TestSpentElsewhereIsAskedAboutAndNeverRefused(t *testing.T) {
	shop := newShop(t)
	id := offer.NewID()
	shop.desk.bundle = bundleOf(t, bundleWith(t, 1, noon, id))
	terminal := shop.online(t)
	d := redeemed(t, terminal, pass(t, func(p *offer.Pass) { p.ID = id }), "a")
	assert.Equal(t, redeem.Ask, d.Outcome)
	require.Len(t, d.Reasons, 1)
	assert.Equal(t, fault.RedeemedElsewhere, d.Reasons[0].Code)
}

// A coupon's last day ends at midnight where the shop is, not in UTC and not where the machine thinks it is.
func TestDaysOfACouponAreThoseOfTheShop(t *testing.T) {
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Skip("this machine has no time zones:", err)
	}
	for name, test := range map[string]struct {
		wall time.Time
		want decision.Outcome
	}{
		"last minute":         {time.Date(2026, 11, 23, 23, 59, 0, 0, zone), redeem.Allow},
		"midnight":            {time.Date(2026, 11, 24, 0, 0, 0, 0, zone), redeem.Refuse},
		"the machine's night": {time.Date(2026, 11, 23, 23, 59, 0, 0, zone).UTC(), redeem.Allow},
	} {
		t.Run(name, func(t *testing.T) {
			shop := newShop(t)
			shop.cfg.Policy.UnprovenPerDay.Number = 5
			shop.clock.set(test.wall)
			shop.cfg.Reporter = &mover{desk: shop.desk, store: "s-1", zone: zone.String()}
			terminal := shop.online(t)
			d := redeemed(t, terminal, "]C117261123255950123456789115", "s")
			assert.Equal(t, test.want, d.Outcome, d.String())
			assert.Equal(t, test.want == redeem.Refuse, d.Because(fault.Expired))
		})
	}
}
