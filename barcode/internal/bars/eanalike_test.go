package bars

import (
	"testing"

	"github.com/offlane/offlane/barcode/internal/symbol"
	"github.com/stretchr/testify/require"
)

// widthsOf are lines of pictures, in modules, from the first bar to the last.
var widthsOf = map[string]line{
	// A UPC-A at 1.5 pixels a module that says 125774658351: its fifth digit is between 7 and 1.
	"125774658351": {
		1.12, 0.90, 1.24, 1.94, 1.89, 1.88, 1.17, 1.91, 1.05, 2.05, 1.83, 1.19, 1.84, 2.80, 1.28, 1.02, 2.90, 0.90, 1.97,
		1.35, 2.60, 1.38, 1.73, 0.98, 1.23, 2.85, 1.78, 1.39, 0.67, 1.20, 0.81, 1.32, 0.74, 1.29, 0.77, 3.86, 1.36, 1.77,
		2.89, 1.11, 1.02, 1.82, 1.39, 2.72, 1.06, 3.81, 1.16, 0.81, 1.28, 1.89, 2.78, 1.33, 1.93, 1.89, 1.97, 0.87, 1.29,
		0.67, 1.35},
	// An EAN-8 at 1.8 pixels a module that says 48789509: its second digit to its fourth are between two others.
	"48789509": {
		1.30, 0.75, 1.08, 1.09, 1.24, 2.68, 1.79, 1.40, 1.57, 1.54, 2.48, 1.37, 2.64, 1.27, 1.58, 1.51, 1.57, 1.36, 2.65,
		0.96, 1.07, 1.10, 1.10, 1.04, 2.64, 1.07, 1.28, 1.57, 1.53, 1.62, 2.89, 1.25, 2.87, 1.78, 1.05, 1.39, 2.51, 1.29,
		1.05, 1.58, 1.39, 0.73, 1.39},
	// An EAN-8 that says 52001567, whose fifth and sixth digits a fabric covers.
	"52001567": {
		0.82, 1.08, 1.07, 1.04, 1.95, 2.95, 1.08, 1.90, 1.09, 1.88, 2.16, 2.97, 1.88, 1.09, 1.03, 3.01, 1.90, 1.09, 0.79,
		1.10, 1.08, 1.03, 0.85, 0.97, 0.54, 2.51, 2.24, 1.28, 1.41, 4.81, 1.13, 1.03, 0.56, 0.55, 1.07, 4.06, 0.80, 2.97,
		1.09, 2.11, 0.86, 1.07, 1.08},
}

// All of these were read with other digits that make a number too.
func TestDigitsOfOnePrintAreAlike(t *testing.T) {
	for text, w := range widthsOf {
		decode := readEAN8
		if len(text) > 8 {
			decode = readEAN13
		}
		l := append(append(line{12}, w...), 12)
		require.Contains(t, []string{"", text}, l.reads(t, decode), "a line of a picture that says %s", text)
	}
}

// Where all digits fit badly the four nearest to others are still clearly none of these.
func TestDigitsThatFitBadlyAreClearlyNoOthers(t *testing.T) {
	for off, want := range map[float32]bool{0.33: true, 0.38: false} {
		f := eanFits{n: 12}
		for k := range f.better {
			f.better[k], f.costs[k] = 1, off
		}
		for k, better := range [4]float32{0.26, 0.61, 0.58, 0.65} {
			f.better[3*k] = better
		}
		require.Equal(t, want, f.sharp(1.7), "four digits that fit better by 2.1, twelve that are off by %v", off)
	}
}

// Noise moves the edges of narrow modules by a whole one: what is read there is clearly no other number.
func TestTheDigitsOfNarrowModulesAreClearlyNoOthers(t *testing.T) {
	for _, c := range []struct {
		module float32
		better [4]float32
		want   bool
	}{
		{1.4, [4]float32{0.5, 0.5, 0.6, 0.65}, true},
		{1.4, [4]float32{0.5, 0.5, 0.6, 0.55}, false},
		{1.22, [4]float32{0.18, 0.19, 0.21, 0.49}, false}, // of a number whose check digit was wrong
		{1.55, [4]float32{0.18, 0.19, 0.21, 0.49}, true},
	} {
		f := eanFits{n: 12}
		for k := range f.better {
			f.better[k] = 1
		}
		f.better[11], f.better[3], f.better[0], f.better[7] = c.better[0], c.better[1], c.better[2], c.better[3]
		require.Equal(t, c.want, f.sharp(c.module), "%v pixels a module, digits that fit better by %v", c.module, c.better)
	}
}

// What covers two digits and passes for others fits worse than the digits beside it, and no other digit much worse.
func TestTwoDigitsThatFitBadlyAndNoBetterThanOthersAreNone(t *testing.T) {
	for _, c := range []struct {
		first, second [2]float32 // how far off, and by how much better than the next digit
		want          bool
	}{
		{[2]float32{0.51, 0.18}, [2]float32{0.5, 0.15}, true}, // a fence over an EAN-13
		{[2]float32{0.51, 0.18}, [2]float32{0.06, 0.15}, false},
		{[2]float32{0.51, 0.18}, [2]float32{0.5, 0.55}, false},
		{[2]float32{0.46, 0.45}, [2]float32{0.46, 0.45}, true},
		{[2]float32{0.42, 0.45}, [2]float32{0.46, 0.45}, false},
	} {
		f := eanFits{n: 12}
		for k := range 12 {
			f.costs[k], f.better[k] = 0.06, 1.5
		}
		f.costs[4], f.better[4] = c.first[0], c.first[1]
		f.costs[11], f.better[11] = c.second[0], c.second[1]
		require.Equal(t, c.want, f.isCovered(), "two digits %v and %v", c.first, c.second)
		require.Equal(t, !c.want, f.alike(), "two digits %v and %v", c.first, c.second)
	}
}

