package terms_test

import (
	"cmp"
	"flag"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/terms"
)

var shelf = []string{coffee, tea, "036000291452", "00012345600012", "house-17", ""}

func randomTerms(r *rand.Rand) terms.Terms {
	t := terms.Terms{Kind: terms.Kind(1 + r.IntN(4)), Currency: "EUR", Combinable: r.IntN(2) == 0}
	switch t.Kind {
	case terms.AmountOff:
		t.Amount = 1 + r.Int64N(3000)
	case terms.FixedPrice:
		t.Amount = r.Int64N(500)
	case terms.PercentOff:
		t.Percent = 1 + r.IntN(terms.MaxPercent)
	}
	if r.IntN(4) == 0 {
		t.Products = shelf[:1+r.IntN(4)]
	}
	if r.IntN(4) == 0 {
		t.MinSpend = r.Int64N(2000)
	}
	if r.IntN(4) == 0 {
		t.MinQuantity = terms.Items(r.IntN(5))
	}
	if r.IntN(4) == 0 {
		t.MaxQuantity = terms.Items(1 + r.IntN(5))
	}
	if r.IntN(4) == 0 {
		t.Cap = t.Amount + 1 + r.Int64N(1000)
	}
	if r.IntN(4) == 0 {
		t.Unit = terms.Unit(1 + r.IntN(2))
		t.MinQuantity, t.MaxQuantity = t.MinQuantity*3/8, (t.MaxQuantity+1)/3*2
		if t.Kind == terms.FreeItem && t.MaxQuantity == 0 {
			t.MaxQuantity = 1
		}
	}
	return t
}

func randomSale(r *rand.Rand) terms.Sale {
	s := terms.Sale{Currency: "EUR", Lines: make([]terms.Line, r.IntN(9))}
	for i := range s.Lines {
		s.Lines[i] = randomGoods(r)
		if r.IntN(8) == 0 {
			s.Lines[i] = takenBack(r, s.Lines[i])
		}
	}
	return s
}

func randomGoods(r *rand.Rand) terms.Line {
	line := terms.Line{GTIN: shelf[r.IntN(len(shelf))], Amount: r.Int64N(2000), NotEligible: r.IntN(10) == 0}
	if r.IntN(2) == 0 {
		line.Quantity = terms.Items(1 + r.IntN(4))
	}
	if r.IntN(3) == 0 {
		line.Quantity, line.Unit = terms.Quantity(1+r.Int64N(4000)), terms.Unit(1+r.IntN(2))
	}
	return line
}

// takenBack makes a line lower the sale, in one of the ways in which tills say so.
func takenBack(r *rand.Rand, l terms.Line) terms.Line {
	switch r.IntN(5) {
	case 0:
		l.Amount, l.Quantity = -l.Amount, -l.Quantity
	case 1:
		l.Amount = -l.Amount - 1
	case 2:
		l.Amount, l.GTIN = -l.Amount-1, ""
	default:
		l.Kind = []terms.LineKind{terms.Return, terms.Deduction, terms.Deposit}[r.IntN(3)]
		l.Amount *= int64(1 - 2*r.IntN(2))
	}
	return l
}

// bought reports whether a line is something bought: nothing about it says otherwise.
func bought(l terms.Line) bool { return l.Kind == "" && l.Amount >= 0 && l.Quantity >= 0 }

// holds asks all that is promised of a discount.
func holds(t require.TestingT, offer terms.Terms, s terms.Sale, d terms.Discount) {
	require.Len(t, d.Lines, len(s.Lines))
	require.Equal(t, d.Total, sum(d.Lines), "the lines add up")
	require.Positive(t, d.Total)
	if offer.Cap > 0 {
		require.LessOrEqual(t, d.Total, offer.Cap)
	}
	if offer.Kind == terms.AmountOff {
		require.LessOrEqual(t, d.Total, offer.Amount)
	}
	for i, off := range d.Lines {
		require.GreaterOrEqual(t, off, int64(0), "line %d of %v", i, s)
		require.LessOrEqual(t, off, max(s.Lines[i].Amount, 0), "line %d of %v", i, s)
		if s.Lines[i].NotEligible || !bought(s.Lines[i]) {
			require.Zero(t, off)
		}
	}
}

