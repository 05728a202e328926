package bars

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/oned"
	"github.com/offlane/offlane/barcode/internal/symbol"
	"github.com/stretchr/testify/assert"
)

// A turn is a quantity that a symbol is drawn with, and where a reader turns: with the one value it is read, with the
// other, a few hundredths away, it is not.
type turn struct {
	name      string
	read, not float32
	reads     func(x float32) bool
}

func holdTurns(t *testing.T, turns []turn) {
	t.Helper()
	for _, c := range turns {
		assert.True(t, c.reads(c.read), "%s: %v", c.name, c.read)
		assert.False(t, c.reads(c.not), "%s: %v", c.name, c.not)
	}
}

func TestWhereAStartIsTold(t *testing.T) {
	c128, c93, c39, coda := symbolOf(t, symbol.Code128, 14), symbolOf(t, symbol.Code93, 14),
		symbolOf(t, symbol.Code39, 14), symbolOf(t, symbol.Codabar, 14)
	size39, sizeCoda := total(c39[1:10]), total(coda[1:8])
	holdTurns(t, []turn{
		{"light before a Code 128, in characters", 0.42, 0.38, func(x float32) bool {
			return startsCode128(ofWidths(c128.with(0, 11*x)), 3)
		}},
		{"light before a Code 93, in characters", 0.42, 0.38, func(x float32) bool {
			return startsCode93(ofWidths(c93.with(0, 9*x)), 3)
		}},
		{"light before a Code 39, in characters", 0.42, 0.38, func(x float32) bool {
			return starts39(ofWidths(c39.with(0, size39*x)), 3)
		}},
		{"light before a Codabar, in characters", 0.36, 0.34, func(x float32) bool {
			return startsCodabar(ofWidths(coda.with(0, sizeCoda*x)), 3)
		}},
		{"an edge of a Code 128's start that is off", 0.88, 0.92, func(x float32) bool {
			return startsCode128(ofWidths(c128.moved(3, -x)), 3)
		}},
		{"an edge of a Code 93's start that is off", 0.88, 0.92, func(x float32) bool {
			return startsCode93(ofWidths(c93.moved(4, -x)), 3)
		}},
		{"the second character of a Code 128, larger", 1.31, 1.36, func(x float32) bool {
			return startsCode128(ofWidths(c128.scaled(7, 13, x)), 3)
		}},
		{"the second character of a Code 93, larger", 1.31, 1.36, func(x float32) bool {
			return startsCode93(ofWidths(c93.scaled(7, 13, x)), 3)
		}},
		{"the second character of a Code 39, larger", 1.31, 1.36, func(x float32) bool {
			return starts39(ofWidths(c39.scaled(11, 20, x)), 3)
		}},
		{"the second character of a Codabar, larger", 1.82, 1.89, func(x float32) bool {
			return startsCodabar(ofWidths(coda.scaled(9, 16, x)), 3)
		}},
		{"the wide bar of a Codabar's start", 1.27, 1.23, func(x float32) bool {
			return startsCodabar(ofWidths(start(coda, x, 2, 2)), 3)
		}},
		{"a wide space of a Codabar's start", 1.22, 1.18, func(x float32) bool {
			return startsCodabar(ofWidths(start(coda, 2, x, x)), 3)
		}},
		{"the longest space of a Codabar's start", 2.9, 3.1, func(x float32) bool {
			return startsCodabar(ofWidths(start(coda, 2, 1.5, x)), 3)
		}},
	})
}

// reading says whether a symbol is read that is changed by a quantity.
func (l line) reading(t *testing.T, f symbol.Format, change func(l line, x float32) line) func(x float32) bool {
	s := samples[f]
	return func(x float32) bool { return change(l, x).reads(t, s.decode) == s.text }
}

