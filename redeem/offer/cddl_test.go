package offer_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/internal/cbor/cddltest"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/terms"
)

func schema(t testing.TB) *cddltest.Schema {
	t.Helper()
	return cddltest.Load(t, filepath.Join("testdata", "pass.cddl"), filepath.Join("testdata", "terms.cddl"))
}

// ofText returns the bytes of a pass.
func ofText(t testing.TB, text string) []byte {
	t.Helper()
	data, err := offer.DecodeBase45(strings.TrimPrefix(strings.TrimSpace(text), "OL1:"))
	require.NoError(t, err)
	return data
}

func TestTheGoldenPassesAreWhatTheCDDLSays(t *testing.T) {
	s := schema(t)
	files, err := filepath.Glob(filepath.Join("testdata", "pass-v1-*.txt"))
	require.NoError(t, err)
	require.Len(t, files, 3, "the golden files of passes")
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		assert.NoError(t, s.Check("pass", ofText(t, string(text))), file)
	}
}

func TestTheCDDLOfAPassHasTheKeysThatGoHas(t *testing.T) {
	s := schema(t)
	for rule, of := range map[string]any{"claims": offer.Claims{}, "own": offer.Own{}, "terms": terms.Terms{}} {
		assert.NoError(t, s.CheckKeys(rule, of))
	}
}

func TestIssuedPassesAreWhatTheCDDLSays(t *testing.T) {
	s := schema(t)
	for name, change := range map[string]func(*offer.Pass){
		"as it is":         func(*offer.Pass) {},
		"for one merchant": func(p *offer.Pass) { p.Audience = []string{"bakery"} },
		"for three":        func(p *offer.Pass) { p.Audience = []string{"bakery", "butcher", "dairy"} },
		"of an owner":      func(p *offer.Pass) { p.Audience, p.Owner = []string{"bakery", "butcher"}, "brand" },
		"with uses":        func(p *offer.Pass) { p.Uses, p.OfflineUses = 5, 2 },
		"with a beginning": func(p *offer.Pass) { p.NotBefore = p.IssuedAt.AddDate(0, 0, 1) },
		"a fixed price": func(p *offer.Pass) {
			p.Terms = terms.Terms{Kind: terms.FixedPrice, Amount: 5, Currency: "EUR", Unit: terms.Kilogram}
		},
		"a percentage of at most": func(p *offer.Pass) {
			p.Terms = terms.Terms{Kind: terms.PercentOff, Percent: 10_000, Currency: "EUR", Cap: 1, Combinable: true}
		},
		"a free item of several": func(p *offer.Pass) {
			p.Terms = terms.Terms{Kind: terms.FreeItem, MinQuantity: terms.Items(2), MaxQuantity: terms.Items(3),
				MinSpend: 4, Currency: "EUR", Products: []string{"4012345000009"}}
		},
	} {
		pass := barePass()
		change(&pass)
		assert.NoError(t, s.Check("pass", ofText(t, issue(t, house, pass))), name)
	}
}
