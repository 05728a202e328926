package datamatrix

import (
	"strings"
	"testing"

	"github.com/offlane/offlane/barcode/internal/symbol"
	"github.com/stretchr/testify/assert"
)

// disguised are the codewords of base 256 behind so many others.
func disguised(before int, plain ...byte) (out []byte) {
	for i, b := range plain {
		out = append(out, b+byte(149*(before+i+1)%255+1))
	}
	return out
}

// three are the codewords of three values of 40.
func three(a, b, c int) []byte {
	n := 1600*a + 40*b + c + 1
	return []byte{byte(n >> 8), byte(n)}
}

func codes(parts ...[]byte) (all []byte) {
	for _, p := range parts {
		all = append(all, p...)
	}
	return all
}

func TestCodewords(t *testing.T) {
	t.Parallel()
	const a, b = 'A' + 1, 'B' + 1
	var alone symbol.Part
	long := append([]byte{250, 0}, strings.Repeat("B", 250)...)
	for name, c := range map[string]struct {
		words     []byte
		text, aim string
		part      symbol.Part
	}{
		"ASCII":                  {[]byte{a, b, 130, 229, 142, pad, 7}, "AB009912", "]d1", alone},
		"the upper half":         {[]byte{upperShift, 'v' + 1, a}, "öA", "]d1", alone},
		"C40":                    {codes([]byte{latchC40}, three(14, 15, 3), []byte{unlatch, b}), "AB B", "]d1", alone},
		"C40, shifts":            {codes([]byte{latchC40}, three(0, 13, 1), three(0, 2, 1)), "\r!a", "]d1", alone},
		"C40, the upper half":    {codes([]byte{latchC40}, three(1, 30, 2), three(22, 14, 15)), "öAB", "]d1", alone},
		"C40, one is left":       {codes([]byte{latchC40}, three(14, 15, 16), []byte{b}), "ABCB", "]d1", alone},
		"C40, unlatched last":    {codes([]byte{latchC40}, three(14, 15, 16), []byte{unlatch}), "ABC", "]d1", alone},
		"Text":                   {codes([]byte{latchText}, three(14, 2, 1), three(4, 1, 15)), "aA0:", "]d1", alone},
		"X12":                    {codes([]byte{latchX12}, three(14, 0, 2), three(3, 4, 1)), "A\r> 0*", "]d1", alone},
		"EDIFACT":                {[]byte{latchEDI, 1 << 2, 2<<4 | 3>>2, 3<<6&255 | 50, a}, "ABC2A", "]d1", alone},
		"EDIFACT, unlatched":     {[]byte{latchEDI, 1<<2 | 31>>4, 31 << 4 & 255, b, b, b}, "ABBB", "]d1", alone},
		"bytes":                  {codes([]byte{latchBytes}, disguised(1, 2, 'K', 0xf6), []byte{a}), "KöA", "]d1", alone},
		"bytes to the end":       {codes([]byte{latchBytes}, disguised(1, 0, 0xc3, 0xb6)), "ö", "]d1", alone},
		"many bytes":             {codes([]byte{latchBytes}, disguised(1, long...)), strings.Repeat("B", 250), "]d1", alone},
		"an ECI":                 {codes([]byte{eci, 23, latchBytes}, disguised(3, 1, 0xd1)), "С", "]d4", alone},
		"a long ECI":             {[]byte{eci, 128, 1, a}, "A", "]d4", alone},
		"FNC1 first":             {[]byte{fnc1, 131, fnc1, a}, "01\x1dA", "]d2", alone},
		"FNC1 first, in C40":     {codes([]byte{latchC40}, three(1, 27, 14)), "A", "]d2", alone},
		"FNC1 second":            {[]byte{a, fnc1, b}, "AB", "]d3", alone},
		"FNC1 second, an ECI":    {[]byte{a, fnc1, eci, 4, b}, "AB", "]d6", alone},
		"a part":                 {[]byte{part, 1<<4 | 14, 5, 6, a}, "A", "]d1", symbol.Part{Index: 1, Total: 3, Parity: 3}},
		"a part that is GS1":     {[]byte{part, 15, 5, 5, fnc1, a}, "A", "]d2", symbol.Part{Total: 2}},
		"macro 05":               {[]byte{macro05, a}, "[)>\x1e05\x1dA\x1e\x04", "]d1", alone},
		"macro behind a latch":   {[]byte{latchText, unlatch, macro06, a}, "[)>\x1e06\x1dA\x1e\x04", "]d1", alone},
		"macro 06":               {[]byte{macro06, a}, "[)>\x1e06\x1dA\x1e\x04", "]d1", alone},
		"one to program readers": {[]byte{programming, a}, "A", "]d1", alone},
	} {
		got, err := parse(c.words)
		if assert.NoError(t, err, name) {
			assert.Equal(t, c.text, got.text.Decode(0), "%s: the text", name)
			assert.Equal(t, c.aim, "]d"+string(rune(got.modifier())), "%s: the identifier", name)
			assert.Equal(t, c.part, got.part, "%s: the part", name)
		}
	}
}

func TestCodewordsThatMakeNoSense(t *testing.T) {
	t.Parallel()
	for name, words := range map[string][]byte{
		"zero":                       {0},
		"no such codeword":           {242},
		"an unlatch in ASCII":        {unlatch},
		"a shift at the end":         {'A' + 1, upperShift},
		"values beyond 40":           {latchC40, 255, 255},
		"shift 2, no such value":     append([]byte{latchC40}, three(1, 29, 3)...),
		"bytes that are missing":     append([]byte{latchBytes}, disguised(1, 5, 'A')...),
		"an ECI that is cut":         {eci, 130},
		"an ECI of zero":             {eci, 0},
		"a part beyond the last":     {part, 3<<4 | 15, 1, 1, 'A' + 1},
		"a part of seventeen":        {part, 0, 1, 1, 'A' + 1},
		"a part behind a character":  {'A' + 1, part, 15, 1, 1},
		"a macro behind a character": {'A' + 1, macro05},
	} {
		_, err := parse(words)
		assert.Error(t, err, name)
	}
}
