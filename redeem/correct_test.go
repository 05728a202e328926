package redeem_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/redeem/terms"
	"github.com/offlane/offlane/redeem/trust"
)

func corrected(t *testing.T, terminal *redeem.Terminal, req redeem.CorrectRequest) redeem.Corrected {
	t.Helper()
	done, err := terminal.Correct(t.Context(), req)
	require.NoError(t, err)
	return done
}

// The basket changes after the scan: the repeated call changes nothing and says so, and a correction brings the record
// in line.
func TestARepetitionWithAnotherBasketSaysThatItDiffers(t *testing.T) {
	terminal := newShop(t).online(t)
	first := redeem.Request{Scanned: pass(t, tenPercent), SaleKey: "s", Sale: basket(1000, 500)}
	d := atOnce(t, terminal, first)
	for name, test := range map[string]struct {
		change  func(*redeem.Request)
		differs bool
	}{
		"the same":             {func(*redeem.Request) {}, false},
		"without a basket":     {func(r *redeem.Request) { r.Sale = terms.Sale{} }, false},
		"fewer lines":          {func(r *redeem.Request) { r.Sale = basket(1000) }, true},
		"other lines":          {func(r *redeem.Request) { r.Sale = basket(500, 1000) }, true},
		"nothing is left":      {func(r *redeem.Request) { r.Sale = basket(-1000) }, true},
		"another amount":       {func(r *redeem.Request) { r.Given = euros(149) }, true},
		"the same by the POS":  {func(r *redeem.Request) { r.Given = euros(150) }, false},
		"zero by the POS":      {func(r *redeem.Request) { r.Given = euros(0) }, true},
		"two uses":             {func(r *redeem.Request) { r.Uses = 2 }, true},
		"another shift's call": {func(r *redeem.Request) { r.Shift = "late" }, false},
	} {
		req := first
		test.change(&req)
		again := atOnce(t, terminal, req)
		assert.Equal(t, test.differs, again.Differs, name)
		assert.Equal(t, d.Given, again.Given, "%s: never a new discount beside the old amount", name)
		assert.Equal(t, d.Discount, again.Discount, name)
		assert.Equal(t, d.Redemption, again.Redemption, name)
	}

	final := basket(1000)
	done := corrected(t, terminal, redeem.CorrectRequest{Redemption: d.Redemption, Sale: final})
	assert.Equal(t, []record.ID{d.Redemption}, done.Redemptions)
	assert.Equal(t, euros(100), done.Given)
	assert.Equal(t, record.GivenByTerms, done.GivenBy)
	assert.Equal(t, []int64{100}, done.Discount.Lines)
	again := atOnce(t, terminal, redeem.Request{Scanned: first.Scanned, SaleKey: "s", Sale: final})
	assert.False(t, again.Differs, "the sale is the same")
	assert.Equal(t, euros(100), again.Given)
	assert.Equal(t, []int64{100}, again.Discount.Lines, "the receipt can be printed again after the correction")
	assert.True(t, atOnce(t, terminal, first).Differs, "now the old basket differs")
}

