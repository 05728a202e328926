package qr

import (
	"math"
	"slices"
	"testing"

	"github.com/offlane/offlane/barcode/internal/pix"
	"github.com/offlane/offlane/barcode/internal/qrtest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A warp says which place of a code, in modules, lies at a place of the picture, in modules as well.
type warp func(x, y float64) (u, v float64)

func flatWarp(x, y float64) (u, v float64) { return x, y }

// photograph draws a code with a quiet zone of four modules, so many pixels a module.
func photograph(c *qrtest.Code, scale int, w warp) *pix.Gray {
	side := scale * (c.Size + 8)
	g := pix.NewGray(side, side)
	for i := range g.Pix {
		u, v := w((float64(i%side)+0.5)/float64(scale)-4, (float64(i/side)+0.5)/float64(scale)-4)
		if !c.Dark(int(math.Floor(u)), int(math.Floor(v))) {
			g.Pix[i] = 255
		}
	}
	return g
}

// wave is paper that is wavy by so many modules over a symbol of a size, and flat at its corners.
func wave(amount float64, size int) warp {
	return func(x, y float64) (u, v float64) {
		s := float64(size)
		return x + amount*math.Sin(math.Pi*y/s)*math.Sin(math.Pi*x/s)/2, y + amount*math.Sin(1.25*math.Pi*x/s)
	}
}

func all() Effort {
	return Effort{Triples: 40, Finders: 40, Curves: true, Step: 1, Both: true, QR: true, Work: math.MaxInt,
		Late: func() bool { return false }}
}

// read reads a picture that is as good as black and white.
func read(g *pix.Gray, effort Effort) (texts []string) {
	var z pix.Binarizer
	var r Reader
	for _, s := range r.Read(g, z.Global(g), effort, nil) {
		texts = append(texts, s.Text)
	}
	return texts
}

func TestLargeVersionsAreReadTileByTile(t *testing.T) {
	for _, c := range []struct {
		version int
		level   byte
		waves   float64 // in modules
	}{
		{7, 'L', 1.5}, {14, 'M', 2}, {25, 'L', 0}, {25, 'L', 3}, {28, 'M', 3}, {32, 'L', 3}, {36, 'Q', 4}, {40, 'L', 0},
		{40, 'L', 4}, {40, 'H', 4},
	} {
		drawn := code(t, c.version, c.level)
		got := read(photograph(drawn, 3, wave(c.waves, drawn.Size)), all())
		assert.True(t, slices.Equal(got, []string{drawn.Text}), "version %d-%c, waves of %.1f modules: %d texts, not the one",
			c.version, c.level, c.waves, len(got))
	}
}

func TestChartFindsEveryAlignmentPattern(t *testing.T) {
	c := code(t, 33, 'L')
	const scale = 4
	bend := wave(3, c.Size)
	picture := photograph(c, scale, bend)
	var z pix.Binarizer
	b := z.Global(picture)
	h := pix.Homography{scale, 0, 4 * scale, 0, scale, 4 * scale, 0, 0, 1}
	g := &grid{h: h, size: c.Size}
	var pins []pin
	for k := range 3 {
		for _, o := range [5][2]float64{{3.5, 3.5}, {0, 0}, {7, 0}, {7, 7}, {0, 7}} {
			p := pin{finder: k, u: o[0], v: o[1]}
			p.at = picturePlace(h, bend, p.module(c.Size))
			pins = append(pins, p)
		}
	}
	all, found := g.chart(b, pins)
	require.Equal(t, 33, all, "version 33 has so many alignment patterns")
	assert.Equal(t, all, found, "those found")
	for v := 0.5; v < float64(c.Size); v += 7 {
		for u := 0.5; u < float64(c.Size); u += 7 {
			want, got := picturePlace(h, bend, pix.Point{X: u, Y: v}), g.at(u, v)
			require.InDelta(t, 0, pix.Distance(want, got)/scale, 0.6, "module %.1f, %.1f is off, in modules", u, v)
		}
	}
}

// picturePlace returns where a module lies in a warped picture.
func picturePlace(h pix.Homography, w warp, m pix.Point) pix.Point {
	x, y := m.X, m.Y
	for range 20 {
		u, v := w(x, y)
		x, y = x+m.X-u, y+m.Y-v
	}
	return h.Map(x, y)
}

func TestAMissingAlignmentPatternIsToldByThoseAround(t *testing.T) {
	m := newMesh(17 + 4*40)
	for i := range m.nodes {
		n := &m.nodes[i]
		n.off, n.known, n.found = pix.Point{X: float64(2*n.row + 3*n.column), Y: float64(n.row - 4*n.column)}, true, true
	}
	for _, place := range [][2]int{{2, 3}, {0, 2}, {6, 3}, {3, 0}, {6, 6}} {
		n := m.node(place[0], place[1])
		want := n.off
		n.off, n.known, n.found = pix.Point{}, false, false
		got, ok := m.guess(n, true, false)
		require.True(t, ok, "row %d, column %d", place[0], place[1])
		assert.InDelta(t, want.X, got.X, 1e-9, "row %d, column %d", place[0], place[1])
		assert.InDelta(t, want.Y, got.Y, 1e-9, "row %d, column %d", place[0], place[1])
		n.off, n.known, n.found = want, true, true
	}
}

func TestAMeshIsSmoothBetweenItsNodes(t *testing.T) {
	for _, version := range []int{3, 7, 20, 40} {
		m := newMesh(17 + 4*version)
		shape := func(u, v float64) pix.Point { return pix.Point{X: u*v/100 - v/7, Y: u*u/500 + v + 5} }
		if version < 7 {
			shape = func(u, v float64) pix.Point { return pix.Point{X: u*v/100 - v/7, Y: u/3 + 5} }
		}
		for i := range m.nodes {
			n := &m.nodes[i]
			n.off = shape(m.place(n))
		}
		size := float64(17 + 4*version)
		for _, p := range [][2]float64{{6.5, 6.5}, {size - 6.5, 6.5}, {size - 6.5, size - 6.5}, {size / 2, size / 2},
			{size / 3, size / 5}, {0.5, 0.5}, {size - 0.5, 0.5}} {
			want, got := shape(p[0], p[1]), m.at(p[0], p[1])
			assert.InDelta(t, want.X, got.X, 1e-6, "version %d at %v, along", version, p)
			assert.InDelta(t, want.Y, got.Y, 1e-6, "version %d at %v, down", version, p)
		}
	}
}
