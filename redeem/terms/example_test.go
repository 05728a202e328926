package terms_test

import (
	"fmt"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/terms"
)

// Two euros off a basket of 20.00: in proportion, so that the lines come to 9.00, 2.97 and 6.03. Of the exact shares
// 100, 33.3 and 66.7 the last has the largest remainder and gets the unit that is left.
func Example() {
	offer := terms.Terms{Kind: terms.AmountOff, Amount: 200, Currency: "EUR"}
	discount, err := offer.Apply(terms.Sale{Currency: "EUR", Lines: []terms.Line{{Amount: 1000}, {Amount: 333},
		{Amount: 667}}})
	fmt.Println(discount.Total, discount.Lines, err)
	// Output: 200 [100 33 67] <nil>
}

// 12.5 percent off three lines of 3.33: the total of 9.99 gives 1.24875, which rounds to 1.25 once; the third line
// gets one unit less than the others, where rounding line by line would have given away 1.26.
func ExampleTerms_Apply_percent() {
	offer := terms.Terms{Kind: terms.PercentOff, Percent: 1250}
	discount, err := offer.Apply(terms.Sale{Currency: "EUR", Lines: []terms.Line{{Amount: 333}, {Amount: 333},
		{Amount: 333}}})
	fmt.Println(discount.Total, discount.Lines, err)
	// Output: 125 [42 42 41] <nil>
}

// Three for two: the third item is free, and it is the cheapest.
func ExampleTerms_Apply_threeForTwo() {
	offer := terms.Terms{
		Kind: terms.FreeItem, MinQuantity: terms.Items(3),
		Products: []string{"4006381333931", "96385074"},
	}
	discount, err := offer.Apply(terms.Sale{Currency: "EUR", Lines: []terms.Line{
		{GTIN: "4006381333931", Quantity: terms.Items(2), Amount: 598},
		{GTIN: "96385074", Amount: 199},
		{GTIN: "036000291452", Amount: 89}, // cheaper, but not part of the offer
	}})
	fmt.Println(discount.Total, discount.Lines, err)
	// Output: 199 [0 199 0] <nil>
}

// A kilogram for 1.99 on 452 grams that were rung up at 2.99 a kilogram: 1.35 less 0.90.
func ExampleTerms_Apply_byWeight() {
	offer := terms.Terms{Kind: terms.FixedPrice, Amount: 199, Currency: "EUR", Unit: terms.Kilogram}
	discount, err := offer.Apply(terms.Sale{Currency: "EUR", Lines: []terms.Line{
		{Quantity: 452, Unit: terms.Kilogram, Amount: 135},
	}})
	fmt.Println(discount.Total, err)
	// Output: 45 <nil>
}

// A sale as a till sends it. Two things were bought, the coffee and the bananas, and the cheaper one is free as a
// whole. The deposit on the bottle that came back is no thing, and the coupon lowers what was spent.
func ExampleTerms_Apply_tillsLines() {
	offer := terms.Terms{Kind: terms.FreeItem, MinQuantity: terms.Items(2)}
	discount, err := offer.Apply(terms.Sale{Currency: "EUR", Lines: []terms.Line{
		{GTIN: "4006381333931", Quantity: terms.Items(1), Amount: 299},
		{GTIN: "96385074", Quantity: 2000, Unit: terms.Kilogram, Amount: 198},
		{Kind: terms.Deposit, Quantity: terms.Items(-1), Amount: -25},
		{Kind: terms.Deduction, Amount: -50},
	}})
	fmt.Println(discount.Total, discount.Lines, err)
	// Output: 198 [0 198 0 0] <nil>
}

// The error says what is missing, in words for the cashier's screen.
func ExampleTerms_Apply_minimum() {
	offer := terms.Terms{Kind: terms.AmountOff, Amount: 500, MinSpend: 2500, Currency: "EUR"}
	_, err := offer.Apply(terms.Sale{Currency: "EUR", Lines: []terms.Line{{Amount: 1999}}})
	fmt.Println(err)
	// Output: terms.Apply: nothing-eligible: the eligible lines come to 1999, the offer begins at 2500
}

// Quantities are decimal numbers without a loss.
func ExampleParseQuantity() {
	quantity, err := terms.ParseQuantity("0.452")
	fmt.Println(int64(quantity), quantity, quantity+terms.Items(2), err)
	// Output: 452 0.452 2.452 <nil>
}

func ExampleItems() {
	offer := terms.Terms{Kind: terms.PercentOff, Percent: 1000, MinQuantity: terms.Items(2)}
	fmt.Println(offer.Check())
	offer.MinQuantity = 2 // thousandths, and no whole number of items
	fmt.Println(fault.CodeOf(offer.Check()))
	// Output:
	// <nil>
	// invalid-request
}

// What a campaign can cost: nothing bounds ten percent, and ten percent of at most 5.00 are at most 5.00 a use.
func ExampleTerms_Most() {
	offer := terms.Terms{Kind: terms.PercentOff, Percent: 1000}
	fmt.Println(offer.Most())
	offer.Cap, offer.Currency = 500, "EUR"
	fmt.Println(offer.Most())
	// Output:
	// 0 false
	// 500 true
}

// Three stamps of a card in one sale: three coffees are free instead of one.
func ExampleTerms_Times() {
	offer := terms.Terms{Kind: terms.FreeItem, Products: []string{"4006381333931"}}
	sale := terms.Sale{Currency: "EUR", Lines: []terms.Line{{GTIN: "4006381333931", Quantity: terms.Items(4),
		Amount: 1196}}}
	discount, err := offer.Times(3).Apply(sale)
	fmt.Println(discount.Total, err)
	// Output: 897 <nil>
}

// 5.00 of the goods come back. Two offers gave 3.00 and 1.00 on them, of which 1.25 is taken back.
func ExampleSpread() {
	fmt.Println(terms.Spread(125, []int64{300, 100}))
	// Output: [94 31]
}

// Three coffees got 1.00 off, and come back one by one.
func ExampleDiscount_Back() {
	discount := terms.Discount{Currency: "EUR", Total: 100, Lines: []int64{100}}
	for before := range 3 {
		fmt.Println(discount.Back(0, terms.Items(before), terms.Items(1), terms.Items(3)))
	}
	// Output:
	// 33
	// 34
	// 33
}