func TestACorrectionIsARecord(t *testing.T) {
	shop := newShop(t)
	terminal := shop.online(t)
	scanned := pass(t, tenPercent)
	d := atOnce(t, terminal, redeem.Request{Scanned: scanned, SaleKey: "s", Sale: basket(1000), Operator: "5",
		Shift: "early", BusinessDate: "2026-11-23"})
	req := redeem.CorrectRequest{SaleKey: "s", Sale: basket(2000), Operator: "6", Shift: "late"}
	done := corrected(t, terminal, req)
	again := corrected(t, terminal, req)
	assert.True(t, again.Again, "the same call again")
	assert.Empty(t, again.Corrections)
	assert.Equal(t, euros(200), again.Given)
	assert.Equal(t, redeem.Refuse, redeemed(t, terminal, scanned, "t").Outcome, "the use stays taken")
	require.NoError(t, terminal.ReportNow(t.Context()))
	require.Len(t, shop.desk.booked, 2)
	rec := shop.desk.booked[done.Corrections[0]]
	assert.Equal(t, record.Correction, rec.Kind)
	assert.Equal(t, d.Redemption, rec.Of)
	assert.Equal(t, euros(100), rec.Before)
	assert.Equal(t, euros(200), rec.Given)
	assert.Equal(t, record.GivenByTerms, rec.GivenBy)
	assert.Equal(t, "spring", rec.Campaign)
	assert.Equal(t, shop.desk.booked[d.Redemption].Offer, rec.Offer)
	assert.Equal(t, record.Sale{Key: "s", Operator: "6", Shift: "late", BusinessDate: "2026-11-23"}, rec.Sale)
	assert.Nil(t, rec.Override)

	all := listed(t, terminal, redeem.Query{SaleKey: "s"})
	require.Len(t, all, 2)
	assert.Equal(t, []int64{200}, all[1].Discount.Lines)
	assert.Empty(t, all[1].Pass, "it is kept once")
	v := voided(t, terminal, redeem.VoidRequest{SaleKey: "s"})
	assert.Equal(t, []string{"200 EUR by remainder"}, shop.returned(t, terminal, v),
		"a void takes back of the corrected amount")
}

