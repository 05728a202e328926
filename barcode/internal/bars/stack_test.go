package bars

import (
	"testing"

	"github.com/offlane/offlane/barcode/internal/pix"
	"github.com/stretchr/testify/require"
)

// rowOf is a row of a stacked symbol, 100 pixels long, that the lines from one on have read at a height.
func rowOf(first, lines int, y float64, backwards bool) *group {
	g := &group{}
	for k := range lines {
		v := vote{line: first + k, from: pix.Point{X: 0, Y: y + 2*float64(k)}, to: pix.Point{X: 100, Y: y + 2*float64(k)}}
		if backwards {
			v.from, v.to = v.to, v.from
		}
		g.vote = v
		g.add(v)
	}
	return g
}

func TestRowsOfASymbolLieUponEachOther(t *testing.T) {
	a := rowOf(1, 4, 10, false)
	require.True(t, isStacked(a, rowOf(5, 4, 20, false)), "the next row")
	require.True(t, isStacked(a, rowOf(5, 4, 20, true)), "the next row, read backwards")
	require.True(t, isStacked(a, rowOf(4, 4, 16, true)), "the next row, one line of which reads both")
	require.False(t, isStacked(a, rowOf(1, 4, 10, true)), "the same lines, read backwards")
	require.False(t, isStacked(a, rowOf(9, 4, 10+1.3*100, false)), "a row too far away")
	negative := rowOf(5, 4, 20, false)
	negative.inverted = true
	require.False(t, isStacked(a, negative), "a row of the negative")
	far := rowOf(5, 4, 20, false)
	far.from.X, far.to.X = far.from.X+30, far.to.X+30
	require.False(t, isStacked(a, far), "a row that begins elsewhere")
}
