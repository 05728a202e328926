package bars

import (
	"slices"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/oned"
	"github.com/offlane/offlane/barcode/internal/symbol"
	"github.com/stretchr/testify/require"
)

// A line is the widths of a line in modules: light, dark, and so on; the first and the last are light.
type line []float32

// elements are the widths of a symbol that gozxing's writer draws, with quiet zones of so many modules.
func elements(t *testing.T, w gozxing.Writer, as gozxing.BarcodeFormat, text string, quiet float32) line {
	t.Helper()
	bits, err := w.EncodeWithoutHint(text, as, 0, 1)
	require.NoError(t, err)
	out, dark := line{0}, false
	for x := range bits.GetWidth() {
		if bits.Get(x, 0) != dark {
			dark = !dark
			out = append(out, 0)
		}
		out[len(out)-1]++
	}
	if dark {
		out = append(out, 0)
	}
	out[0], out[len(out)-1] = quiet, quiet
	return out
}

// widths makes them what a line of a picture is.
func (l line) widths() *widths {
	s := &widths{at: []float32{0}}
	for _, w := range l {
		s.end(s.at[len(s.at)-1] + w)
	}
	return s
}

// with returns the line with one element of another width; a negative index counts from the end.
func (l line) with(i int, width float32) line {
	if i < 0 {
		i += len(l)
	}
	out := slices.Clone(l)
	out[i] = width
	return out
}

// spread makes bars so many modules wider and spaces narrower, as ink that runs does.
func (l line) spread(by float32) line {
	out := slices.Clone(l)
	for i := range out {
		if i%2 == 1 {
			out[i] += by
		} else {
			out[i] -= by
		}
	}
	return out
}

// reads is what the decoder of a format says of a line, and of the same line backwards.
func (l line) reads(t *testing.T, decode decoder) string {
	t.Helper()
	there, ok := decode(l.widths(), 1)
	var turned widths
	turned.reverse(l.widths())
	back, okBack := decode(&turned, 1)
	require.False(t, ok && okBack && there.text != back.text, "%q there, %q back", there.text, back.text)
	if !ok {
		return back.text
	}
	return there.text
}

// samples are a symbol of each symbology.
var samples = map[symbol.Format]struct {
	writer gozxing.Writer
	as     gozxing.BarcodeFormat
	text   string
	decode decoder
}{
	symbol.Code128: {oned.NewCode128Writer(), gozxing.BarcodeFormat_CODE_128, "Offer 1234567", readCode128},
	symbol.Code39:  {oned.NewCode39Writer(), gozxing.BarcodeFormat_CODE_39, "OFFER-42", readCode39},
	symbol.Code93:  {oned.NewCode93Writer(), gozxing.BarcodeFormat_CODE_93, "OFFER 42", readCode93},
	symbol.Codabar: {oned.NewCodaBarWriter(), gozxing.BarcodeFormat_CODABAR, "12345-67", readCodabar},
	symbol.ITF:     {oned.NewITFWriter(), gozxing.BarcodeFormat_ITF, "1234567890", readITF},
	symbol.EAN13:   {oned.NewEAN13Writer(), gozxing.BarcodeFormat_EAN_13, "4006381333931", readEAN13},
	symbol.UPCA:    {oned.NewUPCAWriter(), gozxing.BarcodeFormat_UPC_A, "036000291452", readEAN13},
	symbol.EAN8:    {oned.NewEAN8Writer(), gozxing.BarcodeFormat_EAN_8, "96385074", readEAN8},
	symbol.UPCE:    {oned.NewUPCEWriter(), gozxing.BarcodeFormat_UPC_E, "01234565", readUPCE},
}

func symbolOf(t *testing.T, f symbol.Format, quiet float32) line {
	s := samples[f]
	return elements(t, s.writer, s.as, s.text, quiet)
}