func TestACorrectionStaysWithinTermsAndReturns(t *testing.T) {
	off := func(p *offer.Pass) {
		p.Terms = terms.Terms{Kind: terms.AmountOff, Amount: 250, Currency: "EUR", MinSpend: 1000}
	}
	word := &redeem.Override{Manager: "12", Why: "the shelf said so"}
	for name, test := range map[string]struct {
		pass  func(*offer.Pass)
		req   redeem.CorrectRequest
		code  fault.Code
		given record.Money
	}{
		"lines":                        {off, redeem.CorrectRequest{Sale: basket(1200)}, "", euros(250)},
		"nothing is eligible any more": {off, redeem.CorrectRequest{Sale: basket(999)}, "", euros(0)},
		"by the POS, less":             {off, redeem.CorrectRequest{Given: euros(100)}, "", euros(100)},
		"by the POS, zero":             {off, redeem.CorrectRequest{Given: euros(0)}, "", euros(0)},
		"above the most": {off, redeem.CorrectRequest{Given: euros(251)}, fault.OverTerms,
			record.Money{}},
		"above the lines": {tenPercent, redeem.CorrectRequest{Given: euros(101), Sale: basket(1000)},
			fault.OverTerms, record.Money{}},
		"above what is not eligible": {off, redeem.CorrectRequest{Given: euros(1), Sale: basket(999)},
			fault.OverTerms, record.Money{}},
		"a manager allows it": {off, redeem.CorrectRequest{Given: euros(300), Override: word}, "", euros(300)},
		"another currency": {off, redeem.CorrectRequest{Given: record.Money{Amount: 1, Currency: "CHF"},
			Override: word}, fault.OtherCurrency, record.Money{}},
		"lines in another currency": {tenPercent, redeem.CorrectRequest{Sale: terms.Sale{Currency: "CHF",
			Lines: basket(1000).Lines}},
			fault.OtherCurrency, record.Money{}},
		"not combinable": {off, redeem.CorrectRequest{Sale: terms.Sale{Currency: "EUR", Lines: basket(1200).Lines,
			Offers: 1}},
			fault.NotCombinable, record.Money{}},
		"no terms, the POS":   {nil, redeem.CorrectRequest{Given: euros(700)}, "", euros(700)},
		"no terms, the lines": {nil, redeem.CorrectRequest{Sale: basket(1000)}, fault.InvalidRequest, record.Money{}},
	} {
		t.Run(name, func(t *testing.T) {
			shop := newShop(t)
			terminal := shop.online(t)
			d := atOnce(t, terminal, redeem.Request{Scanned: pass(t, test.pass), SaleKey: "s", Given: euros(200)})
			require.Equal(t, redeem.Allow, d.Outcome, d.String())
			test.req.Redemption = d.Redemption
			done, err := terminal.Correct(t.Context(), test.req)
			if test.code != "" {
				require.ErrorIs(t, err, test.code)
				assert.Contains(t, err.Error(), "redeem.Correct", "it says which call")
				assert.Len(t, listed(t, terminal, redeem.Query{}), 1)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, test.given, done.Given)
			require.NoError(t, terminal.ReportNow(t.Context()))
			override := shop.desk.booked[done.Corrections[0]].Override
			if test.req.Override == nil {
				assert.Nil(t, override)
				return
			}
			assert.Equal(t, &record.Override{Manager: "12", Why: word.Why, Reasons: []fault.Code{fault.OverTerms}},
				override)
		})
	}
	shop := newShop(t)
	shop.cfg.Policy.Unattended = true
	terminal := shop.online(t)
	d := atOnce(t, terminal, redeem.Request{Scanned: pass(t, off), SaleKey: "s", Given: euros(200)})
	_, err := terminal.Correct(t.Context(), redeem.CorrectRequest{Redemption: d.Redemption, Given: euros(300),
		Override: word})
	assert.ErrorIs(t, err, fault.OverTerms, "nobody stands there")

	voided(t, terminal, redeem.VoidRequest{Redemption: d.Redemption, Partial: true, Returned: euros(80)})
	_, err = terminal.Correct(t.Context(), redeem.CorrectRequest{Redemption: d.Redemption, Given: euros(79)})
	assert.ErrorIs(t, err, fault.OverReturn, "80 were taken back already")
	corrected(t, terminal, redeem.CorrectRequest{Redemption: d.Redemption, Given: euros(80)})
	_, err = terminal.Void(t.Context(), redeem.VoidRequest{Redemption: d.Redemption, Partial: true, Returned: euros(1)})
	assert.ErrorIs(t, err, fault.OverReturn, "nothing is left")
	corrected(t, terminal, redeem.CorrectRequest{Redemption: d.Redemption, Given: euros(100)})
	v := voided(t, terminal, redeem.VoidRequest{Redemption: d.Redemption})
	assert.Equal(t, []string{"20 EUR by remainder"}, shop.returned(t, terminal, v))
	_, err = terminal.Correct(t.Context(), redeem.CorrectRequest{Redemption: d.Redemption, Given: euros(90)})
	assert.ErrorIs(t, err, fault.AlreadyVoided)
	_, err = terminal.Correct(t.Context(), redeem.CorrectRequest{SaleKey: "s", Given: euros(90)})
	assert.ErrorIs(t, err, fault.AlreadyVoided)
}