var long = flag.Bool("long", false, "let the lines of a million random sales add up, not of fifty thousand")

func TestLinesOfRandomSalesAddUp(t *testing.T) {
	sales := 50_000
	if *long {
		sales = 1_000_000
	}
	r := rand.New(rand.NewPCG(20, 26))
	given := 0
	for range sales {
		offer, sale := randomTerms(r), randomSale(r)
		discount, err := offer.Apply(sale)
		if err != nil {
			if fault.CodeOf(err) != fault.NothingEligible {
				require.NoError(t, err)
			}
			continue
		}
		given++
		if !addsUp(offer, sale, discount) {
			holds(t, offer, sale, discount) // says what does not hold
			t.Fatalf("%+v on %+v gives %+v", offer, sale, discount)
		}
	}
	require.Greater(t, given, sales/4, "too few of the sales had a discount to look at")
}

// addsUp is holds without the words, which take longer than the discount.
func addsUp(offer terms.Terms, s terms.Sale, d terms.Discount) bool {
	for i, off := range d.Lines {
		if off < 0 || off > max(s.Lines[i].Amount, 0) || off > 0 && (s.Lines[i].NotEligible || !bought(s.Lines[i])) {
			return false
		}
	}
	return len(d.Lines) == len(s.Lines) && d.Total > 0 && d.Total == sum(d.Lines) &&
		(offer.Cap == 0 || d.Total <= offer.Cap) &&
		(offer.Kind != terms.AmountOff || d.Total <= offer.Amount)
}

func drawn[T any](draw func(*rand.Rand) T) *rapid.Generator[T] {
	return rapid.Custom(func(t *rapid.T) T {
		return draw(rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0)))
	})
}

// A line more never makes the discount smaller as long as nothing bounds the number of items: the customer is not
// punished for buying more.
func TestBuyingMoreNeverLowersThePercentage(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sale := drawn(randomSale).Draw(t, "sale")
		offer := terms.Terms{Kind: terms.PercentOff, Percent: rapid.IntRange(1, terms.MaxPercent).Draw(t, "percent")}
		more := sale
		more.Lines = append(slices.Clone(sale.Lines), terms.Line{Amount: rapid.Int64Range(0, 5000).Draw(t, "amount")})
		before, _ := offer.Apply(sale) // nothing at all is a discount of zero
		after, _ := offer.Apply(more)
		require.GreaterOrEqual(t, after.Total, before.Total)
	})
}

// Nothing that comes back and no coupon makes a discount larger or reaches a minimum, however a till writes it.
func TestNothingTakenBackEarnsAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		offer, sale := drawn(randomTerms).Draw(t, "terms"), drawn(randomSale).Draw(t, "sale")
		back := drawn(func(r *rand.Rand) terms.Line { return takenBack(r, randomGoods(r)) }).Draw(t, "back")
		less := sale
		less.Lines = append(slices.Clone(sale.Lines), back)
		before, _ := offer.Apply(sale) // nothing at all is a discount of zero
		after, _ := offer.Apply(less)
		if offer.Kind == terms.FixedPrice && offer.Unit != 0 {
			before.Total++ // the part of a line and its price are rounded each
		}
		require.LessOrEqual(t, after.Total, before.Total)
	})
}