func TestWhereSizesTurn(t *testing.T) {
	of := func(f symbol.Format, change func(l line, x float32) line) func(x float32) bool {
		return symbolOf(t, f, 14).reading(t, f, change)
	}
	zones := func(l line, x float32) line { return l.with(0, x).with(-1, x) }
	beside := func(f symbol.Format) func(x float32) bool {
		return func(x float32) bool {
			_, ok := samples[f].decode(ofWidths(zones(symbolOf(t, f, 14), x)), 3)
			return ok
		}
	}
	holdTurns(t, []turn{
		{"the last bar of a Code 128", 3.25, 3.42, of(symbol.Code128, func(l line, x float32) line { return l.with(-2, x) })},
		{"the last bar of a Code 93", 2.4, 2.6, of(symbol.Code93, func(l line, x float32) line { return l.with(-2, x) })},
		{"the quiet zones of a Code 128", 5.1, 4.9, beside(symbol.Code128)},
		{"the quiet zones of a Code 93", 5.1, 4.9, beside(symbol.Code93)},
		{"the quiet zones of a Code 39", 9.2, 8.8, beside(symbol.Code39)},
		{"the quiet zones of a Codabar", 9.2, 8.8, beside(symbol.Codabar)},
		{"the quiet zones of an ITF", 6.1, 5.9, beside(symbol.ITF)},
		{"a gap of a Codabar, in modules", 4.95, 5.05, of(symbol.Codabar, func(l line, x float32) line {
			return l.with(16, x*total(l[1:8])/10)
		})},
		{"a gap of a Code 39, in characters", 0.32, 0.34, of(symbol.Code39, func(l line, x float32) line {
			return l.with(20, x*total(l[11:20]))
		})},
		{"the start of a Codabar, larger", 1.23, 1.27, of(symbol.Codabar, func(l line, x float32) line {
			return l.scaled(1, 8, x)
		})},
		{"a pair of an ITF, smaller", 0.62, 0.6, of(symbol.ITF, func(l line, x float32) line { return l.scaled(15, 25, x) })},
		{"a character of a Codabar, larger", 1.09, 1.11, of(symbol.Codabar, func(l line, x float32) line {
			return l.scaled(25, 32, x)
		})},
		{"the first character of a Codabar, larger", 1.09, 1.11, of(symbol.Codabar, func(l line, x float32) line {
			return l.scaled(9, 16, x)
		})},
		{"the last character of a Codabar, smaller", 0.92, 0.9, of(symbol.Codabar, func(l line, x float32) line {
			return l.scaled(len(l)-16, len(l)-9, x)
		})},
		{"an edge in a Codabar that is off, in modules", 0.42, 0.46, of(symbol.Codabar,
			func(l line, x float32) line { return l.moved(26, x) })},
		{"an edge in a Code 39 that is off, in modules", 0.25, 0.3, of(symbol.Code39,
			func(l line, x float32) line { return l.moved(32, x) })},
		{"a pair of an ITF, larger", 1.15, 1.18, of(symbol.ITF, func(l line, x float32) line { return l.scaled(15, 25, x) })},
		{"a bar of the start of an ITF", 1.19, 1.21, of(symbol.ITF, func(l line, x float32) line { return l.with(1, x) })},
		{"the wide bar of an ITF's stop", 2.52, 2.48, of(symbol.ITF, func(l line, x float32) line { return l.with(-4, x) })},
	})
}

// Of the bars of an ITF whose digits are uneven the start and the stop may be so as well.
func TestWhereAnUnevenITFTurns(t *testing.T) {
	uneven := func(wide, narrow float32) line {
		l := symbolOf(t, symbol.ITF, 20)
		for i := 5; i < len(l)-1; i += 2 {
			if l[i] > 1 {
				l[i] = wide
			}
		}
		for from := 5; from+10 < len(l); from += 10 { // one bar of each digit of bars
			for i := from; i < from+10; i += 2 {
				if l[i] == 1 {
					l = l.with(i, narrow)
					break
				}
			}
		}
		return l
	}
	holdTurns(t, []turn{
		{"the first bar", 2.9, 3.08, uneven(3.5, 2.6).reading(t, symbol.ITF, func(l line, x float32) line {
			return l.with(1, x)
		})},
		{"the last bar, as a share of the wide one before it", 1 / 1.43, 1 / 1.37,
			uneven(2.1, 1.5).reading(t, symbol.ITF, func(l line, x float32) line { return l.with(-2, 2.1*x) })},
	})
}