func TestACorrectionNamesOneRedemption(t *testing.T) {
	terminal := newShop(t).online(t)
	first, second := pass(t, tenPercent), pass(t, tenPercent)
	a := atOnce(t, terminal, redeem.Request{Scanned: first, SaleKey: "s", Sale: basket(1000)})
	b := atOnce(t, terminal, redeem.Request{Scanned: second, SaleKey: "s", Sale: basket(900)})
	for name, test := range map[string]struct {
		req  redeem.CorrectRequest
		code fault.Code
	}{
		"nothing":  {redeem.CorrectRequest{}, fault.InvalidRequest},
		"two ways": {redeem.CorrectRequest{Redemption: a.Redemption, SaleKey: "s"}, fault.InvalidRequest},
		"a day of no sale": {redeem.CorrectRequest{Redemption: a.Redemption, SaleDate: "2026-11-23"},
			fault.InvalidRequest},
		"no calendar's day": {redeem.CorrectRequest{SaleKey: "s", SaleDate: "2026-11-31"}, fault.InvalidRequest},
		"one of two offers": {redeem.CorrectRequest{SaleKey: "s"}, fault.InvalidRequest},
		"no offer":          {redeem.CorrectRequest{SaleKey: "s", Scanned: "no offer at all"}, fault.NotAnOffer},
		"a third offer":     {redeem.CorrectRequest{SaleKey: "s", Scanned: pass(t, tenPercent)}, fault.NotFound},
		"no such sale":      {redeem.CorrectRequest{SaleKey: "t"}, fault.NotFound},
		"elsewhere":         {redeem.CorrectRequest{Redemption: record.NewID()}, fault.NotFound},
		"no amount": {redeem.CorrectRequest{Redemption: a.Redemption, Sale: terms.Sale{Currency: "EUR"},
			Given: record.Money{}}, fault.InvalidRequest},
		"an impossible one": {redeem.CorrectRequest{Redemption: a.Redemption,
			Given: record.Money{Amount: -1, Currency: "EUR"}}, fault.InvalidRequest},
		"a word of nobody": {redeem.CorrectRequest{Redemption: a.Redemption, Override: &redeem.Override{}},
			fault.InvalidRequest},
	} {
		if name != "no amount" && test.req.Given == (record.Money{}) {
			test.req.Given = euros(10)
		}
		_, err := terminal.Correct(t.Context(), test.req)
		assert.ErrorIs(t, err, test.code, name)
	}
	assert.True(t, corrected(t, terminal, redeem.CorrectRequest{SaleKey: "s", Scanned: second, Sale: basket(1),
		Training: true}).Training, "it was training")
	assert.Len(t, listed(t, terminal, redeem.Query{}), 2, "nothing was written")
	done := corrected(t, terminal, redeem.CorrectRequest{SaleKey: "s", Scanned: second, Sale: basket(800)})
	assert.Equal(t, []record.ID{b.Redemption}, done.Redemptions)
	voided(t, terminal, redeem.VoidRequest{Redemption: b.Redemption})
	done = corrected(t, terminal, redeem.CorrectRequest{SaleKey: "s", Sale: basket(700)})
	assert.Equal(t, []record.ID{a.Redemption}, done.Redemptions, "only one is left that can be meant")
}

// The uses of a group share what is corrected, and none has less than was taken back of it.
func TestACorrectionOfAGroupIsDividedAmongItsUses(t *testing.T) {
	shop := newShop(t)
	terminal := shop.online(t)
	scanned := pass(t, card(3))
	d := atOnce(t, terminal, redeem.Request{Scanned: scanned, SaleKey: "s", Uses: 3, Sale: basket(1000)})
	voided(t, terminal, redeem.VoidRequest{Redemption: d.Redemptions[1]})
	voided(t, terminal, redeem.VoidRequest{Redemption: d.Redemptions[0], Partial: true, Returned: euros(150)})
	_, err := terminal.Correct(t.Context(), redeem.CorrectRequest{Redemption: d.Redemptions[2], Given: euros(501)})
	require.ErrorIs(t, err, fault.OverTerms, "two uses stand")
	_, err = terminal.Correct(t.Context(), redeem.CorrectRequest{Redemption: d.Redemptions[1], Given: euros(10)})
	require.ErrorIs(t, err, fault.AlreadyVoided)
	done := corrected(t, terminal, redeem.CorrectRequest{Redemption: d.Redemptions[2], Sale: basket(100, 101)})
	assert.Equal(t, []record.ID{d.Redemptions[0], d.Redemptions[2]}, done.Redemptions)
	assert.Equal(t, euros(201), done.Given)
	require.NoError(t, terminal.ReportNow(t.Context()))
	var shares []int64
	for _, id := range done.Corrections {
		rec := shop.desk.booked[id]
		assert.Equal(t, d.Redemption, rec.Group)
		shares = append(shares, rec.Given.Amount)
	}
	assert.Equal(t, []int64{150, 51}, shares, "of the first, 150 were taken back")
	again := atOnce(t, terminal, redeem.Request{Scanned: scanned, SaleKey: "s", Uses: 2, Sale: basket(100, 101)})
	assert.Equal(t, euros(201), again.Given)
	assert.Equal(t, []int64{100, 101}, again.Discount.Lines)
	assert.False(t, again.Differs, "the sale is the same")
}

