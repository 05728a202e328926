package bars

import (
	"slices"
	"testing"

	"github.com/offlane/offlane/barcode/internal/symbol"
	"github.com/stretchr/testify/require"
)

// short are the symbols whose few digits others fit nearly as well.
var short = []symbol.Format{symbol.EAN8, symbol.UPCE}

// Within a UPC-A that says 219533504965 are the digits of an EAN-8: a torn end made a guard before them, and the first
// three elements of a 6 are one behind them.
func TestAShortSymbolWithinALongerOneIsNone(t *testing.T) {
	l := line{12, 1, 1, 1}
	digits := func(text string) {
		for _, c := range text {
			l = append(l, eanDigits[c-'0'][:]...)
		}
	}
	digits("9533")
	l = append(l, 1, 1, 1, 1, 1)
	digits("5049")
	require.Equal(t, "95335049", append(slices.Clone(l), 1, 1, 1, 12).reads(t, readEAN8), "an EAN-8 alone")
	digits("65")
	require.Empty(t, append(l, 1, 1, 1, 12).reads(t, readEAN8), "the digits of an EAN-8 in a UPC-A")
}

// Bars in a quiet zone are of a longer symbol, on either side.
func TestNothingBeginsInTheQuietZoneOfAShortSymbol(t *testing.T) {
	bars := line{1, 2, 1, 1, 2, 1, 1}
	for _, f := range short {
		s, l := samples[f], symbolOf(t, f, 12)
		for zone, want := range map[float32]string{5.8: "", 6.2: s.text} {
			behind := slices.Concat(l[:len(l)-1], line{zone}, bars, line{12})
			require.Equal(t, want, behind.reads(t, s.decode), "%v, bars %v modules behind it", f, zone)
			before := slices.Concat(line{12}, bars, line{zone}, l[1:])
			got, _ := s.decode(before.widths(), len(bars)+2)
			require.Equal(t, want, got.text, "%v, bars %v modules before it", f, zone)
		}
		few := slices.Concat(l[:len(l)-1], line{5}, bars[:3], line{12})
		require.Equal(t, s.text, few.reads(t, s.decode), "%v, a stroke or two behind it", f)
	}
}

// A number whose check digit is right differs from another one in two digits at least.
func TestTwoDigitsOfAShortSymbolAreNoOthers(t *testing.T) {
	f := eanFits{n: 8}
	for k := range 8 {
		f.better[k] = 1.5
	}
	f.better[6] = 0.2
	require.True(t, f.clear(), "one digit that is nearly another")
	f.better[2] = 0.72
	require.True(t, f.clear(), "two digits that are others by 0.92")
	f.better[2] = 0.68
	require.False(t, f.clear(), "two digits that are others by 0.88")
}

// Where bars grow wider from one guard to the other, those of a digit are as wide as its place asks for. These are of
// UPC-E that said 00775818 and was read as 00775878.
func TestTheBarsOfADigitFollowTheGuards(t *testing.T) {
	read := eanFits{n: 6, slope: -0.5, spreads: [12]float32{0.20, -0.09, -0.15, -0.01, -0.22, 0.35}}
	for k, c := range "077587" {
		read.swaps[k], read.better[k] = slices.Contains([]rune("1278"), c), 1
	}
	require.True(t, read.alike(), "as the digits alone tell")
	require.False(t, read.clear(), "as the guards tell as well")
	even := eanFits{n: 6, spreads: [12]float32{0, 0, 0, 0, 0, 0.38}, better: read.better, swaps: read.swaps}
	require.True(t, even.clear(), "bars of a digit that are 0.38 wider, between guards that are alike")
	even.slope = -0.06
	require.False(t, even.clear(), "bars of a digit that are 0.38 wider, where they should be narrower")
	even.slope = 0.5
	require.True(t, even.clear(), "bars of a digit that are wider, as the guard beside it is")
}
