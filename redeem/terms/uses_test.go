package terms_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/offlane/offlane/redeem/terms"
)

func TestMost(t *testing.T) {
	for name, test := range map[string]struct {
		terms   terms.Terms
		most    int64
		bounded bool
	}{
		"no terms":           {terms.Terms{}, 0, false},
		"amount off":         {terms.Terms{Kind: terms.AmountOff, Amount: 500, Currency: "EUR"}, 500, true},
		"amount off, capped": {terms.Terms{Kind: terms.AmountOff, Amount: 500, Cap: 600, Currency: "EUR"}, 500, true},
		"cap below":          {terms.Terms{Kind: terms.AmountOff, Amount: 500, Cap: 300, Currency: "EUR"}, 300, true},
		"percent off":        {terms.Terms{Kind: terms.PercentOff, Percent: 1000}, 0, false},
		"percent, capped":    {terms.Terms{Kind: terms.PercentOff, Percent: 1000, Cap: 700, Currency: "EUR"}, 700, true},
		"fixed price":        {terms.Terms{Kind: terms.FixedPrice, Amount: 199, Currency: "EUR"}, 0, false},
		"price, capped":      {terms.Terms{Kind: terms.FixedPrice, Amount: 199, Cap: 700, Currency: "EUR"}, 700, true},
		"free item":          {terms.Terms{Kind: terms.FreeItem}, 0, false},
		"free, capped":       {terms.Terms{Kind: terms.FreeItem, Cap: 700, Currency: "EUR"}, 700, true},
	} {
		most, bounded := test.terms.Most()
		assert.Equal(t, test.most, most, name)
		assert.Equal(t, test.bounded, bounded, name)
	}
}

func TestTimes(t *testing.T) {
	for name, test := range map[string]struct{ once, twice terms.Terms }{
		"no terms": {},
		"amount off": {
			terms.Terms{Kind: terms.AmountOff, Amount: 500, Cap: 600, MinSpend: 1000, MinQuantity: terms.Items(2),
				Currency: "EUR"},
			terms.Terms{Kind: terms.AmountOff, Amount: 1000, Cap: 1200, MinSpend: 2000, MinQuantity: terms.Items(4),
				Currency: "EUR"},
		},
		"percent off": {
			terms.Terms{Kind: terms.PercentOff, Percent: 1000, MaxQuantity: 1500, Unit: terms.Metre, Products: []string{tea}},
			terms.Terms{Kind: terms.PercentOff, Percent: 1000, MaxQuantity: 3000, Unit: terms.Metre, Products: []string{tea}},
		},
		"fixed price": {
			terms.Terms{Kind: terms.FixedPrice, Amount: 199, MaxQuantity: terms.Items(1), Currency: "EUR", Combinable: true},
			terms.Terms{Kind: terms.FixedPrice, Amount: 199, MaxQuantity: terms.Items(2), Currency: "EUR", Combinable: true},
		},
		"free item": {terms.Terms{Kind: terms.FreeItem}, terms.Terms{Kind: terms.FreeItem, MaxQuantity: terms.Items(2)}},
		"free items": {terms.Terms{Kind: terms.FreeItem, MaxQuantity: terms.Items(3)}, terms.Terms{Kind: terms.FreeItem,
			MaxQuantity: terms.Items(6)}},
	} {
		assert.Equal(t, test.twice, test.once.Times(2), name)
		for _, n := range []int{1, 0, -1, math.MinInt} {
			assert.Equal(t, test.once, test.once.Times(n), name)
		}
	}
}

// However many uses: terms that Check takes stay such, and terms that it refuses do too.
func TestTimesStaysWithinTheLimits(t *testing.T) {
	most := terms.Terms{Kind: terms.AmountOff, Amount: 400_000_000_000, Currency: "EUR",
		MinQuantity: terms.Items(400_000)}.Times(3)
	assert.Equal(t, int64(terms.MaxAmount), most.Amount)
	assert.Equal(t, terms.MaxQuantity, most.MinQuantity)
	rapid.Check(t, func(t *rapid.T) {
		offer := drawn(randomTerms).Draw(t, "terms")
		n := rapid.OneOf(rapid.IntRange(2, 9), rapid.IntRange(2, math.MaxInt)).Draw(t, "n")
		require.NoError(t, offer.Times(n).Check())
		wrong := offer
		beyond := rapid.OneOf(rapid.Int64Range(math.MinInt64, -1), rapid.Int64Range(int64(terms.MaxQuantity)+1,
			math.MaxInt64))
		wrong.MinQuantity = terms.Quantity(beyond.Draw(t, "quantity"))
		require.Error(t, wrong.Times(n).Check())
		require.Error(t, terms.Terms{Kind: terms.FreeItem, Unit: terms.Kilogram}.Times(n).Check(), "no one item to multiply")
	})
}