func TestWhereAGuardAndADigitTurn(t *testing.T) {
	guards := func(w ...float32) bool {
		_, ok := guard(w, 1, true)
		return ok
	}
	digit := func(w ...float32) bool {
		e := ean{s: &widths{w: w}, module: 1}
		return e.digit(0, 1) == 0
	}
	holdTurns(t, []turn{
		{"the elements of a guard", 1.41, 1.45, func(x float32) bool { return guards(x, x, x) }},
		{"the elements of a guard, smaller", 0.72, 0.68, func(x float32) bool { return guards(x, x, x) }},
		{"an edge of a guard that is off", 0.53, 0.57, func(x float32) bool { return guards(1+x, 1, 1-x) }},
		{"bars of a guard that are wider", 0.78, 0.82, func(x float32) bool { return guards(1+x, 1-x, 1+x) }},
		{"spaces of a guard that are wider", 0.78, 0.82, func(x float32) bool { return guards(1-x, 1+x, 1-x) }},
		{"a digit, larger", 1.23, 1.27, func(x float32) bool { return digit(3*x, 2*x, x, x) }},
		{"a digit, smaller", 0.81, 0.79, func(x float32) bool { return digit(3*x, 2*x, x, x) }},
		{"an edge of a digit that is off", 0.73, 0.755, func(x float32) bool { return digit(3+x, 2-x, 1, 1) }},
		{"an element between 0 and 9", 1.54, 1.535, func(x float32) bool { return digit(3, x, 1, 3-x) }},
	})
}

func TestWhereDigitsOfOnePrintTurn(t *testing.T) {
	fits := func(cost, spread, own float32) *eanFits {
		f := &eanFits{n: 8}
		for k := range f.n {
			f.costs[k], f.spreads[k] = 0.05, own
		}
		f.costs[3], f.spreads[5], f.swaps[5] = cost, spread, true
		return f
	}
	holdTurns(t, []turn{
		{"how far off one digit is", 0.48, 0.52, func(x float32) bool { return fits(x, 0, 0).alike() }},
		{"how much wider the bars of a digit are", 0.48, 0.52, func(x float32) bool { return fits(0, x, 0.1).alike() }},
		{"how much narrower they are", -0.28, -0.32, func(x float32) bool { return fits(0, x, 0.1).alike() }},
	})
}

func TestWhereAnAddOnTurns(t *testing.T) {
	of := func(change func(l line, x float32) line) func(x float32) bool {
		return func(x float32) bool { return readAddOn(change(addOnOf(9, 3, 4), x).widths(), 0, 1) == "34" }
	}
	holdTurns(t, []turn{
		{"its size", 1.13, 1.145, of(func(l line, x float32) line { return l.scaled(1, 14, x) })},
		{"two elements of its start", 1.61, 1.66, of(func(l line, x float32) line { return l.with(1, x).with(2, x) })},
		{"what stands between its digits", 2.52, 2.68, of(func(l line, x float32) line { return l.with(8, x) })},
		{"how near it stands", 5.1, 4.9, of(func(l line, x float32) line { return l.with(0, x) })},
		{"how far it stands", 13.9, 14.1, of(func(l line, x float32) line { return l.with(0, x) })},
	})
}