func TestEverySymbologyReadsItsWidths(t *testing.T) {
	for f, s := range samples {
		l := symbolOf(t, f, 12)
		require.Equal(t, s.text, l.reads(t, s.decode), "%v as printed", f)
		for _, by := range []float32{-0.3, 0.3} {
			require.Equal(t, s.text, l.spread(by).reads(t, s.decode), "%v, bars %v modules wider", f, by)
		}
		for other, o := range samples {
			if got := l.reads(t, o.decode); got != s.text { // UPC-A is read by the decoder of EAN-13
				require.Empty(t, got, "%v as %v", f, other)
			}
		}
	}
}

// An element as wide as its neighbour should be changes a character or makes it none: of the symbologies with a check
// character nothing is read, of the others nothing but by chance another character.
func TestASpoiltElementIsNoticed(t *testing.T) {
	for f, s := range samples {
		l := symbolOf(t, f, 12)
		for i := 1; i < len(l)-1; i++ {
			width := l[i] + 1
			if l[i] > 1 {
				width = l[i] - 1
			}
			require.Contains(t, []string{"", s.text}, l.with(i, width).reads(t, s.decode), "%v, element %d", f, i)
		}
	}
}

// A symbol without one of its elements, or cut short anywhere, is none.
func TestAMissingElementIsNoticed(t *testing.T) {
	for f, s := range samples {
		l := symbolOf(t, f, 12)
		for i := 1; i < len(l)-2; i++ {
			missing := slices.Concat(l[:i-1], line{l[i-1] + l[i] + l[i+1]}, l[i+2:])
			if i == 1 {
				missing[0] = 12
			}
			require.Empty(t, missing.reads(t, s.decode), "%v without element %d", f, i)
			if i%2 == 1 {
				require.Empty(t, slices.Concat(l[:i+1], line{12}).reads(t, s.decode), "%v up to element %d", f, i)
			}
		}
	}
}

// How much of a quiet zone each symbology needs, in modules: before a dark neighbour, and where the picture ends.
func TestQuietZonesAreAskedFor(t *testing.T) {
	for f, c := range map[symbol.Format]struct{ least, atEdge float32 }{
		symbol.Code128: {5, 0}, symbol.Code39: {9, 0}, symbol.Code93: {5, 0}, symbol.Codabar: {9, 0}, symbol.ITF: {6, 6},
		symbol.EAN13: {4, 0}, symbol.EAN8: {4, 0}, symbol.UPCE: {4, 0},
	} {
		s := samples[f]
		beside := func(zone float32) line {
			l := symbolOf(t, f, zone)
			return slices.Concat(line{0, 20}, l, line{20, 0})
		}
		at := func(l line) string {
			got, _ := s.decode(l.widths(), 3)
			return got.text
		}
		require.Equal(t, s.text, at(beside(c.least+1.5)), "%v, %v modules beside something dark", f, c.least+1.5)
		require.Empty(t, at(beside(c.least-1)), "%v, %v modules beside something dark", f, c.least-1)
		require.Equal(t, s.text, symbolOf(t, f, c.atEdge).reads(t, s.decode), "%v, %v modules to the edge", f, c.atEdge)
		if c.atEdge > 0 {
			require.Empty(t, symbolOf(t, f, c.atEdge-0.5).reads(t, s.decode), "%v, %v modules to the edge", f, c.atEdge-0.5)
		}
	}
}

// Where the picture cuts the quiet zones off, narrow elements are alike and so are wide ones. Those of another
// symbology are not.
func TestUnevenElementsNeedQuietZones(t *testing.T) {
	for f, elements := range map[symbol.Format]int{symbol.Codabar: 7, symbol.Code39: 9} {
		s := samples[f]
		uneven := func(quiet, narrow float32) line { // one element of each character
			l := symbolOf(t, f, quiet)
			for from := elements + 2; from < len(l)-2*elements; from += elements + 1 {
				for i := from; i < from+elements; i++ {
					if l[i] == 1 {
						l = l.with(i, narrow)
						break
					}
				}
			}
			return l
		}
		require.Equal(t, s.text, uneven(15, 0.4).reads(t, s.decode), "%v with quiet zones", f)
		require.Equal(t, s.text, uneven(2, 0.6).reads(t, s.decode), "%v, a little uneven", f)
		require.Empty(t, uneven(2, 0.4).reads(t, s.decode), "%v, uneven", f)
	}
}
