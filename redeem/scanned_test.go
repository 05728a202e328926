package redeem_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/redeem/decision"
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/redeem/terms"
)

// One scanner serves items, cards and offers: what is no offer is said to be none, and nobody is counted as turned
// away.
func TestWhatIsNoOfferIsNotCounted(t *testing.T) {
	shop := newShop(t)
	terminal := shop.with(t, couponCampaign())
	for i, item := range []string{"4012345000009", "]E04012345000009", "https://example.com/about", "HC1:6BFOXN",
		"ITEM-1"} {
		d, err := terminal.Redeem(t.Context(), redeem.Request{Scanned: item, SaleKey: fmt.Sprint(i)})
		require.NoError(t, err)
		assert.True(t, d.Because(fault.NotAnOffer), "%s: %s", item, d)
	}
	d, err := terminal.Redeem(t.Context(), redeem.Request{Scanned: "A" + (offer.ID{1}).Code()[1:], SaleKey: "s"})
	require.NoError(t, err)
	assert.True(t, d.Because(fault.Mistyped), "a damaged offer is one: %s", d)
	_, err = terminal.Redeem(t.Context(), redeem.Request{Scanned: gcn("7"), SaleKey: "t", Separated: true})
	require.NoError(t, err)
	require.NoError(t, terminal.ReportNow(t.Context()))
	require.NotEmpty(t, shop.desk.booked)
	for _, rec := range shop.desk.booked {
		assert.Equal(t, []record.Turned{{Reason: fault.Mistyped, Times: 1}}, rec.Turned, "the damaged offer alone is counted")
	}
}

// A coupon with the serial 12, 9.95 off and a last day, as a hand scanner types it that loses group separators.
const unseparated = "]C1255" + "9501234567891" + "12" + "3902995" + "17261231"

func TestALostSeparatorNeverChoosesAnotherCoupon(t *testing.T) {
	shop := newShop(t)
	terminal := shop.with(t, couponCampaign())
	d, err := terminal.Redeem(t.Context(), redeem.Request{Scanned: unseparated, SaleKey: "a"})
	require.NoError(t, err)
	assert.Equal(t, redeem.Refuse, d.Outcome, "without a layout it is not known which coupon it is")
	require.True(t, d.Because(fault.Ambiguous), d.String())
	assert.Contains(t, d.Reasons[0].Detail, "differ in the serial", "the reason says what differs")

	campaign := couponCampaign()
	campaign.Layout = offer.Layout{Serials: []int{2}}
	shop = newShop(t)
	terminal = shop.with(t, campaign)
	d, err = terminal.Redeem(t.Context(), redeem.Request{Scanned: unseparated, SaleKey: "a"})
	require.NoError(t, err)
	require.Equal(t, redeem.Allow, d.Outcome, "the layout in the bundle decides: %s", d)
	assert.Equal(t, couponPrefix+"12", d.Alias)
	assert.Equal(t, "2027-01-01T00:00:00Z", d.NotAfter.Format("2006-01-02T15:04:05Z"), "its last day counts")
	voided, err := terminal.Void(t.Context(), redeem.VoidRequest{Scanned: unseparated})
	require.NoError(t, err, "and so it does for a void")
	assert.Equal(t, d.Redemption, voided.Redemptions[0])
}

func TestWhereSeparatorsArriveATextStandsAsItIs(t *testing.T) {
	terminal := newShop(t).with(t, couponCampaign())
	scanned := gcn("123" + "17261231") // a serial of eleven digits, or one of three and a day
	d, err := terminal.Check(t.Context(), redeem.Request{Scanned: scanned, SaleKey: "a"})
	require.NoError(t, err)
	assert.True(t, d.Because(fault.Ambiguous), "nothing says that separators arrive: %s", d)
	d, err = terminal.Check(t.Context(), redeem.Request{Scanned: scanned, SaleKey: "a", Separated: true})
	require.NoError(t, err)
	assert.Equal(t, couponPrefix+"12317261231", d.Alias, d.String())
}

// A coupon of 614141 for two of its products. What it requires is held to the lines, and a manager is asked where they
// do not tell.
func TestACouponsPurchaseIsWeighed(t *testing.T) {
	const soap = "614141000012"
	scanned := "]e08110" + "0614141" + "543210" + "3100" + "12" + "0" + "000" + "50123456"
	campaign := couponCampaign()
	campaign.Prefixes = []string{"8110:614141.543210"}
	terminal := newShop(t).with(t, campaign)
	for name, test := range map[string]struct {
		lines   []terms.Line
		outcome decision.Outcome
		code    fault.Code
	}{
		"bought":     {[]terms.Line{{GTIN: soap, Quantity: terms.Items(2), Amount: 600}}, redeem.Allow, ""},
		"not bought": {[]terms.Line{{GTIN: soap, Amount: 600}}, redeem.Refuse, fault.NothingEligible},
		"no lines":   {nil, redeem.Ask, fault.PurchaseUnknown},
	} {
		sale := terms.Sale{Lines: test.lines}
		if test.lines != nil {
			sale.Currency = "EUR"
		}
		d, err := terminal.Check(t.Context(), redeem.Request{Scanned: scanned, SaleKey: name, Sale: sale})
		require.NoError(t, err, name)
		assert.Equal(t, test.outcome, d.Outcome, "%s: %s", name, d)
		if test.code != "" {
			assert.True(t, d.Because(test.code), "%s: %s", name, d)
		}
	}
}
