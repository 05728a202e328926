package terms_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/terms"
)

const (
	coffee = "4006381333931"
	tea    = "96385074"
)

func euros(lines ...terms.Line) terms.Sale { return terms.Sale{Currency: "EUR", Lines: lines} }

func line(gtin string, quantity terms.Quantity, amount int64) terms.Line {
	return terms.Line{GTIN: gtin, Quantity: quantity, Amount: amount}
}

func kilograms(gtin string, quantity terms.Quantity, amount int64) terms.Line {
	return terms.Line{GTIN: gtin, Quantity: quantity, Unit: terms.Kilogram, Amount: amount}
}

func TestApply(t *testing.T) {
	basket := euros(line(coffee, terms.Items(2), 1000), line(tea, 0, 333), line("", terms.Items(1), 667))
	of := []string{coffee}
	for name, test := range map[string]struct {
		terms terms.Terms
		sale  terms.Sale
		want  []int64
	}{
		"amount off, in proportion": {
			terms.Terms{Kind: terms.AmountOff, Amount: 200, Currency: "EUR"}, basket, []int64{100, 33, 67},
		},
		"amount off, more than everything": {
			terms.Terms{Kind: terms.AmountOff, Amount: 9999, Currency: "EUR"}, basket, []int64{1000, 333, 667},
		},
		"amount off, one product": {
			terms.Terms{Kind: terms.AmountOff, Amount: 200, Currency: "EUR", Products: of}, basket, []int64{200, 0, 0},
		},
		"amount off, at the least spend": {
			terms.Terms{Kind: terms.AmountOff, Amount: 1, Currency: "EUR", MinSpend: 2000}, basket, []int64{1, 0, 0},
		},
		"percent off, halves up": {
			terms.Terms{Kind: terms.PercentOff, Percent: 1250}, euros(line("", 0, 4)), []int64{1},
		},
		"percent off, capped": {
			terms.Terms{Kind: terms.PercentOff, Percent: 5000, Currency: "EUR", Cap: 10}, basket, []int64{5, 2, 3},
		},
		"percent off, ties to the first": {
			terms.Terms{Kind: terms.PercentOff, Percent: 5000}, euros(line("", 0, 1), line("", 0, 1)), []int64{1, 0},
		},
		"percent off, the cheapest only": {
			terms.Terms{Kind: terms.PercentOff, Percent: 5000, MaxQuantity: terms.Items(1)}, basket, []int64{0, 167, 0},
		},
		"percent off, part of a line": {
			terms.Terms{Kind: terms.PercentOff, Percent: 10000, MaxQuantity: terms.Items(1), Products: of}, basket,
			[]int64{500, 0, 0},
		},
		"fixed price, dearer lines only": {
			terms.Terms{Kind: terms.FixedPrice, Amount: 400, Currency: "EUR"}, basket, []int64{200, 0, 267},
		},
		"fixed price of zero": {
			terms.Terms{Kind: terms.FixedPrice, Currency: "EUR", Products: of}, basket, []int64{1000, 0, 0},
		},
		"fixed price, the cheapest dearer one": {
			terms.Terms{Kind: terms.FixedPrice, Amount: 400, Currency: "EUR", MaxQuantity: terms.Items(1)}, basket,
			[]int64{100, 0, 0},
		},
		"fixed price by weight": {
			terms.Terms{Kind: terms.FixedPrice, Amount: 199, Currency: "EUR", Unit: terms.Kilogram},
			euros(kilograms("", 452, 135)), []int64{45},
		},
		"free item, one": {terms.Terms{Kind: terms.FreeItem}, basket, []int64{0, 333, 0}},
		"free item, three for two": {
			terms.Terms{Kind: terms.FreeItem, MinQuantity: terms.Items(3), Products: of},
			euros(line(coffee, terms.Items(3), 1000)), []int64{333},
		},
		"free items, two": {
			terms.Terms{Kind: terms.FreeItem, MaxQuantity: terms.Items(2)}, basket, []int64{500, 333, 0},
		},
		"free item, half a kilogram": {
			terms.Terms{Kind: terms.FreeItem, MaxQuantity: 500, Unit: terms.Kilogram}, euros(kilograms("", 2000, 501)),
			[]int64{125},
		},
		"product with a leading zero": {
			terms.Terms{Kind: terms.FreeItem, Products: of}, euros(line("0"+coffee, 0, 5)), []int64{5},
		},
		"line marked not eligible": {
			terms.Terms{Kind: terms.PercentOff, Percent: 10000}, euros(terms.Line{Amount: 5, NotEligible: true}, line("", 0, 7)),
			[]int64{0, 7},
		},
		"return counts against the quantity": {
			terms.Terms{Kind: terms.PercentOff, Percent: 10000}, euros(line("", terms.Items(2), 200), line("", terms.Items(-1),
				-100)), []int64{100, 0},
		},
		"deduction counts against the spend": {
			terms.Terms{Kind: terms.AmountOff, Amount: 150, Currency: "EUR"}, euros(line("", 0, 200), line("", 0, -120)),
			[]int64{80, 0},
		},
		"combinable with a combinable one": {
			terms.Terms{Kind: terms.FreeItem, Combinable: true}, terms.Sale{Currency: "CHF", Offers: 1,
				Lines: []terms.Line{{Amount: 5}}}, []int64{5},
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := test.terms.Apply(test.sale)
			require.NoError(t, err)
			assert.Equal(t, test.want, got.Lines)
			assert.Equal(t, sum(test.want), got.Total)
			assert.Equal(t, test.sale.Currency, got.Currency)
		})
	}
}