// A return is the same return with a negative quantity, a negative amount, both, or its kind.
func TestReturnIsTheSameInEveryForm(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		offer, sale := drawn(randomTerms).Draw(t, "terms"), drawn(randomSale).Draw(t, "sale")
		back := drawn(randomGoods).Draw(t, "back")
		back.GTIN, back.Amount = cmp.Or(back.GTIN, tea), back.Amount+1
		back.Quantity = cmp.Or(back.Quantity, terms.Items(1))
		kind := back
		kind.Kind = terms.Return
		quantity, amount, both := back, back, back
		quantity.Quantity, both.Quantity = -back.Quantity, -back.Quantity
		amount.Amount, both.Amount = -back.Amount, -back.Amount
		var all []terms.Discount
		for _, form := range []terms.Line{kind, quantity, amount, both} {
			less := sale
			less.Lines = append(slices.Clone(sale.Lines), form)
			d, _ := offer.Apply(less)
			all = append(all, d)
		}
		require.Equal(t, slices.Repeat(all[:1], len(all)), all)
	})
}

// Where items are counted, what is weighed is free as a whole or not at all, and of counted lines whole items are.
func TestFreeItemsAreWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sale := drawn(randomSale).Draw(t, "sale")
		offer := terms.Terms{Kind: terms.FreeItem, MaxQuantity: terms.Items(rapid.IntRange(0, 5).Draw(t, "most"))}
		d, err := offer.Apply(sale)
		if err != nil || slices.ContainsFunc(sale.Lines, func(l terms.Line) bool { return !bought(l) }) {
			t.Skip("the spend may be less than the items")
		}
		items := terms.Items(0)
		for i, l := range sale.Lines {
			switch {
			case d.Lines[i] == 0:
			case l.Unit != 0:
				require.Equal(t, l.Amount, d.Lines[i])
				items += terms.Items(1)
			default:
				items += wholeItems(t, l, d.Lines[i])
			}
		}
		require.LessOrEqual(t, items, max(offer.MaxQuantity, terms.Items(1)))
	})
}

// wholeItems returns how many items of a line cost what was taken off it.
func wholeItems(t require.TestingT, l terms.Line, off int64) terms.Quantity {
	n := max(int64(l.Quantity/terms.Items(1)), 1)
	for k := range n {
		if off == (2*l.Amount*(k+1)+n)/(2*n) {
			return terms.Items(int(k + 1))
		}
	}
	require.Fail(t, "a part of an item", "%d of %+v", off, l)
	return 0
}

// The order of the lines decides who gets a unit that is left over, and nothing else.
func TestOrderOfTheLinesDoesNotChangeThePercentage(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sale := drawn(randomSale).Draw(t, "sale")
		offer := terms.Terms{Kind: terms.PercentOff, Percent: rapid.IntRange(1, terms.MaxPercent).Draw(t, "percent")}
		turned := sale
		turned.Lines = rapid.Permutation(sale.Lines).Draw(t, "turned")
		before, errBefore := offer.Apply(sale)
		after, errAfter := offer.Apply(turned)
		require.Equal(t, fault.CodeOf(errBefore), fault.CodeOf(errAfter))
		require.Equal(t, before.Total, after.Total)
	})
}

// Sums at the very limits stay within 63 bits.
func TestLargestSaleAddsUp(t *testing.T) {
	lines := make([]terms.Line, terms.MaxLines)
	for i := range lines {
		lines[i] = terms.Line{Amount: terms.MaxAmount, Quantity: terms.MaxQuantity}
	}
	sale := terms.Sale{Currency: "EUR", Lines: lines}
	for _, offer := range []terms.Terms{
		{Kind: terms.AmountOff, Amount: terms.MaxAmount, Currency: "EUR"},
		{Kind: terms.PercentOff, Percent: terms.MaxPercent},
		{Kind: terms.PercentOff, Percent: 1},
		{Kind: terms.FixedPrice, Currency: "EUR"},
		{Kind: terms.FixedPrice, Amount: 1, Currency: "EUR", MaxQuantity: terms.MaxQuantity},
		{Kind: terms.FreeItem, MaxQuantity: terms.MaxQuantity},
	} {
		discount, err := offer.Apply(sale)
		if offer.Kind == terms.FixedPrice && offer.Amount > 0 {
			// A million items for 10¹² cost one million each, more than 1.
			require.NoError(t, err)
		}
		require.NoError(t, err)
		holds(t, offer, sale, discount)
	}
}
