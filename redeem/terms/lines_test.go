package terms_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/terms"
)

func kinded(kind terms.LineKind, l terms.Line) terms.Line {
	l.Kind = kind
	return l
}

// What a line beside one coffee at 3.00 makes of three offers: a tenth off from two items on, half off what was spent,
// and the least spend of 3.00. -1: no discount.
func TestWhatALineStandsFor(t *testing.T) {
	two := terms.Terms{Kind: terms.PercentOff, Percent: 1000, MinQuantity: terms.Items(2)}
	half := terms.Terms{Kind: terms.PercentOff, Percent: 5000}
	three := terms.Terms{Kind: terms.AmountOff, Amount: 100, MinSpend: 300, Currency: "EUR"}
	const none = -1
	for name, test := range map[string]struct {
		line             terms.Line
		two, half, three int64
	}{
		"another coffee": {line(coffee, 0, 300), 60, 300, 100},
		"a free gift":    {line(tea, 0, 0), 30, 150, 100},

		"deposit paid":                  {kinded(terms.Deposit, line("", 0, 25)), none, 150, 100},
		"deposit paid back":             {kinded(terms.Deposit, line("", 0, -25)), none, 150, 100},
		"deposit paid back, one":        {kinded(terms.Deposit, line("", terms.Items(1), -25)), none, 150, 100},
		"deposit paid back, minus one":  {kinded(terms.Deposit, line(tea, terms.Items(-1), -25)), none, 150, 100},
		"deposit of no kind":            {line("", 0, -25), none, 138, none},
		"deposit of no kind, one":       {line("", terms.Items(1), -25), none, 138, none},
		"deposit of no kind, minus one": {line("", terms.Items(-1), -25), none, 138, none},

		"coupon":                 {line("", 0, -100), none, 100, none},
		"coupon, one":            {line("", terms.Items(1), -100), none, 100, none},
		"coupon on the coffee":   {kinded(terms.Deduction, line(coffee, terms.Items(1), -100)), none, 100, none},
		"coupon, minus one":      {kinded(terms.Deduction, line("", terms.Items(-1), -100)), none, 100, none},
		"coupon without a sign":  {kinded(terms.Deduction, line("", 0, 100)), none, 100, none},
		"coupon by weight":       {kinded(terms.Deduction, line("", 452, -100)), none, 100, none},
		"coupon, not for offers": {terms.Line{Amount: -100, NotEligible: true}, none, 150, 100},

		"return":                 {line(tea, terms.Items(-1), -100), none, 100, none},
		"return, one":            {line(tea, terms.Items(1), -100), none, 100, none},
		"return, none":           {line(tea, 0, -100), none, 100, none},
		"return, merchant's own": {line("house-17", 0, -100), none, 100, none},
		"return, amount is not":  {line(tea, terms.Items(-1), 100), none, 100, none},
		"return without a sign":  {kinded(terms.Return, line("", 0, 100)), none, 100, none},
		"return by weight":       {kilograms(tea, -452, -100), none, 100, none},
		"return of everything":   {line(coffee, terms.Items(1), -300), none, none, none},

		"bananas":                {kilograms(tea, 452, 100), 40, 200, 100},
		"bananas, exactly 1 kg":  {kilograms(tea, 1000, 100), 40, 200, 100},
		"wool, two metres":       {terms.Line{Unit: terms.Metre, Quantity: 2000, Amount: 100}, 40, 200, 100},
		"current, in kWh":        {terms.Line{Unit: terms.OtherUnit, Quantity: 2500, Amount: 100}, 40, 200, 100},
		"part of a tobacco leaf": {terms.Line{Quantity: 500, Amount: 100, NotEligible: true}, none, 150, 100},
	} {
		t.Run(name, func(t *testing.T) {
			for i, want := range []int64{test.two, test.half, test.three} {
				offer := []terms.Terms{two, half, three}[i]
				for _, sale := range []terms.Sale{euros(line(coffee, 0, 300), test.line), euros(test.line, line(coffee, 0, 300))} {
					got, err := offer.Apply(sale)
					if want == none {
						assert.ErrorIs(t, err, fault.NothingEligible, "offer %d gives %+v", i, got)
						continue
					}
					require.NoError(t, err, "offer %d", i)
					assert.Equal(t, want, got.Total, "offer %d", i)
				}
			}
		})
	}
}

// Weighed goods alone: what is 2.5 or 2.000 kg is one item.
func TestWeighedGoodsAreOneItem(t *testing.T) {
	two := terms.Terms{Kind: terms.FreeItem, MinQuantity: terms.Items(2)}
	for _, weight := range []terms.Quantity{452, 1000, 2000, 2500, terms.MaxQuantity} {
		_, err := two.Apply(euros(kilograms(coffee, weight, 600)))
		assert.ErrorIs(t, err, fault.NothingEligible, weight)
		got, err := two.Apply(euros(kilograms(coffee, weight, 600), kilograms(coffee, weight, 600)))
		require.NoError(t, err, weight)
		assert.Equal(t, []int64{600, 0}, got.Lines, "whole, and not a part of two")
	}
}