// What blur and ink do to bars they do to those of all digits. Where it differs by half a module, 1 and 7 look the
// same, and so do 2 and 8.
func TestTheBarsOfADigitAreSpreadAsThoseOfTheOthers(t *testing.T) {
	for f, digit := range map[symbol.Format]int{symbol.EAN13: 3 + 4*5, symbol.EAN8: 32, symbol.UPCE: 7} {
		for by, want := range map[float32]string{-0.26: samples[f].text, 0.26: samples[f].text, -0.45: "", 0.45: ""} {
			got := symbolOf(t, f, 14).spreadFrom(1+digit, by).reads(t, samples[f].decode)
			require.Equal(t, want, got, "%v, bars of a digit that are %v modules wider", f, by)
		}
	}
	for spread, want := range map[float32]bool{-0.35: false, -0.25: true, 0.45: true, 0.55: false} {
		f := eanFits{n: 8}
		for k := range 8 {
			f.costs[k], f.spreads[k] = 0.3, 0.1
		}
		f.spreads[5], f.swaps[5] = spread, true
		require.Equal(t, want, f.alike(), "a digit with a spread of %v, the others have 0.1", spread)
		f.swaps[5] = false
		require.True(t, f.alike(), "a digit that has no double, with a spread of %v", spread)
	}
}

// Under moiré the bars of one half are wider than those of the other: those of a digit are as wide as its neighbours'.
// These are of an EAN-8 that says 08885333 and was read as 02225333.
func TestTheBarsOfADigitAreSpreadAsThoseOfItsNeighbours(t *testing.T) {
	f := eanFits{n: 8, spreads: [12]float32{-0.22, 0.38, 0.44, 0.40, -0.20, 0.15, 0.27, 0.17}}
	for k := range 8 {
		f.costs[k], f.swaps[k] = 0.5, k > 0 && k < 4
	}
	require.False(t, f.alike(), "three digits between others whose bars are narrower")
	f.spreads[0], f.spreads[4] = -0.05, -0.07 // 0.5 less than the widest
	require.True(t, f.alike(), "three digits between others whose bars are narrower by less than half a module")
	f.spreads[0], f.spreads[4] = -0.07, -0.09
	require.False(t, f.alike(), "three digits between others whose bars are narrower by more than half a module")
	f.spreads[0], f.spreads[4] = 0.2, 0.1
	require.True(t, f.alike(), "three digits between others whose bars are nearly as wide")
	f.swaps[0], f.swaps[4] = true, true
	require.True(t, f.alike(), "digits at an end are as their neighbours on one side")
	for k := range 8 {
		f.swaps[k] = true
	}
	require.False(t, f.alike(), "where no other digit tells, they are as the guards")
}

// spreadFrom makes the bars of four elements wider and their spaces narrower.
func (l line) spreadFrom(i int, by float32) line {
	out := l
	for k := range 4 {
		if (i+k)%2 == 1 {
			out = out.with(i+k, l[i+k]+by)
		} else {
			out = out.with(i+k, l[i+k]-by)
		}
	}
	return out
}

// One digit that is off is none of a print whose other digits are not; where all are, blur has done it.
func TestNoDigitIsFartherOffThanTheOthers(t *testing.T) {
	sharp, blurred, worst := eanFits{n: 8}, eanFits{n: 8}, float32(0.9)
	for k := range 8 {
		sharp.costs[k], blurred.costs[k] = 0.05, 0.2
	}
	sharp.costs[3], blurred.costs[3] = worst, worst
	require.False(t, sharp.alike(), "one that is off by %v", worst)
	require.True(t, blurred.alike(), "one that is off by %v where the others are off, too", worst)
	sharp.costs[3] = 0.45
	require.True(t, sharp.alike(), "one that is off by 0.45")
	sharp.costs[3] = 0.55
	require.False(t, sharp.alike(), "one that is off by 0.55")
}

// What covers a digit and passes for another is longer or shorter than it; bent paper makes the others so as well.
func TestNoDigitIsMuchLongerThanItsNeighbours(t *testing.T) {
	alike := func(longer, bent float32) bool {
		f := eanFits{n: 8}
		for k := range 8 {
			f.sizes[k] = 7 + bent*float32(k%2)
		}
		f.sizes[1] += longer
		return f.alike()
	}
	holdTurns(t, []turn{
		{"how much longer", 0.58, 0.62, func(x float32) bool { return alike(x, 0) }},
		{"how much shorter", 0.58, 0.62, func(x float32) bool { return alike(-x, 0) }},
		{"how much longer where others differ by 0.1", 0.88, 0.92, func(x float32) bool { return alike(x, 0.1) }},
	})
}