func TestWhereWideAndNarrowTurn(t *testing.T) {
	apart := func(narrow, wide float32) bool {
		c := contrast{}
		c.add([]float32{narrow, wide}, 1, 0, 0)
		return c.clear()
	}
	char := func(want byte) func(x float32) bool { // between $ and A
		return func(x float32) bool { return charCodabar([]float32{1, 1, 2, 2, 1, x, 1}) == want }
	}
	l := symbolOf(t, symbol.Code39, 2)
	inEach := func(l line, x float32) line {
		for from := 1; from+9 < len(l); from += 10 {
			l = l.with(from+slices.Index(l[from:from+9], 1), x)
		}
		return l
	}
	holdTurns(t, []turn{
		{"wide elements of a character", 1.32, 1.28, func(x float32) bool {
			return wideOnes([]float32{1, x, 1, x, 1}, 2) == 0b01010
		}},
		{"a narrow element of a character", 2.95, 3.05, func(x float32) bool {
			return wideOnes([]float32{1, 9, 1, 9, x}, 2) == 0b01010
		}},
		{"a wide element of a symbol", 1.16, 1.14, func(x float32) bool { return apart(1, x) }},
		{"a narrow element of each character where the picture ends", 0.47, 0.44, l.reading(t, symbol.Code39, inEach)},
		{"wide elements of a Codabar whose bars are others than its spaces", 1.32, 1.28, func(x float32) bool {
			return charCodabar([]float32{1, 2, 1, 2, 1, 2 * x, x}) == '0'
		}},
		{"a space of a Codabar that is nearly wide", 1.54, 1.49, char('A')},
		{"a space of a Codabar that is nearly narrow", 1.3, 1.34, char('$')},
	})
}

// How long a symbol may be, and how short.
func TestHowManyCharactersAreRead(t *testing.T) {
	digits := func(n int) string { return strings.Repeat("1234567890", 11)[:n] }
	ofCodabar := func(n int) string {
		return elements(t, oned.NewCodaBarWriter(), gozxing.BarcodeFormat_CODABAR, digits(n), 14).reads(t, readCodabar)
	}
	of128 := func(n int) string { // in set B, with a check character
		values := append([]byte{startA + 1}, bytes.Repeat([]byte{'7' - ' '}, n)...)
		sum := int(values[0])
		for k, v := range values[1:] {
			sum += (k + 1) * int(v)
		}
		l := append(code128.line(append(values, byte(sum%103), stop)), 2, 14)
		return strings.ReplaceAll(l.reads(t, readCode128), "7", "x")
	}
	of39 := func(n int) string {
		l := line{14}
		for _, c := range "*" + digits(n) + "*" {
			for k := range 9 {
				l = append(l, float32(1+bits39(byte(c))>>(8-k)&1))
			}
			l = append(l, 1)
		}
		return l.with(-1, 14).reads(t, readCode39)
	}
	ofITF := func(n int) string {
		l := elements(t, oned.NewITFWriter(), gozxing.BarcodeFormat_ITF, digits(min(n, 80)), 14)
		for range (n - 80) / 2 {
			l = slices.Concat(l[:5], l[5:15], l[5:])
		}
		return l.reads(t, readITF)
	}
	of93 := func(n int) string { // with two check characters
		values := append([]byte{47}, bytes.Repeat([]byte{7}, n)...)
		values = append(values, byte(sum93(values[1:], 20)))
		values = append(values, byte(sum93(values[1:], 15)), 47)
		return strings.ReplaceAll(append(code93.line(values), 1, 14).reads(t, readCode93), "7", "x")
	}
	for name, c := range map[string]struct {
		reads     func(n int) string
		read, not int
	}{
		"Code 128, the most":     {of128, 98, 99},
		"Code 128, the least":    {of128, 1, 0},
		"Code 93, the most":      {of93, 98, 99},
		"Code 93, the least":     {of93, 1, 0},
		"Code 39, the most":      {of39, 99, 100},
		"Code 39, the least":     {of39, 2, 1},
		"Codabar, the most":      {ofCodabar, 59, 60},
		"Codabar, the least":     {ofCodabar, 4, 3},
		"ITF, the most":          {ofITF, 80, 82},
		"ITF, the least, a pair": {ofITF, 6, 4},
	} {
		assert.Len(t, c.reads(c.read), c.read, "%s: %d characters", name, c.read)
		if c.not > 0 {
			assert.Empty(t, c.reads(c.not), "%s: %d characters", name, c.not)
		}
	}
}