func TestUnits(t *testing.T) {
	perKilo := terms.Terms{Kind: terms.FixedPrice, Amount: 200, Currency: "EUR", Unit: terms.Kilogram}
	each := terms.Terms{Kind: terms.FixedPrice, Amount: 200, Currency: "EUR"}
	litres := terms.Terms{Kind: terms.PercentOff, Percent: 1000, MinQuantity: 20_000, Unit: terms.Litre}
	fuel := terms.Line{Unit: terms.Litre, Quantity: 20_000, Amount: 3000}
	for name, test := range map[string]struct {
		terms terms.Terms
		sale  terms.Sale
		want  []int64
	}{
		"one free item is bananas and no part of a coffee": {
			terms.Terms{Kind: terms.FreeItem}, euros(kilograms("", 452, 100), line("", terms.Items(1), 299)), []int64{100, 0},
		},
		"one free item is a coffee and no part of the bananas": {
			terms.Terms{Kind: terms.FreeItem}, euros(kilograms("", 2000, 300), line("", terms.Items(2), 598)), []int64{0, 299},
		},
		"a price of one item is for no weighed goods": {each, euros(kilograms("", 3000, 900), line("", 0, 300)),
			[]int64{0, 100}},
		"a price by weight is for nothing else": {perKilo, euros(kilograms("", 3000, 900), line("", 0, 300)),
			[]int64{300, 0}},
		"a price by weight, of half of it": {
			with(perKilo, func(t *terms.Terms) { t.MaxQuantity = 1500 }), euros(kilograms("", 3000, 900)), []int64{150},
		},
		"a price by weight, a part returned": {perKilo, euros(kilograms(tea, 3000, 900), kilograms(tea, -1000, -300)),
			[]int64{200, 0}},
		"litres, at the least quantity": {litres, euros(fuel, kilograms("", 9000, 900), line("", 0, 500)),
			[]int64{300, 0, 0}},
		"a deduction has no unit": {litres, euros(fuel, line("", 0, -1000)), []int64{200, 0}},
		"a deduction on another product lowers nothing": {
			with(litres, func(t *terms.Terms) { t.Products = []string{coffee} }),
			euros(terms.Line{GTIN: coffee, Unit: terms.Litre, Quantity: 20_000, Amount: 3000},
				kinded(terms.Deduction, line(tea, 0, -1000)), line("", 0, -50)),
			[]int64{300, 0, 0},
		},
		"the tenth of what is left after a part of the weighed goods came back": {
			terms.Terms{Kind: terms.PercentOff, Percent: 1000}, euros(kilograms(tea, 2000, 400), kilograms(tea, -500, -100)),
			[]int64{30, 0},
		},
		"a return does not decide which items get a percentage": {
			terms.Terms{Kind: terms.PercentOff, Percent: 5000}, euros(line(coffee, 0, 1000), line(tea, 0, 100),
				line(tea, 0, -100)), []int64{455, 45, 0},
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := test.terms.Apply(test.sale)
			require.NoError(t, err)
			assert.Equal(t, test.want, got.Lines)
		})
	}
	_, err := litres.Apply(euros(terms.Line{Unit: terms.Litre, Quantity: 19_999, Amount: 3000}, line("", terms.Items(20),
		3000)))
	assert.EqualError(t, err, "terms.Apply: nothing-eligible: the eligible lines come to 19.999 l, the offer begins at 20")
	_, err = perKilo.Apply(euros(line("", 0, 300), line("", 0, -100)))
	assert.EqualError(t, err, "terms.Apply: nothing-eligible: the sale has no line that the offer is for")
}

func with(t terms.Terms, change func(*terms.Terms)) terms.Terms {
	change(&t)
	return t
}

func TestLineInJSON(t *testing.T) {
	want := terms.Line{Kind: terms.Return, GTIN: tea, Quantity: 452, Unit: terms.Kilogram, Amount: -135}
	text, err := json.Marshal(want)
	require.NoError(t, err)
	assert.JSONEq(t, `{"kind":"return","gtin":"96385074","quantity":0.452,"unit":"kg","amount":-135}`, string(text))
	var got terms.Line
	require.NoError(t, json.Unmarshal(text, &got))
	assert.Equal(t, want, got)
	text, err = json.Marshal(terms.Line{Amount: 5})
	require.NoError(t, err)
	assert.JSONEq(t, `{"amount":5}`, string(text))
	require.NoError(t, json.Unmarshal([]byte(`{"kind":"","unit":""}`), &got))
	assert.Zero(t, got.Kind)
	assert.Zero(t, got.Unit)
	for _, bad := range []string{`{"unit":"kilo"}`, `{"unit":1}`} {
		assert.Error(t, json.Unmarshal([]byte(bad), &got), bad)
	}
	_, err = json.Marshal(terms.Line{Unit: terms.OtherUnit + 1})
	assert.Error(t, err, "the unit has no name")
	assert.Equal(t, "lb items unit-9", fmt.Sprint(terms.Pound, " ", terms.Unit(0), " ", terms.Unit(9)))
}
