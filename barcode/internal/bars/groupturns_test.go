package bars

import (
	"testing"

	"github.com/offlane/offlane/barcode/internal/databar/databartest"
	"github.com/offlane/offlane/barcode/internal/pix"
	"github.com/offlane/offlane/barcode/internal/symbol"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestOneLineDisputesNothing(t *testing.T) {
	for others, want := range map[int]bool{1: false, 2: true} {
		g, o := ofLines(3, "one"), ofLines(others, "other")
		for i := range o.all {
			o.all[i].step = 4
		}
		require.True(t, overlap(g, o), "%d lines of another lie upon three", others)
		assert.Equal(t, want, isDisputed([]*group{g, o}, 0, sheet{}), "three lines read one text and %d another", others)
	}
}

// Rows between a symbol and its bearer bar are paper where at most a tenth of them is dark.
func TestWhereABearerBarTurns(t *testing.T) {
	bearer := func(dark, between, long float64) bool {
		s, e := framed(dark, between, long, 0)
		one, _ := s.bearerEnds(e, 4, 100)
		return one
	}
	holdTurns(t, []turn{
		{"how dark it is", 0.91, 0.88, func(x float32) bool { return bearer(float64(x), 0.5, 6) }},
		{"how dark what lies before it is", 0.11, 0.09, func(x float32) bool { return bearer(1, float64(x), 6) }},
		{"how far it reaches, in modules", 4.6, 3.9, func(x float32) bool { return bearer(1, 0.5, float64(x)) }},
	})
}

// A line along a symbol is looked at in 160 places, and dark beyond its end in quarters of a module.
func TestLooksAlongABearerBar(t *testing.T) {
	g := pix.NewGray(400, 9)
	for i := range g.Pix {
		g.Pix[i] = 200
	}
	s := sheet{plane: g, scale: 1}
	for x := range 40 {
		g.Row(4)[100+x*3] = 0
	}
	from, to := pix.Point{X: 100, Y: 4.5}, pix.Point{X: 260, Y: 4.5}
	assert.InDelta(t, 40.0/160, s.dark(from, to, 100), 1e-9, "the share of 160 pixels that is dark")
	for x := range 400 {
		g.Row(4)[x] = byte(200 * (x / 219))
	}
	dark := s.runs(pix.Point{X: 200.5, Y: 4.5}, pix.Point{X: 1}, 5, 100)
	assert.InDelta(t, 3.5, dark, 1e-9, "what is dark for 3.65 modules, in quarters")
}

func TestWhereRowsOfASymbolTurn(t *testing.T) {
	beside := func(along, across, slant float64) bool {
		b := rowOf(9, 4, 10, false)
		b.from, b.to = pix.Point{X: along, Y: 10 + across}, pix.Point{X: along + 100, Y: 10 + across + slant}
		a := rowOf(1, 4, 10, false)
		a.from, a.to = pix.Point{Y: 10}, pix.Point{X: 100, Y: 10}
		return isStacked(a, b)
	}
	holdTurns(t, []turn{
		{"how far along another a row begins", 19, 21, func(x float32) bool { return beside(float64(x), 20, 0) }},
		{"how far before another a row begins", -19, -21, func(x float32) bool { return beside(float64(x), 20, 0) }},
		{"how far beside another it lies", 118, 122, func(x float32) bool { return beside(0, float64(x), 0) }},
		{"how far it slants", 19, 21, func(x float32) bool { return beside(0, 20, float64(x)) }},
	})
	shared := func(n int) bool { return isStacked(rowOf(1, 4, 10, false), rowOf(5-n, 4, 20, false)) }
	assert.True(t, shared(2), "half of the lines read both rows")
	assert.False(t, shared(3), "three of four lines read both rows")
}

// A row counts where two lines read it.
func TestARowOfOneLineIsNone(t *testing.T) {
	l := databarLine(databartest.DrawExpanded(databartest.Characters("10ABC"), 4, 34)[0])
	found := finders(nil, l.widths())
	var pairs []dbPair
	for i := range found {
		if row, _, _, ok := expandedRow(found, i); ok {
			pairs = row
		}
	}
	require.NotEmpty(t, pairs, "pairs of a DataBar Expanded")
	for lines, want := range map[int]int{1: 0, 2: 1} {
		row := rowOf(1, lines, 10, false)
		row.row = &dbRow{pairs: pairs}
		assert.Len(t, stack([]*group{row}), want, "symbols of a row of %d lines", lines)
	}
}

func TestHowManyLinesAgree(t *testing.T) {
	for format, want := range map[symbol.Format]int{
		symbol.Code128: 2, symbol.EAN13: 2, symbol.UPCA: 2, symbol.EAN8: 3, symbol.UPCE: 3, symbol.Code93: 2,
		symbol.Code39: 3, symbol.ITF: 4, symbol.Codabar: 3, symbol.DataBar: 2, symbol.DataBarExpanded: 2,
		symbol.DataBarLimited: 2,
	} {
		assert.Equal(t, want, linesNeeded(format), "lines of %v that agree", format)
	}
	for format, want := range map[symbol.Format]float64{symbol.Code128: 0, symbol.EAN8: 5, symbol.ITF: 5} {
		g := rowOf(1, 2, 10, false)
		g.format, g.all[1].from.Y, g.all[1].to.Y = format, 0, 0
		for high, ok := range map[float64]bool{0.96 * want: want == 0, 1.04*want + 0.1: true} {
			g.all[0].from.Y, g.all[0].to.Y = -high, -high
			for i := range g.all {
				g.all[i].figure.module, g.all[i].length = 1, 100
			}
			assert.Equal(t, ok, g.high(), "%v: lines that lie %v modules apart", format, high)
		}
	}
}
