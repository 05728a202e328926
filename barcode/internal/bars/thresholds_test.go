package bars

import (
	"slices"
	"testing"

	"github.com/offlane/offlane/barcode/internal/symbol"
	"github.com/stretchr/testify/require"
)

// scaled makes elements so many times wider.
func (l line) scaled(from, to int, by float32) line {
	out := slices.Clone(l)
	for i := from; i < to; i++ {
		out[i] *= by
	}
	return out
}

// What an element, or a character, may be of in size: as wide as it still is one, and as it is none.
func TestSizesHaveBounds(t *testing.T) {
	for name, c := range map[string]struct {
		format         symbol.Format
		allowed, amiss func(l line) line
	}{
		"the third character of Code 128": {symbol.Code128,
			func(l line) line { return l.scaled(13, 19, 1.2) }, func(l line) line { return l.scaled(13, 19, 1.45) }},
		"the third character of Code 93": {symbol.Code93,
			func(l line) line { return l.scaled(13, 19, 1.2) }, func(l line) line { return l.scaled(13, 19, 1.45) }},
		"the last bar of Code 128": {symbol.Code128,
			func(l line) line { return l.with(-2, 2.9) }, func(l line) line { return l.with(-2, 4) }},
		"the last bar of Code 93": {symbol.Code93,
			func(l line) line { return l.with(-2, 2) }, func(l line) line { return l.with(-2, 3) }},
		"a gap of Code 39": {symbol.Code39,
			func(l line) line { return l.with(20, 3.5) }, func(l line) line { return l.with(20, 5.5) }},
		"a gap of Codabar": {symbol.Codabar,
			func(l line) line { return l.with(16, 3.5) }, func(l line) line { return l.with(16, 6.5) }},
	} {
		s, l := samples[c.format], symbolOf(t, c.format, 20)
		require.Equal(t, s.text, c.allowed(l).reads(t, s.decode), "%s, a little wider", name)
		require.Empty(t, c.amiss(l).reads(t, s.decode), "%s, much wider", name)
	}
}

func TestAGuardIsOfOneModule(t *testing.T) {
	for name, c := range map[string]struct {
		w  []float32
		ok bool
	}{
		"a little longer":    {[]float32{1.2, 1.2, 1.2}, true},
		"much longer":        {[]float32{1.5, 1.5, 1.5}, false},
		"a little uneven":    {[]float32{1.4, 1, 0.6}, true},
		"uneven":             {[]float32{1.7, 1, 0.3}, false},
		"spread, but even":   {[]float32{1.6, 0.4, 1.6}, true},
		"spread by a module": {[]float32{1.9, 0.1, 1.9}, false},
	} {
		_, ok := guard(c.w, 1, true)
		require.Equal(t, c.ok, ok, "%s: %v", name, c.w)
	}
}

func TestADigitIsNearItsPatternAndNoOther(t *testing.T) {
	for name, c := range map[string]struct {
		w    line
		want int
	}{
		"0":                            {line{3, 2, 1, 1}, 0},
		"0, a little larger":           {line{3, 2, 1, 1}.scaled(0, 4, 1.15), 0},
		"0, much larger":               {line{3, 2, 1, 1}.scaled(0, 4, 1.35), -1},
		"0, an edge off by 0.6":        {line{3.6, 1.4, 1, 1}, 0},
		"0, an edge off by 0.8":        {line{3.8, 1.2, 1, 1}, -1},
		"0, and nearly 9":              {line{3, 1.55, 1, 1.45}, 0},
		"between 0 and 9, nearer to 0": {line{3, 1.525, 1, 1.475}, -1},
	} {
		e := ean{s: &widths{w: c.w}, module: 1}
		require.Equal(t, c.want, e.digit(0, 1), name)
	}
}

// addOnOf is an add-on of two digits behind a gap, with its quiet zone.
func addOnOf(gap float32, digits ...int) line {
	l := line{gap, 1, 1, 2}
	sets := addOn2[(10*digits[0]+digits[1])%4]
	for k, d := range digits {
		if k > 0 {
			l = append(l, 1, 1)
		}
		for i := range 4 {
			l = append(l, eanElement(d+sets>>(1-k)&1*10, i))
		}
	}
	return append(l, 10, 1, 1)
}

func TestAnAddOnIsOfItsSymbolsSize(t *testing.T) {
	for name, c := range map[string]struct {
		l    line
		want string
	}{
		"as printed":                   {addOnOf(9, 3, 4), "34"},
		"near":                         {addOnOf(6, 3, 4), "34"},
		"too near":                     {addOnOf(4, 3, 4), ""},
		"far":                          {addOnOf(13, 3, 4), "34"},
		"too far":                      {addOnOf(16, 3, 4), ""},
		"a little larger":              {addOnOf(9, 3, 4).scaled(1, 14, 1.1), "34"},
		"much larger":                  {addOnOf(9, 3, 4).scaled(1, 14, 1.2), ""},
		"its start a little larger":    {addOnOf(9, 3, 4).with(1, 1.6), "34"},
		"its start much larger":        {addOnOf(9, 3, 4).with(1, 2.4), ""},
		"its digits a little apart":    {addOnOf(9, 3, 4).with(8, 1.9), "34"},
		"its digits much farther away": {addOnOf(9, 3, 4).with(8, 2.8), ""},
	} {
		require.Equal(t, c.want, readAddOn(c.l.widths(), 0, 1), name)
	}
}
