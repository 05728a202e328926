package redeem_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/terms"
)

// A record names what the offer took something off, and nothing else that was sold.
func TestARecordNamesWhatWasDiscounted(t *testing.T) {
	const coffee, tea, soap = "9501101530003", "96385074", "4012345678901"
	line := func(gtin string, amount int64) terms.Line { return terms.Line{GTIN: gtin, Amount: amount} }
	sale := terms.Sale{Currency: "EUR", Lines: []terms.Line{line(coffee, 500), line(soap, 700), line("", 100),
		line(tea, 300), line(coffee, 500)}}
	for name, c := range map[string]struct {
		terms terms.Terms
		req   redeem.Request
		want  []string
	}{
		"of some products": {terms.Terms{Kind: terms.PercentOff, Percent: 1000, Products: []string{coffee, tea}},
			redeem.Request{Sale: sale}, []string{coffee, tea}},
		"of all": {terms.Terms{Kind: terms.PercentOff, Percent: 1000}, redeem.Request{Sale: sale},
			[]string{coffee, soap, tea}},
		"what the POS gave": {terms.Terms{Kind: terms.PercentOff, Percent: 1000, Products: []string{tea}},
			redeem.Request{Sale: sale, Given: euros(30)}, []string{tea}},
		"without lines": {terms.Terms{Kind: terms.PercentOff, Percent: 1000}, redeem.Request{Given: euros(30)}, nil},
	} {
		terminal := newShop(t).online(t)
		c.req.SaleKey, c.req.Scanned = "s", pass(t, func(p *offer.Pass) { p.Terms = c.terms })
		d, err := terminal.Redeem(t.Context(), c.req)
		require.NoError(t, err, name)
		require.Equal(t, redeem.Allow, d.Outcome, "%s: %v", name, d)
		records := listed(t, terminal, redeem.Query{SaleKey: "s"})
		require.Len(t, records, 1, name)
		assert.Equal(t, c.want, records[0].Record.Products, name)
	}
}
