package redeem_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/redeem/terms"
)

// What the POS gives is held to what the terms can give: of the lines, or without lines at most.
func TestWhatThePOSGivesIsHeldToTheTerms(t *testing.T) {
	francs := func(n int64) record.Money { return record.Money{Amount: n, Currency: "CHF"} }
	half := terms.Terms{Kind: terms.PercentOff, Percent: 5000, Combinable: true}
	capped := half
	capped.Cap, capped.Currency = 300, "EUR"
	off := terms.Terms{Kind: terms.AmountOff, Amount: 250, Currency: "EUR"}
	for name, test := range map[string]struct {
		terms terms.Terms
		req   redeem.Request
		want  string
		limit int64
		used  int64
	}{
		"as the lines": {half, redeem.Request{Given: euros(500), Sale: basket(1000)}, "allow", 0, 0},
		"more than the lines": {half, redeem.Request{Given: euros(501), Sale: basket(1000)}, "ask over-terms",
			500, 501},
		"less than the lines":         {half, redeem.Request{Given: euros(1), Sale: basket(1000)}, "allow", 0, 0},
		"without lines, no bound":     {half, redeem.Request{Given: euros(999_999)}, "allow", 0, 0},
		"without lines, a cap":        {capped, redeem.Request{Given: euros(301)}, "ask over-terms", 300, 301},
		"without lines, at the cap":   {capped, redeem.Request{Given: euros(300)}, "allow", 0, 0},
		"without lines, an amount":    {off, redeem.Request{Given: euros(251)}, "ask over-terms", 250, 251},
		"for two uses":                {off, redeem.Request{Given: euros(500), Uses: 2}, "allow", 0, 0},
		"more for two uses":           {off, redeem.Request{Given: euros(501), Uses: 2}, "ask over-terms", 500, 501},
		"in another currency":         {off, redeem.Request{Given: francs(1)}, "refuse other-currency", 0, 0},
		"nothing in another currency": {off, redeem.Request{Given: francs(0)}, "refuse other-currency", 0, 0},
		"in another than the lines": {half, redeem.Request{Given: francs(1), Sale: basket(1000)},
			"refuse other-currency", 0, 0},
		"any, without lines": {half, redeem.Request{Given: francs(1)}, "allow", 0, 0},
		"of terms that nobody knows": {terms.Terms{}, redeem.Request{Given: francs(999_999), Sale: basket(1)},
			"allow", 0, 0},
		"of lines that are not for it": {off, redeem.Request{Given: euros(1), Sale: basket(-5)},
			"refuse nothing-eligible", 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			terminal := newShop(t).online(t)
			test.req.SaleKey = "s"
			test.req.Scanned = pass(t, func(p *offer.Pass) { p.Terms, p.Uses, p.OfflineUses = test.terms, 2, 2 })
			d := atOnce(t, terminal, test.req)
			require.Equal(t, test.want, d.String())
			if d.Outcome == redeem.Ask {
				assert.Equal(t, []int64{test.limit, test.used}, []int64{d.Reasons[0].Limit, d.Reasons[0].Used})
				test.req.Override = &redeem.Override{Manager: "12", Why: "the shelf said so"}
				assert.Equal(t, redeem.Allow, atOnce(t, terminal, test.req).Outcome)
			}
		})
	}
}

// "Add … to use this offer" needs a number.
func TestAReasonSaysWhatIsMissing(t *testing.T) {
	const apples, pears = "4006381333931", "4006381333948"
	line := func(gtin string, quantity int, amount int64) terms.Line {
		return terms.Line{GTIN: gtin, Quantity: terms.Items(quantity), Amount: amount}
	}
	spend := terms.Terms{Kind: terms.AmountOff, Amount: 500, Currency: "EUR", MinSpend: 2000, Cap: 900}
	some := terms.Terms{Kind: terms.FreeItem, Products: []string{apples}, MinQuantity: terms.Items(5)}
	weighed := terms.Terms{Kind: terms.PercentOff, Percent: 1000, Unit: terms.Kilogram, MinQuantity: 2500}
	cheap := terms.Terms{Kind: terms.FixedPrice, Amount: 100, Currency: "EUR", MinQuantity: terms.Items(3)}
	for name, test := range map[string]struct {
		terms    terms.Terms
		lines    []terms.Line
		uses     int
		missing  record.Money
		quantity terms.Quantity
	}{
		"spend":                {spend, basket(1000, 250).Lines, 1, euros(750), 0},
		"spend, less returns":  {spend, basket(2100, -250).Lines, 1, euros(150), 0},
		"spend, more returned": {spend, basket(300, -500).Lines, 1, euros(2200), 0},
		"quantity, more returned": {some, []terms.Line{line(apples, 1, 100), line(apples, -3, -300)}, 1, record.Money{},
			terms.Items(7)},
		"quantity, of what is free": {some, []terms.Line{line(apples, 4, 0)}, 1, record.Money{}, terms.Items(1)},
		"spend, nothing":            {spend, []terms.Line{{Amount: 5000, NotEligible: true}}, 1, euros(2000), 0},
		"quantity": {some, []terms.Line{line(apples, 2, 400), line(pears, 9, 900)}, 1, record.Money{},
			terms.Items(3)},
		"quantity, returned": {some, []terms.Line{line(apples, 7, 700), line(apples, -3, -300)}, 1, record.Money{},
			terms.Items(1)},
		"quantity, none": {some, []terms.Line{line(pears, 9, 900)}, 1, record.Money{}, terms.Items(5)},
		"quantity, weighed": {weighed, []terms.Line{{Quantity: 1250, Unit: terms.Kilogram, Amount: 500},
			{Amount: 900}}, 1,
			record.Money{}, 1250},
		"quantity, no weighed": {cheap, []terms.Line{line("", 1, 900),
			{Quantity: 1250, Unit: terms.Kilogram, Amount: 500}}, 1,
			record.Money{}, terms.Items(2)},
		"for two uses": {spend, basket(3000).Lines, 2, euros(1000), 0},
		"no minimum": {terms.Terms{Kind: terms.FreeItem, Products: []string{apples}}, basket(100).Lines, 1,
			record.Money{}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			terminal := newShop(t).online(t)
			scanned := pass(t, func(p *offer.Pass) { p.Terms, p.Uses, p.OfflineUses = test.terms, 2, 2 })
			d := atOnce(t, terminal, redeem.Request{Scanned: scanned, SaleKey: "s", Uses: test.uses,
				Sale: terms.Sale{Currency: "EUR", Lines: test.lines}})
			require.Equal(t, "refuse nothing-eligible", d.String())
			assert.Equal(t, test.missing, d.Reasons[0].Missing)
			assert.Equal(t, test.quantity, d.Reasons[0].MissingQuantity)
		})
	}
}
