package redeem_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/redeem/terms"
)

func listed(t *testing.T, terminal *redeem.Terminal, q redeem.Query) (all []redeem.Listed) {
	t.Helper()
	for l, err := range terminal.Records(t.Context(), q) {
		require.NoError(t, err)
		all = append(all, l)
	}
	return all
}

func TestRecordsAreListedBySaleAndSinceAMoment(t *testing.T) {
	shop := newShop(t)
	terminal := shop.online(t)
	first := redeemed(t, terminal, pass(t, nil), "a")
	require.NoError(t, terminal.ReportNow(t.Context()))
	shop.clock.pass(time.Minute)
	second := redeemed(t, terminal, pass(t, nil), "b")
	third := redeemed(t, terminal, pass(t, nil), "b")
	voided(t, terminal, redeem.VoidRequest{Redemption: third.Redemption})

	sale := listed(t, terminal, redeem.Query{SaleKey: "a"})
	require.Len(t, sale, 1)
	assert.Equal(t, first.Redemption, sale[0].Record.ID)
	assert.Equal(t, first.Receipt, sale[0].Receipt)
	assert.True(t, sale[0].Reported, "it is reported")
	since := listed(t, terminal, redeem.Query{Since: noon.Add(time.Second)})
	require.Len(t, since, 3)
	assert.Equal(t, second.Redemption, since[0].Record.ID)
	assert.False(t, since[0].Reported, "it is not reported yet")
	assert.True(t, since[1].Voided, "it is voided")
	assert.Equal(t, record.Void, since[2].Record.Kind)
	assert.Len(t, listed(t, terminal, redeem.Query{}), 4)
	assert.Empty(t, listed(t, terminal, redeem.Query{SaleKey: "c"}))

	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for _, err := range terminal.Records(ended, redeem.Query{}) {
		assert.ErrorIs(t, err, context.Canceled)
	}
	_, err := terminal.Totals(ended, redeem.Query{})
	assert.ErrorIs(t, err, context.Canceled)
}

func TestTotalsForCashingUp(t *testing.T) {
	shop := newShop(t)
	terminal := shop.online(t)
	give := func(campaign, currency, shift string, amount int64) redeem.Decision {
		t.Helper()
		d, err := terminal.Redeem(t.Context(), redeem.Request{
			Scanned: pass(t, func(p *offer.Pass) { p.Campaign = campaign }), SaleKey: offer.NewID().Code(),
			Given: record.Money{Amount: amount, Currency: currency}, Shift: shift, BusinessDate: "2026-11-23",
		})
		require.NoError(t, err)
		require.Equal(t, redeem.Allow, d.Outcome, d.String())
		return d
	}
	give("spring", "EUR", "early", 100)
	back := give("spring", "EUR", "early", 250)
	give("spring", "CHF", "early", 70)
	give("autumn", "EUR", "late", 10)
	voided(t, terminal, redeem.VoidRequest{Redemption: back.Redemption, Shift: "late"})
	reserved(t, terminal, pass(t, nil), "held", time.Hour)
	_, err := terminal.Release(t.Context(), "held", "")
	require.NoError(t, err)

	totals, err := terminal.Totals(t.Context(), redeem.Query{BusinessDate: "2026-11-23"})
	require.NoError(t, err)
	assert.Equal(t, []redeem.Total{
		{BusinessDate: "2026-11-23", Shift: "early", Currency: "CHF", Campaign: "spring", Redemptions: 1, Given: 70,
			GivenByPOS: 70},
		{BusinessDate: "2026-11-23", Shift: "early", Currency: "EUR", Campaign: "spring", Redemptions: 2, Given: 350,
			GivenByPOS: 350},
		{BusinessDate: "2026-11-23", Shift: "late", Currency: "EUR", Campaign: "autumn", Redemptions: 1, Given: 10,
			GivenByPOS: 10},
		{BusinessDate: "2026-11-23", Shift: "late", Currency: "EUR", Campaign: "spring", Voids: 1, Returned: 250},
	}, totals)
	assert.Equal(t, int64(-250), totals[3].Net())
	late, err := terminal.Totals(t.Context(), redeem.Query{Shift: "late"})
	require.NoError(t, err)
	assert.Len(t, late, 2)
}

// Whoever audits a till wants to know which amounts the terminal reckoned and which it was told.
func TestRecordsSayWhoWorkedTheAmountOut(t *testing.T) {
	shop := newShop(t)
	terminal := shop.online(t)
	sale := terms.Sale{Currency: "EUR", Lines: []terms.Line{{Amount: 1000}}}
	worth := func(p *offer.Pass) { p.Terms = terms.Terms{Kind: terms.PercentOff, Percent: 1000, Combinable: true} }
	for _, test := range []struct {
		name  string
		req   redeem.Request
		given record.Money
		by    record.GivenBy
	}{
		{"here", redeem.Request{Scanned: pass(t, worth), Sale: sale}, record.Money{Amount: 100, Currency: "EUR"},
			record.GivenByTerms},
		{"by the POS", redeem.Request{Scanned: pass(t, worth), Sale: sale, Given: record.Money{Amount: 99, Currency: "EUR"}},
			record.Money{Amount: 99, Currency: "EUR"}, record.GivenByPOS},
		{"by the POS, nothing", redeem.Request{Scanned: pass(t, worth), Sale: sale, Given: record.Money{Currency: "EUR"}},
			record.Money{Currency: "EUR"}, record.GivenByPOS},
		{"by nobody", redeem.Request{Scanned: pass(t, worth)}, record.Money{}, 0},
	} {
		test.req.SaleKey = test.name
		for range 2 { // the second time it is the same redemption
			d, err := terminal.Redeem(t.Context(), test.req)
			require.NoError(t, err)
			require.Equal(t, redeem.Allow, d.Outcome, d.String())
			assert.Equal(t, test.given, d.Given, test.name)
			assert.Equal(t, test.by, d.GivenBy, test.name)
		}
		all := listed(t, terminal, redeem.Query{SaleKey: test.name})
		require.Len(t, all, 1)
		assert.Equal(t, test.given, all[0].Record.Given, test.name)
		assert.Equal(t, test.by, all[0].Record.GivenBy, test.name)
	}
	totals, err := terminal.Totals(t.Context(), redeem.Query{})
	require.NoError(t, err)
	assert.Equal(t, []redeem.Total{
		{Campaign: "spring", Redemptions: 1}, {Currency: "EUR", Campaign: "spring", Redemptions: 3, Given: 199,
			GivenByPOS: 99},
	}, totals)

	part := voided(t, terminal, redeem.VoidRequest{SaleKey: "here", Partial: true, Key: "r",
		Returned: record.Money{Amount: 30, Currency: "EUR"}})
	rest := voided(t, terminal, redeem.VoidRequest{SaleKey: "here"})
	require.NoError(t, terminal.ReportNow(t.Context()))
	assert.Equal(t, record.GivenByPOS, shop.desk.booked[part.Voids[0]].GivenBy)
	assert.Equal(t, record.GivenByRemainder, shop.desk.booked[rest.Voids[0]].GivenBy)
}