func TestApplyTellsWhyNot(t *testing.T) {
	fiver := terms.Terms{Kind: terms.AmountOff, Amount: 500, Currency: "EUR"}
	with := func(change func(*terms.Terms)) terms.Terms {
		changed := fiver
		change(&changed)
		return changed
	}
	basket := euros(line(coffee, 0, 1000))
	for name, test := range map[string]struct {
		terms terms.Terms
		sale  terms.Sale
		code  fault.Code
	}{
		"no terms":            {terms.Terms{}, basket, fault.InvalidRequest},
		"no currency":         {fiver, terms.Sale{Lines: basket.Lines}, fault.InvalidRequest},
		"other currency":      {fiver, terms.Sale{Currency: "CHF", Lines: basket.Lines}, fault.OtherCurrency},
		"empty sale":          {fiver, euros(), fault.NothingEligible},
		"other products":      {with(func(t *terms.Terms) { t.Products = []string{tea} }), basket, fault.NothingEligible},
		"all lines marked":    {fiver, euros(terms.Line{Amount: 5, NotEligible: true}), fault.NothingEligible},
		"too little spent":    {with(func(t *terms.Terms) { t.MinSpend = 1001 }), basket, fault.NothingEligible},
		"too little bought":   {with(func(t *terms.Terms) { t.MinQuantity = terms.Items(2) }), basket, fault.NothingEligible},
		"everything returned": {fiver, euros(line("", 0, 100), line("", terms.Items(-1), -100)), fault.NothingEligible},
		"cheap already": {
			terms.Terms{Kind: terms.FixedPrice, Amount: 1000, Currency: "EUR"}, basket, fault.NothingEligible,
		},
		"rounds to nothing": {
			terms.Terms{Kind: terms.PercentOff, Percent: 1}, euros(line("", 0, 9)), fault.NothingEligible,
		},
		"not combinable": {fiver, terms.Sale{Currency: "EUR", Lines: basket.Lines, Offers: 1}, fault.NotCombinable},
		"other one is not": {
			with(func(t *terms.Terms) { t.Combinable = true }), terms.Sale{Currency: "EUR", Lines: basket.Lines, Offers: 1,
				Exclusive: true}, fault.NotCombinable,
		},
		"amount beyond limits":  {fiver, euros(line("", 0, terms.MaxAmount+1)), fault.InvalidRequest},
		"too many lines":        {fiver, euros(make([]terms.Line, terms.MaxLines+1)...), fault.InvalidRequest},
		"fewer than no offers":  {fiver, terms.Sale{Currency: "EUR", Offers: -1}, fault.InvalidRequest},
		"quantity beyond limit": {fiver, euros(line("", -terms.MaxQuantity-1, 5)), fault.InvalidRequest},
		"part of an item":       {fiver, euros(line("", 452, 5)), fault.InvalidRequest},
		"two thousandths":       {fiver, euros(line("", 2, 5)), fault.InvalidRequest},
		"part of a return":      {fiver, euros(line("", -452, -5)), fault.InvalidRequest},
		"weighed, not how much": {fiver, euros(kilograms(coffee, 0, 5)), fault.InvalidRequest},
		"unknown unit": {fiver, euros(terms.Line{Unit: terms.OtherUnit + 1, Quantity: 1, Amount: 5}),
			fault.InvalidRequest},
		"unknown kind of line": {fiver, euros(terms.Line{Kind: "gift", Amount: 5}), fault.InvalidRequest},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := test.terms.Apply(test.sale)
			require.ErrorIs(t, err, test.code)
			assert.Zero(t, got)
		})
	}
}

