package terms_test

import (
	"encoding/json"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/terms"
)

func FuzzApply(f *testing.F) {
	r := rand.New(rand.NewPCG(1, 1))
	for range 8 {
		offer, err := json.Marshal(randomTerms(r))
		require.NoError(f, err)
		sale, err := json.Marshal(randomSale(r))
		require.NoError(f, err)
		f.Add(offer, sale)
	}
	f.Fuzz(func(t *testing.T, offerText, saleText []byte) {
		var offer terms.Terms
		var sale terms.Sale
		if json.Unmarshal(offerText, &offer) != nil || json.Unmarshal(saleText, &sale) != nil {
			return
		}
		discount, err := offer.Apply(sale)
		if err == nil {
			holds(t, offer, sale, discount)
			return
		}
		assert.Contains(t, []fault.Code{fault.InvalidRequest, fault.OtherCurrency, fault.NothingEligible,
			fault.NotCombinable}, fault.CodeOf(err))
	})
}

func FuzzParseQuantity(f *testing.F) {
	for _, text := range []string{"0", "-0.5", "1000000", "1.", "1e3"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		quantity, err := terms.ParseQuantity(text)
		if err != nil {
			return
		}
		again, err := terms.ParseQuantity(quantity.String())
		require.NoError(t, err)
		assert.Equal(t, quantity, again)
	})
}

func BenchmarkApply(b *testing.B) {
	offer := terms.Terms{Kind: terms.PercentOff, Percent: 1250, Products: []string{coffee, tea},
		MaxQuantity: terms.Items(3)}
	sale := terms.Sale{Currency: "EUR"}
	for i := range 20 {
		sale.Lines = append(sale.Lines, terms.Line{GTIN: shelf[i%len(shelf)], Amount: int64(100 + i)})
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := offer.Apply(sale); err != nil {
			b.Fatal(err)
		}
	}
}
