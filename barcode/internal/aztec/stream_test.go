package aztec

import (
	"strconv"
	"strings"
	"testing"

	"github.com/offlane/offlane/barcode/internal/symbol"
	"github.com/stretchr/testify/assert"
)

// bitsOf are those of numbers with their widths, such as "29/5 4/3".
func bitsOf(codes string) (bits []bool) {
	for _, code := range strings.Fields(codes) {
		v, width, _ := strings.Cut(code, "/")
		n, _ := strconv.Atoi(v)
		w, _ := strconv.Atoi(width)
		for k := range w {
			bits = append(bits, n>>(w-1-k)&1 != 0)
		}
	}
	return bits
}

func TestBitStreams(t *testing.T) {
	t.Parallel()
	// The numbers are those of ISO/IEC 24778, table 2.
	const a, b = " 2/5 ", " 3/5 "
	for name, c := range map[string]struct {
		bits, text, aim string
		part            symbol.Part
	}{
		"upper":             {a + b + "1/5 27/5", "AB Z", "]z0", symbol.Part{}},
		"lower":             {"28/5" + a + b, "ab", "]z0", symbol.Part{}},
		"lower, one upper":  {"28/5" + a + "28/5" + b + a, "aBa", "]z0", symbol.Part{}},
		"digits":            {"30/5 2/4 11/4 12/4 13/4 14/4" + a, "09,.A", "]z0", symbol.Part{}},
		"digits, one upper": {"30/5 2/4 15/4" + a + "3/4", "0A1", "]z0", symbol.Part{}},
		"mixed":             {"29/5 2/5 20/5 27/5 29/5" + a, "\x01@\x7fA", "]z0", symbol.Part{}},
		"one mark":          {a + "0/5 6/5" + b, "A!B", "]z0", symbol.Part{}},
		"marks":             {"29/5 30/5 6/5 2/5 3/5 31/5" + a, "!\r\n. A", "]z0", symbol.Part{}},
		"bytes":             {"31/5 2/5 75/8 246/8" + a, "KöA", "]z0", symbol.Part{}},
		"bytes of UTF-8":    {"31/5 2/5 195/8 182/8", "ö", "]z0", symbol.Part{}},
		"many bytes": {"31/5 0/5 1/11" + strings.Repeat(" 66/8", 32) + a, strings.Repeat("B", 32) + "A", "]z0",
			symbol.Part{}},
		"bytes in one upper of digits": {"30/5 2/4 15/4 31/5 1/5 98/8" + a + a, "0bAA", "]z0", symbol.Part{}},
		"an ECI":                       {"0/5 0/5 2/3 4/4 4/4 31/5 1/5 209/8", "С", "]z3", symbol.Part{}},
		"FNC1 first":                   {"0/5 0/5 0/3" + a + "0/5 0/5 0/3" + b, "A\x1dB", "]z1", symbol.Part{}},
		"FNC1 behind a letter":         {a + "0/5 0/5 0/3" + b, "AB", "]z2", symbol.Part{}},
		"FNC1 behind two digits":       {"30/5 6/4 6/4 0/4 0/5 0/3 3/4", "441", "]z2", symbol.Part{}},
		"FNC1 behind three letters":    {a + a + a + "0/5 0/5 0/3" + b, "AAA\x1dB", "]z0", symbol.Part{}},
		"a part":                       {"29/5 29/5 3/5 4/5" + a, "A", "]z0", symbol.Part{Index: 1, Total: 3}},
		"a part of a named message":    {"29/5 29/5 1/5 9/5 1/5 2/5 3/5" + a, "A", "]z0", symbol.Part{Total: 2, Parity: 'H'}},
		"a part that begins with FNC1": {"29/5 29/5 2/5 3/5 0/5 0/5 0/3" + a, "A", "]z1", symbol.Part{Total: 2}},
		"padding":                      {a + "2047/11", "A", "]z0", symbol.Part{}},
	} {
		got, err := parse(bitsOf(c.bits))
		if assert.NoError(t, err, name) {
			assert.Equal(t, c.text, got.text.Decode(0), "%s: the text", name)
			assert.Equal(t, c.aim, "]z"+string(rune(got.modifier())), "%s: the identifier", name)
			assert.Equal(t, c.part, got.part, "%s: the part", name)
		}
	}
}

func TestBitStreamsThatMakeNoSense(t *testing.T) {
	t.Parallel()
	for name, bits := range map[string]string{
		"bytes that are missing":     "31/5 4/5 65/8",
		"a count that is missing":    "31/5 0/5 1/5",
		"a flag that is missing":     "0/5 0/5 0/1",
		"FLG(7)":                     "0/5 0/5 7/3 2/5",
		"an ECI of letters":          "0/5 0/5 1/3 14/4",
		"an ECI that is cut":         "0/5 0/5 6/3 4/4",
		"a header that is cut":       "29/5 29/5 2/5",
		"a part beyond the last":     "29/5 29/5 4/5 3/5 2/5",
		"a part that is no letter":   "29/5 29/5 1/5 2/5 1/5 28/5 2/5 2/5 3/5",
		"a header that does not end": "29/5 29/5 1/5" + strings.Repeat(" 2/5", 80),
	} {
		_, err := parse(bitsOf(bits))
		assert.Error(t, err, name)
	}
}
