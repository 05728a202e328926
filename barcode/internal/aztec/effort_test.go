package aztec

import (
	"testing"

	"github.com/offlane/offlane/barcode/internal/matrixtest"
	"github.com/offlane/offlane/barcode/internal/modules"
	"github.com/offlane/offlane/barcode/internal/pix"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A sheet of bull's-eyes without symbols is given up after some.
func TestFewBullsEyesAreSettledInVain(t *testing.T) {
	const across, down, scale, pitch = 10, 6, 3, 15 * 3
	g := pix.NewGray(across*pitch, down*pitch)
	for i := range g.Pix {
		x, y := i%g.W%pitch/scale-3, i/g.W%pitch/scale-3
		d := max(x-4, 4-x, y-4, 4-y)
		if g.Pix[i] = 200; d%2 == 0 && d < 5 {
			g.Pix[i] = 40
		}
	}
	var r Reader
	assert.Empty(t, r.Read(g, new(pix.Binarizer).Global(g), modules.Effort{Step: 1}, nil), "there is no symbol")
	assert.Len(t, r.eyes, across*down, "the bull's-eyes")
	assert.Equal(t, 40, r.vain, "those on which a grid settles")
}

// coreIn is a sight of a drawing of four pixels a module, with so many wrong codewords, and the grid of its core.
func coreIn(t *testing.T, r *Reader, d matrixtest.Drawing, compact bool, wrong int) (*sight, modules.Grid, mode) {
	t.Helper()
	m, ok := modeIn(d, compact)
	require.True(t, ok, "the mode message is read")
	order := m.order()[m.capacity()%m.width():]
	for k := range wrong {
		d.Dark[order[k*m.width()+1]] = !d.Dark[order[k*m.width()+1]]
	}
	n := coreOf(compact)
	from := float64(4 * (2 + (d.Columns-n)/2))
	to := from + float64(4*n)
	g := modules.NewGrid(n, n, &[4]pix.Point{{X: from, Y: from}, {X: to, Y: from}, {X: to, Y: to}, {X: from, Y: to}})
	return &sight{meter: &r.Meter, gray: pix.FromImage(d.Image(2, 4)), grid: g, level: 128}, g, m
}

// A grid whose symbol needs little correction is right; of others one is tuned.
func TestAGridThatReadsCleanlyIsNotTuned(t *testing.T) {
	for wrong, tuned := range map[int]bool{0: false, 3: false, 9: true} {
		var r Reader
		d := drawn(t, offer, 60, -4)
		v, g, m := coreIn(t, &r, d, true, wrong)
		s, ok := r.readLayers(v, g, m, modules.Effort{Tune: true})
		require.True(t, ok, "%d wrong codewords are corrected", wrong)
		assert.Equal(t, offer, s.Text, "the text with %d wrong codewords", wrong)
		assert.Equal(t, tuned, r.Work() > 4*d.Columns*d.Columns, "a grid is tuned where %.2f of the correction is left",
			s.Quality.UnusedCorrection)
	}
}

// A grid that reaches nine layers beyond the core is tuned in any case.
func TestAGridThatReachesFarIsTuned(t *testing.T) {
	for layers, tuned := range map[int]bool{7: false, 8: false, 9: true} {
		var r Reader
		d := drawn(t, offer, 33, layers)
		m, ok := modeIn(d, false)
		require.True(t, ok, "the mode message is read")
		v, g, m := coreIn(t, &r, d, false, m.codewords())
		_, ok = r.readLayers(v, g, m, modules.Effort{})
		require.False(t, ok, "all codewords are wrong")
		assert.Equal(t, tuned, r.Work() > 4*d.Columns*d.Columns, "%d layers: a grid is tuned", layers)
	}
}

// A grid is tuned by some of its marks: where none of its moves helps there are 145 looks at them.
func TestAGridIsTunedBySomeMarks(t *testing.T) {
	var r Reader
	m := mode{layers: 32}
	g := modules.NewGrid(m.size(), m.size(), &[4]pix.Point{{}, {X: 500}, {X: 500, Y: 500}, {Y: 500}})
	r.tune(&sight{gray: pix.NewGray(500, 500)}, &g, m)
	marks := r.Work() / (4 * 145)
	assert.Greater(t, marks, 40, "marks of the largest symbol")
	assert.LessOrEqual(t, marks, 80, "marks of the largest symbol")
}
