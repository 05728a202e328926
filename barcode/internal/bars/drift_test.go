package bars

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/offlane/offlane/barcode/internal/pix"
	"github.com/offlane/offlane/barcode/internal/symbol"
)

// What lies over a symbol at a slant moves along its lines from one to the next, and its bars do not.
func TestAnElementThatMovesAlongTheLinesIsNone(t *testing.T) {
	const module = 2.0 // pixels
	lines := func(format symbol.Format, fitted bool, high, moved float64) *group {
		g := &group{}
		for k, share := range []float64{0, 1} {
			y := share * high * module
			v := vote{reading: reading{format: format, fitted: fitted}, line: k, length: 95 * module,
				from: pix.Point{Y: y}, to: pix.Point{X: 95 * module, Y: y}, figure: figure{module: module}}
			for i, at := range []float64{0.1, 0.5, 0.9} {
				if i == 1 {
					at += share * moved / 95
				}
				v.middles = append(v.middles, float32(at))
			}
			if k == 0 {
				g.vote = v
			}
			g.add(v)
		}
		return g
	}
	for _, c := range []struct {
		format      symbol.Format
		fitted      bool
		high, moved float64 // modules
		want        bool
	}{
		{symbol.EAN13, false, 1, 0.23, false},
		{symbol.EAN13, false, 1, 0.28, true},
		{symbol.UPCA, false, 1, -0.28, true},
		{symbol.EAN13, false, 4, 0.55, false},
		{symbol.EAN13, false, 4, 0.65, true},
		{symbol.DataBarLimited, false, 1, 0.28, true},
		{symbol.Code39, false, 1, 0.23, false},
		{symbol.Code39, false, 1, 0.28, true},
		{symbol.Code39, false, 20, 0.38, false},
		{symbol.Code39, false, 20, 0.42, true},
		{symbol.ITF, false, 18.2, 0.916, true}, // a fence over the last two digits
		{symbol.DataBarExpanded, false, 1, 0.28, false},
		{symbol.EAN13, true, 1, 0.28, false},
	} {
		got := lines(c.format, c.fitted, c.high, c.moved).drifts()
		assert.Equal(t, c.want, got, "%v, fitted %t, %v modules high, by %v modules", c.format, c.fitted, c.high, c.moved)
	}
	alone := lines(symbol.EAN13, false, 1, 1)
	alone.all = alone.all[:1]
	assert.False(t, alone.drifts(), "one line")
}
