package wedge

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var codes = flag.Int("codes", 200,
	"how many random item codes TestItemCodesStayAsTheyAre reads of each kind; all: 100000")

func randomText(r *rand.Rand, alphabet string, shortest, longest int) string {
	text := make([]byte, shortest+r.IntN(longest-shortest+1))
	for i := range text {
		text[i] = alphabet[r.IntN(len(alphabet))]
	}
	return string(text)
}

const (
	someDigits  = "0123456789"
	someLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
)

// Without a profile nothing is known of the scanner, and an item's code is no offer that a keyboard spoilt. "QC-157"
// came out as "ß157" once, "GIFT2024" as "FT2024", and a UPC-A with a group separator inside.
func TestItemCodesStayAsTheyAre(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	kinds := map[string]func() string{
		"letters and digits": func() string { return randomText(r, someLetters+someDigits, 3, 20) },
		"with hyphens":       func() string { return randomText(r, someLetters+someDigits+"-", 3, 20) },
		"small letters":      func() string { return randomText(r, "abcdefghijklmnopqrstuvwxyz"+someDigits, 3, 20) },
		"letters, digits":    func() string { return randomText(r, someLetters, 1, 4) + randomText(r, someDigits, 2, 8) },
		"any characters":     func() string { return randomText(r, someLetters+someDigits+"-/+ $%.:*#_<>[]^{}()=", 3, 20) },
		"digits":             func() string { return randomText(r, someDigits, 3, 20) },
		"UPC-A":              func() string { return withCheckDigit(randomText(r, someDigits, 11, 11)) },
		"EAN-13":             func() string { return withCheckDigit(randomText(r, someDigits, 12, 12)) },
	}
	accepts := map[string]func(string) bool{"no Accept": nil, "offers alone": acceptAll(codeText, passText, gcnText)}
	for kind, next := range kinds {
		t.Run(kind, func(t *testing.T) {
			for name, accept := range accepts {
				changed := 0
				for range *codes {
					changed += changes(t, Config{Accept: accept}, next())
				}
				assert.Zero(t, changed, "%s: of %d", name, *codes)
			}
		})
	}
	for _, code := range []string{"QC-157", "GIFT2024", "MCD181800", "A^]B", "A<GS>B", "C1-2", "\x1b[19~"} {
		assert.Zero(t, changes(t, Config{}, code), code)
	}
}

// changes returns 1 where a text does not come out as it went in, else 0.
func changes(t *testing.T, cfg Config, code string) int {
	scans := scanOnce(t, cfg, code+"\r")
	require.Len(t, scans, 1, code)
	s := scans[0]
	if s.String() == code && len(s.Readings) == 1 && s.Readings[0] == code && len(s.Repairs) == 0 {
		return 0
	}
	t.Logf("%q became %q %q", code, s.Readings, s.Repairs)
	return 1
}

func withCheckDigit(number string) string {
	sum := 0
	for i := range number {
		sum += int(number[len(number)-1-i]-'0') * (3 - 2*(i&1))
	}
	return number + fmt.Sprint((10-sum%10)%10)
}

// A scanner whose layout has no key for the bracket loses it from every identifier. Where the self-test showed that it
// sends none, a code that begins like one is left alone.
func TestABracketIsRestoredOnlyWhereTheScannerSendsIdentifiers(t *testing.T) {
	german := typing{findLayout(German), findLayout(US), capsOff}
	require.True(t, german.losesBracket(), "else this says nothing")
	for sends, want := range map[string]string{"]C0": "]C0C0123", "": "C0123"} {
		p, err := Learn([]byte(german.write(sends+SelfTestLinear) + "\r"))
		require.NoError(t, err)
		assert.Equal(t, sends != "", p.Identifier, "%q", sends)
		scans := scanOnce(t, Config{Profile: p}, german.write(sends+"C0123")+"\r")
		assert.Equal(t, []string{want}, texts(scans), "%q", sends)
	}
}
