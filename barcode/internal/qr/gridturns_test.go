package qr

import (
	"testing"

	"github.com/offlane/offlane/barcode/internal/pix"
	"github.com/offlane/offlane/barcode/internal/qrtest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// shrunk is a code of ten pixels a module, and its grid, with the first so many of some dark modules only as large as
// their middles: of the five looks at each one is right.
func shrunk(c *qrtest.Code, cells []cell, n int) (*pix.Gray, *grid) {
	const module = 10
	g := photograph(c, module, flatWarp)
	for _, m := range cells {
		if !m.dark || n == 0 || m.u < 0 || m.v < 0 {
			continue
		}
		n--
		x, y := int((m.u+3.5)*module), int((m.v+3.5)*module)
		for k := range module * module {
			if i, j := k%module, k/module; min(i, j) < 3 || max(i, j) > 6 {
				g.Row(y + j)[x+i] = 255
			}
		}
	}
	return g, &grid{h: pix.Homography{module, 0, 4 * module, 0, module, 4 * module, 0, 0, 1}, size: c.Size}
}

// Of 253 fixed modules each that is shrunk has four of its five looks wrong.
func TestAGridIsReadWhereItFits(t *testing.T) {
	c := code(t, 1, 'M')
	for n, want := range map[int]bool{0: true, 90: true, 105: false} {
		p, g := shrunk(c, fixedModules(c.Size), n)
		r := Reader{effort: all(), gray: p}
		_, ok := r.readSize(binary(p), pinsOf(g), c.Size, curve{})
		assert.Equal(t, want, ok, "%d modules are shrunk: three quarters of the looks must be right", n)
	}
}

// Paper is bent in quarters of a module, up to three modules along rows or columns, then by one more along both.
func TestHowManyShapesOfPaperAreTried(t *testing.T) {
	c := code(t, 3, 'M')
	b, g := spotted(c, nil, 0)
	r := Reader{effort: all()}
	require.Equal(t, curve{}, r.bestCurve(b, pinsOf(g), c.Size), "the paper is flat")
	looks := 5 * (len(fixedModules(c.Size)) - finderCells)
	assert.Equal(t, (2*25+2*9)*(looks+1500)+finderCells, r.work, "the looks at 68 shapes")
}

// To measure three finder patterns takes as long as some thousand looks.
func TestTryingATripleCountsAsWork(t *testing.T) {
	corner, right, below := three(40, 0, 0, 40)
	for _, f := range []*finder{corner, right, below} {
		f.rim = new(rim)
	}
	var r Reader
	pins, sizes := r.measure(binary(pix.NewGray(200, 200)), &triple{corner: corner, right: right, below: below})
	r.work = 0
	_, ok := r.try(binary(pix.NewGray(200, 200)), triple{corner: corner, right: right, below: below}, flatPaper)
	require.False(t, ok, "nothing is read on a dark plane")
	assert.Equal(t, 3*64*40+len(sizes)*finderCells, r.work, "looks, with %d pins and %d sizes", len(pins), len(sizes))
}

// Of the alignment patterns that are looked for first a third must be there once six of them were looked for.
func TestAChartEndsWithoutAlignmentPatterns(t *testing.T) {
	c := code(t, 20, 'L')
	for name, test := range map[string]struct {
		missing []int
		want    bool
	}{
		"all":                           {nil, true},
		"two of six and three of seven": {[]int{2, 3, 4, 5}, true},
		"two of seven":                  {[]int{2, 3, 4, 5, 6}, false},
		"one of six":                    {[]int{1, 2, 3, 4, 5}, false},
	} {
		picture := photograph(c, pinned, flatWarp)
		m := newMesh(c.Size)
		nodes := m.order()
		// Those with a finder pattern are none, which chart knows before it orders them.
		last := len(m.lines) - 1
		var order []*node
		for _, n := range nodes {
			if n != m.node(0, 0) && n != m.node(0, last) && n != m.node(last, 0) {
				order = append(order, n)
			}
		}
		for _, k := range test.missing {
			u, v := m.place(order[k])
			for i := range 25 * pinned * pinned {
				picture.Row(int((v+1.5)*pinned) + i/(5*pinned))[int((u+1.5)*pinned)+i%(5*pinned)] = 255
			}
		}
		h := pix.Homography{pinned, 0, 4 * pinned, 0, pinned, 4 * pinned, 0, 0, 1}
		g := &grid{h: h, size: c.Size}
		_, found := g.chart(binary(picture), pinsOf(g))
		assert.Equal(t, test.want, found > 0, "%s are there: %d found", name, found)
	}
}

// Symbols with version information have a mesh.
func TestLargeSymbolsHaveAMesh(t *testing.T) {
	for version, want := range map[int]bool{5: false, 6: false, 7: true} {
		c := code(t, version, 'M')
		b, g := spotted(c, nil, 0)
		r := Reader{effort: all()}
		var placed grid
		require.Greater(t, r.place(b, &placed, pinsOf(g), c.Size, curve{}), 0.9, "version %d fits", version)
		assert.Equal(t, want, placed.mesh != nil, "version %d has a mesh", version)
	}
}

// One copy of the version information is enough, whichever.
func TestOneCopyOfTheVersionInformationIsEnough(t *testing.T) {
	c := code(t, 7, 'M')
	for copies, want := range map[[2]bool]bool{{true, true}: true, {true, false}: true, {false, true}: true, {}: false} {
		p := photograph(c, pinned, flatWarp)
		_, g := spotted(c, nil, 0)
		for i := range 18 * pinned * pinned {
			x, y := 34*pinned+i%(3*pinned), i/(3*pinned)
			if !copies[0] {
				p.Row(4*pinned + y)[4*pinned+x] = 255
			}
			if !copies[1] {
				p.Row(4*pinned + x)[4*pinned+y] = 255
			}
		}
		at := func(k int) *finder {
			m := pin{finder: k, u: 3.5, v: 3.5}.module(c.Size)
			return &finder{at: g.h.Map(m.X, m.Y), module: pinned}
		}
		var r Reader
		r.versionSizes(binary(p), &triple{corner: at(0), right: at(1), below: at(2)}, pinsOf(g), []int{41, 45, 49})
		assert.Equal(t, want, len(r.told) == 1, "copies that are there: %v", copies)
	}
}

func TestWhereSettlingBegins(t *testing.T) {
	c := code(t, 1, 'M')
	cells := fixedModules(c.Size)
	for wrong, want := range map[int]bool{7: false, 8: true} {
		var r Reader
		b, g := spotted(c, cells, wrong)
		r.settle(b, g, cells)
		assert.Equal(t, want, r.work > 0, "%d modules of %d are wrong", wrong, len(cells))
	}
}

// A module of an M1 is clear where its luma is a tenth of the contrast from the middle.
func TestWhereAModuleOfAnM1IsInDoubt(t *testing.T) {
	effort := all()
	effort.QR, effort.Micro = false, true
	for luma, want := range map[byte]int{99: 1, 107: 0} {
		g := drawnM1(t)
		gray(g, 10, 0, luma)
		assert.Len(t, read(g, effort), want, "a module of luma %d of 255", luma)
	}
}

// A Micro QR code whose grid is laid a little too small is read where seven tenths of its timing patterns and of its
// quiet zone are right before it settles.
func TestWhereAMicroQRIsNoneBeforeItSettles(t *testing.T) {
	const size = 17
	cells := microFixed(size)
	last := 64 + 2*(size-8)
	for name, c := range map[string]struct {
		wide, high    float64
		timing, quiet float64
		want          bool
	}{
		"little off":        {0.96, 0.98, 0.78, 0.85, true},
		"its timing is off": {0.95, 0.99, 0.61, 0.85, false},
		"its zone is off":   {0.97, 0.97, 1, 0.69, false},
	} {
		p, h := microSpotted(t, nil, 0)
		h[0], h[4] = h[0]*c.wide, h[4]*c.high
		b, g := binary(p), &grid{h: h, size: size}
		require.InDelta(t, c.timing, fitness(b, g, cells[64:last], probes[:1]), 0.01, "%s: the timing patterns", name)
		require.InDelta(t, c.quiet, fitness(b, g, cells[last:], probes[:1]), 0.01, "%s: the quiet zone", name)
		r := Reader{effort: all(), gray: p}
		_, ok := r.microAt(b, h, size)
		assert.Equal(t, c.want, ok, "%s: it is read", name)
	}
}

// Of 150 fixed modules each dark one that is shrunk to a quarter of its side has four of its five looks wrong.
func TestAMicroQRIsReadWhereItFits(t *testing.T) {
	for n, want := range map[int]bool{0: true, 24: true, 33: false} {
		p, h := microSpotted(t, nil, 0)
		left := n
		for _, m := range microFixed(17) {
			if !m.dark || left == 0 {
				continue
			}
			left--
			x, y := int((m.u-0.5)*drawnModule)+drawnQuiet, int((m.v-0.5)*drawnModule)+drawnQuiet
			for k := range drawnModule * drawnModule {
				if i, j := k%drawnModule, k/drawnModule; min(i, j) < 3 || max(i, j) > 4 {
					p.Row(y + j)[x+i] = 255
				}
			}
		}
		require.Zero(t, left, "modules are shrunk")
		r := Reader{effort: all(), gray: p}
		_, ok := r.microAt(binary(p), h, 17)
		assert.Equal(t, want, ok, "%d modules are shrunk: 85 of 100 looks must be right", n)
	}
}

// Each step is taken in three rounds at most: a corner that is three steps of 0.8 modules off is where it should be
// behind the first three, in each of which all corners are moved in four ways.
func TestACornerIsMovedInThreeRounds(t *testing.T) {
	c := code(t, 2, 'M')
	cells := fixedModules(c.Size)
	b, g := spotted(c, nil, 0)
	to := square(g.size)
	for i, p := range to {
		to[i] = g.h.Map(p.X, p.Y)
	}
	to[2].X += 2.4 * pinned
	g.h = pix.Square(float64(g.size), &to)
	var r Reader
	assert.Greater(t, r.settle(b, g, cells), 0.999, "the grid fits")
	assert.Equal(t, 3*16*5*len(cells), r.work, "the looks of three rounds")
}
