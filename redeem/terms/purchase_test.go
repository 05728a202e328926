package terms_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/offlane/offlane/redeem/terms"
)

const (
	soap      = "614141000012" // GTIN-12 of the company 614141
	shampoo   = "614141000029"
	elsewhere = "036000291452"
)

func basket(lines ...terms.Line) terms.Sale { return terms.Sale{Currency: "USD", Lines: lines} }

func family(code, gtin string, quantity int, amount int64) terms.Line {
	return terms.Line{GTIN: gtin, Family: code, Quantity: terms.Items(quantity), Amount: amount}
}

func TestWhatACouponRequires(t *testing.T) {
	two := terms.Purchase{CompanyPrefix: "614141", Quantity: terms.Items(2)}
	of := func(code string) terms.Purchase {
		return terms.Purchase{CompanyPrefix: "614141", Family: code, Quantity: terms.Items(2)}
	}
	spend := terms.Purchase{CompanyPrefix: "614141", Spend: 500}
	weight := terms.Purchase{CompanyPrefix: "614141", Quantity: 1500, Unit: terms.Pound}
	weighed := terms.Line{GTIN: soap, Quantity: 1500, Unit: terms.Pound, Amount: 300}
	for name, test := range map[string]struct {
		need       terms.Purchase
		sale       terms.Sale
		met, known bool
	}{
		"nothing":                {terms.Purchase{}, basket(line(soap, 0, 1)), true, true},
		"no lines":               {two, basket(), false, false},
		"enough":                 {two, basket(line(soap, terms.Items(2), 300)), true, true},
		"enough of two products": {two, basket(line(soap, 0, 100), line(shampoo, 0, 100)), true, true},
		"GTIN-13":                {two, basket(line("0"+soap, terms.Items(2), 300)), true, true},
		"GTIN-14":                {two, basket(line("00"+soap, terms.Items(2), 300)), true, true},
		"the prefix with its zero": {terms.Purchase{CompanyPrefix: "0614141", Quantity: terms.Items(1)},
			basket(line(soap, 0, 1)), true, true},
		"a longer prefix": {terms.Purchase{CompanyPrefix: "61414100", Quantity: terms.Items(1)},
			basket(line(soap, 0, 1)), true, true},
		"another company":                {two, basket(line(elsewhere, terms.Items(9), 900)), false, true},
		"a number of the merchant's own": {two, basket(line("614141", terms.Items(2), 300)), false, true},
		"too few":                        {two, basket(line(soap, 0, 300)), false, true},
		"one came back": {two, basket(line(soap, terms.Items(2), 300), line(soap, -terms.Items(1),
			-150)), false, true},
		"not eligible": {two, basket(terms.Line{GTIN: soap, Quantity: terms.Items(2), Amount: 1,
			NotEligible: true}), false, true},
		"a deposit": {two, basket(terms.Line{Kind: terms.Deposit, GTIN: soap,
			Quantity: terms.Items(2), Amount: 1}), false, true},
		"any family":               {of("000"), basket(family("", soap, 2, 300)), true, true},
		"the family":               {of("123"), basket(family("123", soap, 2, 300)), true, true},
		"another family":           {of("123"), basket(family("124", soap, 2, 300)), false, true},
		"no family given":          {of("123"), basket(family("", soap, 2, 300)), false, false},
		"no family given, too few": {of("123"), basket(family("", soap, 1, 300)), false, true},
		"no family given, enough with it": {of("123"), basket(family("123", soap, 2, 300), family("", shampoo, 1, 100)),
			true, true},
		"no family given of what came back": {of("123"), basket(family("123", soap, 2, 300), terms.Line{GTIN: soap,
			Quantity: -terms.Items(1), Amount: -1}), false, false},
		"a summary of families":    {of("120"), basket(family("123", soap, 2, 300)), false, false},
		"no family of the summary": {of("120"), basket(family("133", soap, 2, 300)), false, true},
		"enough money":             {spend, basket(line(soap, terms.Items(2), 500)), true, true},
		"too little money": {spend, basket(line(soap, terms.Items(2), 499), line(elsewhere, 0, 900)),
			false, true},
		"enough in all": {terms.Purchase{Total: 1000}, basket(line(soap, 0, 400), line(elsewhere, 0,
			600)), true, true},
		"too little in all": {terms.Purchase{Total: 1000}, basket(line(soap, 0, 400)), false, true},
		"enough weight":     {weight, basket(weighed), true, true},
		"too little weight": {weight, basket(terms.Line{GTIN: soap, Quantity: 1499, Unit: terms.Pound,
			Amount: 300}), false, true},
		"not weighed": {weight, basket(line(soap, terms.Items(2), 300)), false, false},
		"weighed in another unit": {weight, basket(terms.Line{GTIN: soap, Quantity: 900, Unit: terms.Kilogram,
			Amount: 300}), false, false},
		"weighed, counted as one": {two, basket(weighed, weighed), true, true},
	} {
		met, known := test.need.In(test.sale)
		assert.Equal(t, test.known, known, "%s: known", name)
		assert.Equal(t, test.met, met, "%s: met", name)
	}
}

func TestFamilyCodesHaveThreeDigits(t *testing.T) {
	for code, good := range map[string]bool{"": true, "000": true, "123": true, "12": false, "1234": false, "1a3": false} {
		assert.Equal(t, good, basket(family(code, soap, 1, 1)).Check() == nil, code)
	}
}
