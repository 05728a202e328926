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

// The rows of two labels pass the checksum by chance, so that it matters how they stand: 100 pixels are 50 modules.
func TestHalvesOfOneLabelStandTogether(t *testing.T) {
	const module = 2.0
	for _, test := range []struct {
		name       string
		lines      int     // of each row, a module apart
		gap, aside float64 // modules
		want       bool
	}{
		{"one upon the other", 4, 1, 0, true},
		{"within a sticker's breadth of low rows", 4, 4.9, 0, true},
		{"the quiet zone of another label between low rows", 4, 5.8, 0, false},
		{"a sticker over what high rows have between them", 41, 16, 0, true},
		{"another label's height between high rows", 41, 19.5, 0, false},
		{"low rows, a little aside", 4, 0, 2.7, true},
		{"low rows, aside", 4, 0, 3.1, false},
		{"high rows under shear", 41, 3, 6.5, true},
		{"high rows, aside", 41, 3, 7.4, false},
	} {
		a := rowOf(1, test.lines, 0, false)
		y := module * (float64(test.lines-1) + 1 + test.gap)
		for _, backwards := range []bool{false, true} {
			b := rowOf(100, test.lines, y, backwards)
			b.from.X, b.to.X = b.from.X+module*test.aside, b.to.X+module*test.aside
			require.Equal(t, test.want, isOneLabel(a, b), "%s, backwards: %t", test.name, backwards)
		}
	}
	b := rowOf(100, 4, 2*module*4, false)
	for _, part := range []*float64{&b.from.X, &b.to.X} {
		kept := *part
		*part += 4 * module
		require.False(t, isOneLabel(rowOf(1, 4, 0, false), b), "a row that is longer or shorter")
		*part = kept
	}
}