func TestCheckRefusesTermsThatCannotBe(t *testing.T) {
	for name, bad := range map[string]terms.Terms{
		"unknown kind":            {Kind: terms.FreeItem + 1},
		"amount off of nothing":   {Kind: terms.AmountOff, Currency: "EUR"},
		"amount without currency": {Kind: terms.AmountOff, Amount: 5},
		"negative amount":         {Kind: terms.AmountOff, Amount: -5, Currency: "EUR"},
		"huge amount":             {Kind: terms.AmountOff, Amount: terms.MaxAmount + 1, Currency: "EUR"},
		"small currency":          {Kind: terms.AmountOff, Amount: 5, Currency: "eur"},
		"percent and amount":      {Kind: terms.PercentOff, Percent: 5, Amount: 5, Currency: "EUR"},
		"no percent":              {Kind: terms.PercentOff},
		"more than all":           {Kind: terms.PercentOff, Percent: 10_001},
		"free item with percent":  {Kind: terms.FreeItem, Percent: 100},
		"price without currency":  {Kind: terms.FixedPrice},
		"negative quantity":       {Kind: terms.FreeItem, MinQuantity: -1},
		"huge quantity":           {Kind: terms.FreeItem, MaxQuantity: terms.MaxQuantity + 1},
		"cap without currency":    {Kind: terms.FreeItem, Cap: 1},
		"no GTIN":                 {Kind: terms.FreeItem, Products: []string{"12345"}},
		"letters":                 {Kind: terms.FreeItem, Products: []string{"9638507A"}},
		"wrong check digit":       {Kind: terms.FreeItem, Products: []string{"4006381333932"}},
		"two thousandths":         {Kind: terms.FreeItem, MinQuantity: 2},
		"two and a half items":    {Kind: terms.PercentOff, Percent: 100, MinQuantity: 2500},
		"half an item free":       {Kind: terms.FreeItem, MaxQuantity: 500},
		"unknown unit":            {Kind: terms.FreeItem, Unit: terms.OtherUnit + 1, MaxQuantity: 500},
		"any other unit":          {Kind: terms.FreeItem, Unit: terms.OtherUnit, MaxQuantity: 500},
		"free without a weight":   {Kind: terms.FreeItem, Unit: terms.Kilogram},
		"cap below the amount":    {Kind: terms.AmountOff, Amount: 500, Cap: 499, Currency: "EUR"},
		"the same twice":          {Kind: terms.FreeItem, Products: []string{coffee, "0" + coffee}},
		"too many":                {Kind: terms.FreeItem, Products: make([]string, 1001)},
	} {
		t.Run(name, func(t *testing.T) { assert.ErrorIs(t, bad.Check(), fault.InvalidRequest) })
	}
}

func TestTermsInJSON(t *testing.T) {
	want := terms.Terms{Kind: terms.FreeItem, MinQuantity: terms.Items(3), MaxQuantity: 1500, Unit: terms.Litre,
		Products: []string{tea}, Combinable: true}
	text, err := json.Marshal(want)
	require.NoError(t, err)
	assert.JSONEq(t, `{"kind":"free-item","minQuantity":3,"maxQuantity":1.5,"products":["96385074"],
		"combinable":true,"unit":"l"}`, string(text))
	var got terms.Terms
	require.NoError(t, json.Unmarshal(text, &got))
	assert.Equal(t, want, got)
	assert.Error(t, json.Unmarshal([]byte(`{"kind":"gift"}`), &got))
	assert.Error(t, json.Unmarshal([]byte(`{"unit":"KG"}`), &got))
	_, err = json.Marshal(terms.Terms{Kind: 9})
	assert.Error(t, err)
	text, err = json.Marshal(terms.Terms{})
	require.NoError(t, err)
	assert.Equal(t, "{}", string(text))
	assert.True(t, terms.Terms{}.IsZero(), "no terms are zero")
	assert.False(t, want.IsZero(), "these terms say something")
	assert.False(t, terms.Terms{Unit: terms.Metre}.IsZero(), "a unit says something")
}

func TestQuantityAsText(t *testing.T) {
	for text, want := range map[string]terms.Quantity{
		"0": 0, "1": 1000, "2.5": 2500, "0.452": 452, "0.002": 2, "-1": -1000, "-0.5": -500, "1000000": terms.MaxQuantity,
	} {
		got, err := terms.ParseQuantity(text)
		require.NoError(t, err, text)
		assert.Equal(t, want, got)
		assert.Equal(t, text, want.String())
	}
	for _, bad := range []string{"", "-", ".5", "1.", "1.2345", "1e3", "+1", "--1", "1.-5", "1_000", "1000000.001",
		"99999999999999999999", "1,5", "1.2.3"} {
		_, err := terms.ParseQuantity(bad)
		assert.ErrorIs(t, err, fault.InvalidRequest, bad)
	}
	assert.Equal(t, "-9223372036854775.808", terms.Quantity(-1<<63).String())
	var q terms.Quantity
	require.NoError(t, json.Unmarshal([]byte("null"), &q))
	assert.Error(t, json.Unmarshal([]byte(`"1"`), &q))
	assert.Zero(t, q)
}

func sum(amounts []int64) (total int64) {
	for _, amount := range amounts {
		total += amount
	}
	return total
}
