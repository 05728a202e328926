package terms_test

import (
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
		t.MinQuantity = terms.Quantity(r.Int64N(5000))
	}
	if r.IntN(4) == 0 {
		t.MaxQuantity = terms.Quantity(1 + r.Int64N(5000))
	}
	if r.IntN(4) == 0 {
		t.Cap = 1 + r.Int64N(1000)
	}
	return t
}

func randomSale(r *rand.Rand) terms.Sale {
	s := terms.Sale{Currency: "EUR", Lines: make([]terms.Line, r.IntN(9))}
	for i := range s.Lines {
		line := terms.Line{GTIN: shelf[r.IntN(len(shelf))], Amount: r.Int64N(2000), NotEligible: r.IntN(10) == 0}
		if r.IntN(2) == 0 {
			line.Quantity = terms.Quantity(1 + r.Int64N(4000))
		}
		if r.IntN(12) == 0 {
			line.Amount, line.Quantity = -line.Amount, -line.Quantity
		}
		s.Lines[i] = line
	}
	return s
}

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
		if s.Lines[i].NotEligible {
			require.Zero(t, off)
		}
	}
}

func TestLinesOfAMillionRandomSalesAddUp(t *testing.T) {
	sales := 1_000_000
	if testing.Short() {
		sales = 50_000
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
		if off < 0 || off > max(s.Lines[i].Amount, 0) || off > 0 && s.Lines[i].NotEligible {
			return false
		}
	}
	return len(d.Lines) == len(s.Lines) && d.Total > 0 && d.Total == sum(d.Lines) && (offer.Cap == 0 || d.Total <= offer.Cap) &&
		(offer.Kind != terms.AmountOff || d.Total <= offer.Amount)
}

func drawn[T any](draw func(*rand.Rand) T) *rapid.Generator[T] {
	return rapid.Custom(func(t *rapid.T) T {
		return draw(rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0)))
	})
}

// A line more never makes the discount smaller as long as nothing bounds the number of items: the customer is not punished
// for buying more.
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
