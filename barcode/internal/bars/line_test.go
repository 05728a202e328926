package bars

import (
	"slices"
	"testing"

	"github.com/offlane/offlane/barcode/internal/symbol"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// faint is the luma of a line, three pixels a module, whose light is so much lighter than its dark and whose edges take
// three pixels.
func (l line) faint(span byte) (out []byte) {
	var dark []int
	for i, w := range l {
		dark = append(dark, slices.Repeat([]int{i % 2}, 3*int(w))...)
	}
	for i := range dark {
		near := dark[max(0, i-1):min(len(dark), i+2)]
		sum := 0
		for _, d := range near {
			sum += d
		}
		out = append(out, 100+byte(int(span)*(len(near)-sum)/len(near)))
	}
	return out
}

// A measure of edges asks for a part of the range of the luma, and that for leastSwing.
func TestEveryMeasureReadsFaintBars(t *testing.T) {
	for name, c := range map[string]struct {
		measure   int
		read, not byte
	}{
		"crossing, coarse":    {0, 48, 47},
		"steepest, middling":  {1, 80, 79},
		"crossing, sharpened": {2, 48, 47},
		"crossing, fine":      {3, 96, 95},
	} {
		for span, want := range map[byte]int{c.read: 1, c.not: 0} {
			r := NewReader(symbol.SetOf(symbol.Code128), nil)
			r.line = symbolOf(t, symbol.Code128, 10).faint(span)
			r.readLine(Effort{From: c.measure, Edges: c.measure + 1})
			assert.Len(t, r.votes, want, "%s: bars that are darker by %d", name, span)
		}
	}
}

func TestBlurredBarsAreLookedForInWhatSwings(t *testing.T) {
	for span, want := range map[byte]int{9: 0, 17: 0, 19: 0, 20: 59 + 2, 60: 59 + 2} {
		r := NewReader(symbol.SetOf(symbol.EAN13), nil)
		r.line = symbolOf(t, symbol.EAN13, 10).faint(span)
		r.readLine(Effort{Blurred: true})
		assert.Len(t, r.s.w, want, "elements of a line whose luma has a range of %d", span)
	}
	for swing, want := range map[byte]int{7: 3, 8: 3, 9: 5} {
		r := NewReader(symbol.SetOf(symbol.EAN13), nil)
		r.line = slices.Repeat([]byte{100}, 90)
		for i := range 10 {
			r.line[20+i], r.line[60+i] = 60, 100-swing
		}
		r.readLine(Effort{Blurred: true})
		assert.Len(t, r.s.w, want, "elements of a line with a bar that is darker by %d", swing)
	}
}

// A symbol begins behind light that is longer than its first bar.
func TestASymbolBeginsBehindMoreLightThanItsFirstBarIsLong(t *testing.T) {
	for zone, want := range map[float32]bool{1.1: false, 1.45: false, 1.55: true, 5: true} {
		var begun []int
		r := &Reader{decoders: []decoder{func(_ *widths, i int) (reading, bool) {
			begun = append(begun, i)
			return reading{}, false
		}}}
		r.decode(slices.Concat(line{0}, slices.Repeat(line{1}, 40)).with(10, zone).widths())
		assert.Equal(t, want, slices.Contains(begun, 11), "light that is %v times as long as the bar behind it", zone)
		require.Contains(t, begun, 1, "the beginning of the line")
	}
}

// The last row of a stacked DataBar Expanded has 17 elements.
func TestALineWithFewElementsIsNotRead(t *testing.T) {
	for elements, want := range map[int]bool{15: false, 17: true} {
		l := slices.Concat(slices.Repeat(line{1}, 9), line{1, 1, 2, 8, 3, 1, 1, 1})[:elements]
		slices.Reverse(l) // it is read backwards last
		r := NewReader(symbol.SetOf(symbol.DataBarExpanded), nil)
		r.line = l.luma(3, 200)
		r.readLine(Effort{Edges: 1})
		assert.Equal(t, want, len(r.found) > 0, "the finder of a line of %d elements is found", elements)
	}
}