// Two uses of an offer give in one sale what the offer gives in two sales with the same lines each.
func TestTwoUsesGiveTwice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		offer := drawn(randomTerms).Draw(t, "terms")
		if offer.Kind != terms.AmountOff {
			t.Skip("with other kinds it matters which items the two sales have")
		}
		offer.MaxQuantity = 0
		sale := drawn(randomSale).Draw(t, "sale")
		both := sale
		both.Lines = append(sale.Lines[:len(sale.Lines):len(sale.Lines)], sale.Lines...)
		one, err := offer.Apply(sale)
		two, errTwo := offer.Times(2).Apply(both)
		require.Equal(t, err == nil, errTwo == nil)
		require.Equal(t, 2*one.Total, two.Total)
	})
}

func TestSpread(t *testing.T) {
	for name, test := range map[string]struct {
		total   int64
		weights []int64
		want    []int64
	}{
		"in proportion":             {200, []int64{1000, 333, 667}, []int64{100, 33, 67}},
		"all":                       {6, []int64{1, 2, 3}, []int64{1, 2, 3}},
		"one, to the first":         {1, []int64{5, 5, 5}, []int64{1, 0, 0}},
		"nothing":                   {0, []int64{5}, []int64{0}},
		"less than nothing":         {-5, []int64{5}, []int64{0}},
		"over nothing":              {5, []int64{0, 0}, []int64{0, 0}},
		"over no one":               {5, nil, []int64{}},
		"a negative weight":         {5, []int64{-3, 10}, []int64{0, 5}},
		"more than the weights":     {7, []int64{1, 2}, []int64{2, 5}},
		"the largest there can be":  {math.MaxInt64, []int64{math.MaxInt64 - 1, 1}, []int64{math.MaxInt64 - 1, 1}},
		"the largest over one unit": {math.MaxInt64, []int64{1}, []int64{math.MaxInt64}},
	} {
		assert.Equal(t, test.want, terms.Spread(test.total, test.weights), name)
	}
}

func FuzzSpread(f *testing.F) {
	f.Add(int64(200), int64(1000), int64(333), int64(667))
	f.Add(int64(math.MaxInt64), int64(math.MaxInt64), int64(0), int64(-1))
	f.Fuzz(func(t *testing.T, total, a, b, c int64) {
		const third = math.MaxInt64 / 3
		weights := []int64{min(a, third), min(b, third), min(c, third)}
		shares := terms.Spread(total, weights)
		room := max(weights[0], 0) + max(weights[1], 0) + max(weights[2], 0)
		if room == 0 || total <= 0 {
			require.Zero(t, sum(shares))
			return
		}
		require.Equal(t, total, sum(shares))
		for i, share := range shares {
			require.GreaterOrEqual(t, share, int64(0))
			if total <= room {
				require.LessOrEqual(t, share, max(weights[i], 0))
			}
		}
	})
}

func TestBack(t *testing.T) {
	d := terms.Discount{Currency: "EUR", Total: 110, Lines: []int64{100, 0, 10}}
	three := terms.Items(3)
	for name, test := range map[string]struct {
		line                 int
		before, returned, of terms.Quantity
		want                 int64
	}{
		"the first of three":        {0, 0, terms.Items(1), three, 33},
		"the second":                {0, terms.Items(1), terms.Items(1), three, 34},
		"the third":                 {0, terms.Items(2), terms.Items(1), three, 33},
		"all three":                 {0, 0, three, three, 100},
		"one item of none said":     {2, 0, terms.Items(1), 0, 10},
		"a part of the weight":      {0, 0, 452, 2000, 23},
		"a line without a discount": {1, 0, three, three, 0},
		"nothing":                   {0, terms.Items(1), 0, three, 0},
		"less than nothing":         {0, 0, terms.Items(-1), three, 0},
		"more than was sold":        {0, terms.Items(1), terms.Items(9), three, 67},
		"more than all before":      {0, terms.Items(9), terms.Items(1), three, 0},
		"less than nothing before":  {0, terms.Items(-1), three, three, 100},
		"of less than nothing":      {0, 0, terms.Items(1), terms.Items(-3), 0},
		"far out of range":          {0, math.MaxInt64, math.MaxInt64, math.MaxInt64, 0},
		"far more than was sold":    {0, 1, math.MaxInt64, math.MaxInt64, 100},
		"no such line":              {3, 0, three, three, 0},
		"a negative line":           {-1, 0, three, three, 0},
	} {
		assert.Equal(t, test.want, d.Back(test.line, test.before, test.returned, test.of), name)
	}
	assert.Zero(t, terms.Discount{Lines: []int64{-5}}.Back(0, 0, three, three))
}

func TestReturningALineInAnyStepsTakesBackItsDiscount(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := terms.Discount{Lines: []int64{rapid.Int64Range(0, terms.MaxAmount).Draw(t, "off")}}
		of := terms.Quantity(rapid.Int64Range(1, int64(terms.MaxQuantity)).Draw(t, "of"))
		var before terms.Quantity
		var back int64
		for before < of {
			step := terms.Quantity(rapid.Int64Range(1, int64(of)).Draw(t, "step"))
			now := d.Back(0, before, step, of)
			require.GreaterOrEqual(t, now, int64(0))
			back += now
			before += step
		}
		require.Equal(t, d.Lines[0], back)
	})
}
