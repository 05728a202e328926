package offer_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/offer"
)

// A till that shows the cashier where to look reads the place out of the error and not out of its words.
func TestAnErrorTellsThePlaceOfAWrongSymbol(t *testing.T) {
	code := sample.Code()
	other := strings.IndexFunc(alphabet, func(r rune) bool { return byte(r) != code[4] })
	// the first that differs from its neighbour
	pair := strings.IndexFunc(code[1:], func(r rune) bool { return byte(r) != code[0] })
	for name, test := range map[string]struct {
		text     string
		position int
	}{
		"a wrong symbol":    {code[:4] + alphabet[other:other+1] + code[5:], 5},
		"behind hyphens":    {code[:4] + "-" + alphabet[other:other+1] + " " + code[5:], 5},
		"no symbol":         {code[:9] + "i" + code[10:], 10},
		"swapped":           {code[:pair] + code[pair+1:pair+2] + code[pair:pair+1] + code[pair+2:], pair + 1},
		"too many":          {code + "0", 0},
		"more than one":     {moreThanOne(t, code), 0},
		"no code, no place": {strings.Repeat("0", 1000), 0},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := offer.Parse(test.text)
			require.Error(t, err)
			symbol, ok := errors.AsType[*offer.SymbolError](err)
			assert.Equal(t, test.position > 0, ok, "%v", err)
			if ok {
				assert.Equal(t, test.position, symbol.Position, "%v", err)
				assert.Contains(t, err.Error(), symbol.Error())
			}
		})
	}
}

// moreThanOne spoils two symbols so that no single place explains it.
func moreThanOne(t *testing.T, code string) string {
	for _, a := range alphabet {
		for _, b := range alphabet {
			text := code[:3] + string(a) + code[4:20] + string(b) + code[21:]
			if _, err := offer.Parse(text); err != nil && strings.Contains(err.Error(), "more than one symbol") {
				return text
			}
		}
	}
	t.Fatal("every two wrong symbols look like one")
	return ""
}