// Where the offer has no terms of its own its campaign's bound the correction.
func TestACorrectionOfACouponGoesByItsCampaign(t *testing.T) {
	terminal := newShop(t).with(t, couponCampaign())
	d := atOnce(t, terminal, redeem.Request{Scanned: gcn("1"), SaleKey: "s", Sale: basket(1000)})
	_, err := terminal.Correct(t.Context(), redeem.CorrectRequest{Redemption: d.Redemption, Given: euros(201)})
	require.ErrorIs(t, err, fault.OverTerms)
	assert.Equal(t, euros(150), corrected(t, terminal, redeem.CorrectRequest{Redemption: d.Redemption,
		Sale: basket(150)}).Given)
}

// What counts against the limits is what stands, also after the till was opened anew.
func TestLimitsFollowTheCorrectedAmount(t *testing.T) {
	thousand := trust.Allowance{Value: 1000, Currency: "EUR"}
	restarted(t, "unreported", redeem.Policy{Unreported: thousand}, func(t *testing.T, shop *shop, terminal opener) {
		first := spend(t, terminal(), "a", 600)
		corrected(t, terminal(), redeem.CorrectRequest{Redemption: first.Redemption, Given: euros(100)})
		corrected(t, terminal(), redeem.CorrectRequest{Redemption: first.Redemption, Given: euros(300)})
		limited(t, spend(t, terminal(), "a", 701), 1000, 300)
		second := spend(t, terminal(), "a", 700)
		require.Equal(t, redeem.Allow, second.Outcome, second.String())
		corrected(t, terminal(), redeem.CorrectRequest{Redemption: second.Redemption, Given: euros(0)})
		limited(t, spend(t, terminal(), "a", 701), 1000, 300)
		voided(t, terminal(), redeem.VoidRequest{Redemption: first.Redemption})
		assert.Equal(t, redeem.Allow, spend(t, terminal(), "a", 1000).Outcome,
			"what was voided takes its corrected amount along")
		assert.Equal(t, []record.Money{euros(1000)}, terminal().Status().Value)
		require.NoError(t, terminal().ReportNow(t.Context()))
		assert.Empty(t, terminal().Status().Value)
	})
	restarted(t, "other currency", redeem.Policy{PerHour: trust.Allowance{Number: 9}},
		func(t *testing.T, shop *shop, terminal opener) {
			d := redeemed(t, terminal(), pass(t, nil), "s") // of which nobody knew an amount
			corrected(t, terminal(), redeem.CorrectRequest{Redemption: d.Redemption,
				Given: record.Money{Amount: 70, Currency: "CHF"}})
			spend(t, terminal(), "a", 5)
			assert.ElementsMatch(t, []record.Money{{Amount: 70, Currency: "CHF"}, euros(5)},
				nonzero(terminal().Status().Value))
			shop.clock.pass(time.Minute)
		})
}

func nonzero(all []record.Money) (some []record.Money) {
	for _, m := range all {
		if m.Amount != 0 {
			some = append(some, m)
		}
	}
	return some
}

func TestTotalsFollowTheCorrections(t *testing.T) {
	terminal := newShop(t).online(t)
	sold := func(req redeem.Request) redeem.Decision {
		req.Scanned, req.BusinessDate, req.Shift = pass(t, tenPercent), "2026-11-23", "early"
		d := atOnce(t, terminal, req)
		require.Equal(t, redeem.Allow, d.Outcome, d.String())
		return d
	}
	a, b := sold(redeem.Request{SaleKey: "a", Sale: basket(1000)}),
		sold(redeem.Request{SaleKey: "b", Sale: basket(1000), Given: euros(90)})
	corrected(t, terminal, redeem.CorrectRequest{Redemption: a.Redemption, Sale: basket(700)})
	// by the terms now
	corrected(t, terminal, redeem.CorrectRequest{Redemption: b.Redemption, Sale: basket(1200)})
	// by the POS now
	corrected(t, terminal, redeem.CorrectRequest{Redemption: a.Redemption, Sale: basket(700), Given: euros(60)})
	// and again
	corrected(t, terminal, redeem.CorrectRequest{Redemption: b.Redemption, Sale: basket(1200), Given: euros(110),
		Shift: "late"})
	voided(t, terminal, redeem.VoidRequest{Redemption: b.Redemption, Shift: "late"})
	for shift, want := range map[string]redeem.Total{
		"early": {Redemptions: 2, Given: 60 + 120, GivenByPOS: 60, Corrections: 3},
		"late":  {Given: -10, GivenByPOS: 110, Corrections: 1, Voids: 1, Returned: 110},
	} {
		want.BusinessDate, want.Shift, want.Currency, want.Campaign = "2026-11-23", shift, "EUR", "spring"
		totals, err := terminal.Totals(t.Context(), redeem.Query{Shift: shift})
		require.NoError(t, err)
		assert.Equal(t, []redeem.Total{want}, totals)
	}
}

// The final basket comes to the same amount with other lines: the correction brings the lines in line, so that a POS
// that asks, corrects and asks again comes to an end, and the receipt can be printed again.
func TestACorrectionBringsTheLinesInLineWhereTheAmountStays(t *testing.T) {
	for uses, want := range map[int][]int64{1: {25, 75}, 2: {50, 150}} {
		shop := newShop(t)
		terminal := shop.online(t)
		scanned := pass(t, func(p *offer.Pass) {
			p.Terms = terms.Terms{Kind: terms.AmountOff, Amount: 100, Currency: "EUR"}
			p.Uses, p.OfflineUses = 2, 2
		})
		first := redeem.Request{Scanned: scanned, SaleKey: "s", Sale: basket(1000, 1000), Uses: uses}
		d := atOnce(t, terminal, first)
		final := first
		final.Sale = basket(1000, 3000)
		require.True(t, atOnce(t, terminal, final).Differs, "%d uses: other lines", uses)

		req := redeem.CorrectRequest{SaleKey: "s", Sale: final.Sale}
		done := corrected(t, terminal, req)
		assert.False(t, done.Again, "%d uses: the lines are new", uses)
		assert.Equal(t, d.Redemptions, done.Redemptions, "%d uses", uses)
		assert.Equal(t, d.Given, done.Given, "%d uses: the amount stays", uses)
		again := atOnce(t, terminal, final)
		assert.False(t, again.Differs, "%d uses: the final basket stands in the record", uses)
		assert.Equal(t, want, again.Discount.Lines, "%d uses", uses)
		assert.True(t, corrected(t, terminal, req).Again, "%d uses: the same call again", uses)
		assert.True(t, corrected(t, terminal, redeem.CorrectRequest{SaleKey: "s", Given: d.Given}).Again,
			"%d uses: the amount alone is the same", uses)

		require.NoError(t, terminal.ReportNow(t.Context()))
		for i, id := range done.Corrections {
			rec := shop.desk.booked[id]
			assert.Equal(t, rec.Before, rec.Given, "%d uses: each keeps its share", uses)
			assert.Equal(t, done.Redemptions[i], rec.Of, "%d uses", uses)
		}
		totals, err := terminal.Totals(t.Context(), redeem.Query{})
		require.NoError(t, err)
		assert.Equal(t, d.Given.Amount, totals[0].Net(), "%d uses: nothing is counted twice", uses)
	}
}
