package qr

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/offlane/offlane/barcode/internal/pix"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A pixel of the middle run counts as 28: what is off by less than 28 beyond a bound is half a pixel.
func TestTheMiddleRunIsOffByLessThanAPixel(t *testing.T) {
	assert.False(t, mayBeFinder(cut(4, 4, 3, 4, 4)), "a middle run of three pixels of 19, whose least is 3.07")
	assert.False(t, mayBeFinder(cut(2, 2, 16, 1, 2)), "a middle run of 16 pixels of 23, whose most is 15.8")
	assert.True(t, mayBeFinder(cut(4, 4, 4, 4, 4)), "a middle run of four pixels of 20, whose least is 3.3")
}

// striped is a plane of upright bars and spaces of 1, 1, 3, 1, 1 and three pixels over and over.
func striped(width, height int) *pix.Binary {
	g := pix.NewGray(width, height)
	for i := range g.Pix {
		g.Pix[i] = []byte{0, 255, 0, 0, 0, 255, 0, 255, 255, 255}[i%width%10]
	}
	return binary(g)
}

// Each cut that looks like a finder pattern counts as a hundred looks; after some 130,000 every second row is left out.
func TestRowsAreLeftOutAfterManyCuts(t *testing.T) {
	var r Reader
	r.findAll(binary(rings(10, 10)), 1)
	assert.Equal(t, 50*100, r.found, "the looks of the 30 rows through the middle of a finder pattern and 20 beside it")
	const wide, high = 5000, 250
	r = Reader{}
	r.findAll(striped(wide, 1), 1)
	cuts := r.found / 100
	require.Greater(t, cuts, 400, "cuts in a row")
	want := 0
	for y := 0; y < high; y++ {
		if want >= 131072 {
			y++
		}
		want += cuts
	}
	require.Less(t, want, 2*131072, "cuts in all")
	r = Reader{}
	r.findAll(striped(wide, high), 1)
	assert.InDelta(t, want, r.found/100, 2*float64(cuts), "cuts of %d rows", high)
}

func TestAFewThousandCandidatesAreKept(t *testing.T) {
	for columns, want := range map[int]int{50: 1, 58: 0} {
		g := pix.NewGray(8*columns, 8*75)
		for i := range g.Pix {
			d := max(abs(i%g.W%8-3), abs(i/g.W%8-3))
			if g.Pix[i] = 255; d < 2 || d == 3 {
				g.Pix[i] = 0
			}
		}
		var r Reader
		r.findOnce(binary(g), 1)
		require.Len(t, r.finders[0], 75*columns, "finder patterns")
		assert.Len(t, r.kept, want, "%d finder patterns are kept", 75*columns)
	}
}

func TestOpenCandidatesAreInColumns(t *testing.T) {
	var o open
	o.clear(320)
	assert.Len(t, o.columns, 11, "columns of 320 pixels")
	f := finder{at: pix.Point{X: 100, Y: 100.75}, module: 2}
	for y, want := range map[int]int32{114: 0, 115: -1} {
		o.clear(300)
		o.add(0, 100)
		assert.Equal(t, want, o.find([]finder{f}, f.at, 2, y), "one in row 100.75 is passed in row %d", y)
	}
}

// One of large modules that was seen in one row alone is none.
func TestALargeFinderPatternIsSeenInTwoRows(t *testing.T) {
	b := binary(pix.NewGray(8, 8))
	for module, want := range map[float64]int{1.5: 1, 3.2: 1, 3.4: 0} {
		hits := 2
		if module < 3 {
			hits = 1
		}
		var r Reader
		r.read(b, []finder{{at: pix.Point{X: 4, Y: 4}, module: module, hits: hits}}, Effort{Step: 1, Micro: true}, nil)
		assert.Len(t, r.rims, want, "one of modules of %v pixels seen in %d rows", module, hits)
	}
}

// sectored is circles with the rings of a sector, from straight on to some degrees, in other places.
func sectored(degrees float64, other [3]float64) *pix.Gray {
	g, o := circles(15, 25, 35, 0), circles(other[0], other[1], other[2], 0)
	for i := range g.Pix {
		x, y := float64(i%g.W)+0.5-55, float64(i/g.W)+0.5-55
		if a := math.Mod(math.Atan2(y, x)*180/math.Pi+375, 360); a < degrees {
			g.Pix[i] = o.Pix[i]
		}
	}
	return g
}

func judgedRings(g *pix.Gray, module float64) *finder {
	f := &finder{at: pix.Point{X: 55, Y: 55}, module: module, rim: new(rim)}
	f.judge(binary(g), 0)
	return f
}

// A finder pattern is looked at in 16 directions, 22.5 degrees apart; the first sector begins 15 degrees before one.
func TestWhereRingsTurn(t *testing.T) {
	for inner, want := range map[float64]bool{19.5: true, 20.5: false} {
		assert.Equal(t, want, judgedRings(circles(inner, 25, 35, 0), 6).fine, "an inner square that reaches %v pixels", inner)
	}
	for n, round := range map[int]float64{1: 15.0 / 16, 3: 13.0 / 16} {
		f := judgedRings(sectored(22.5*float64(n), [3]float64{15, 25, 0}), 6)
		assert.InDelta(t, round, f.round, 1e-9, "the share of a rim that is missing in %d directions", n)
	}
	for n, want := range map[int]bool{5: true, 6: true, 7: false} {
		f := judgedRings(sectored(22.5*float64(n), [3]float64{23, 26, 35}), 6)
		assert.Equal(t, want, f.fine, "rings that are amiss in %d of 16 directions", n)
	}
	for n, want := range map[int]bool{3: true, 4: true, 5: false} {
		f := judgedRings(sectored(22.5*float64(n), [3]float64{15, 25, 0}), 6)
		assert.Equal(t, want, f.fine, "a rim that is missing in %d of 16 directions", n)
	}
}

// Half a module behind its ring, which is five pixels, a finder pattern is light, in ten of 16 directions at least.
func TestFinderPatternsAreLightBehindTheirRings(t *testing.T) {
	for _, c := range []struct {
		gap, degrees float64
		want         bool
	}{{5.6, 360, true}, {4.4, 360, false}, {2, 22.5 * 6, true}, {2, 22.5 * 7, false}} {
		g := circles(15, 25, 35, 0)
		for i := range g.Pix {
			x, y := float64(i%g.W)+0.5-55, float64(i/g.W)+0.5-55
			a := math.Mod(math.Atan2(y, x)*180/math.Pi+375, 360)
			if math.Hypot(x, y) > 35+c.gap && a < c.degrees {
				g.Pix[i] = 0
			}
		}
		assert.Equal(t, c.want, judgedRings(g, 10).fine, "dark from %v pixels behind the ring on, in %v degrees",
			c.gap, c.degrees)
	}
}

// In half a turn the rings of a finder pattern may be smaller than in the other half, but for a fifth.
func TestWhereARimIsUneven(t *testing.T) {
	for ring, want := range map[float64]bool{28.4: true, 27.2: false} {
		f := judgedRings(sectored(180, [3]float64{ring * 3 / 7, ring * 5 / 7, ring}), 6)
		assert.Equal(t, want, f.fine, "rings of %v pixels to one side, of 35 to the other", ring)
	}
}

// The place where a ray leaves the ring is looked for until it is known to a quarter of a pixel: in steps of a sixth
// of a module that are halved three times.
func TestARimIsLookedForClosely(t *testing.T) {
	b := binary(circles(15, 25, 35, 0))
	for _, module := range []float64{6.6, 10} {
		f := finder{at: pix.Point{X: 55, Y: 55}, module: module}
		p, ok := f.edge(b, pix.Point{X: 1})
		require.True(t, ok, "there is a rim")
		part := (p.X - 55) / (module / 6) * 16
		assert.InDelta(t, 1, math.Mod(part, 2), 1e-6, "a place in the middle of an eighth of a step, in 16ths: %v", part)
	}
}

// The runs in a column are those in the row of the picture with rows and columns swapped.
func TestTheRunsInAColumnAreThoseInARow(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 9))
	g, swapped := pix.NewGray(90, 70), pix.NewGray(70, 90)
	for y := range g.H {
		for x := range g.W {
			v := byte(random.IntN(4) / 3 * 255)
			g.Row(y)[x], swapped.Row(x)[y] = v, v
		}
	}
	a, b := binary(g), binary(swapped)
	sides := 0
	for n := range 2000 {
		if n == 1000 {
			a.Invert()
			b.Invert()
		}
		x, y := random.IntN(g.W), random.IntN(g.H)
		most := [3]int{1 + random.IntN(6), 1 + random.IntN(6), 1 + random.IntN(6)}
		for dy, room := range map[int]int{1: g.H - y, -1: y + 1} {
			limit := min(room, 1+random.IntN(30))
			var down, across [3]int32
			ok := side(a, x, y, 0, dy, limit, &most, &down)
			assert.Equal(t, side(b, y, x, dy, 0, limit, &most, &across), ok, "three runs from %d, %d on", x, y)
			assert.Equal(t, across, down, "the runs from %d, %d on, of at most %v and %d in all", x, y, most, limit)
			if ok {
				sides++
			}
		}
	}
	assert.Greater(t, sides, 100, "places with three runs")
}

// Where its rings are not fine a finder pattern is not of a Micro QR code, however whole its rim.
func TestAMicroQRCodeHasFineRings(t *testing.T) {
	var r Reader
	b := binary(circles(15, 25, 35, 0))
	for _, isFine := range []bool{false, true} {
		f := finder{at: pix.Point{X: 55, Y: 55}, module: 10, fine: isFine, rim: new(rim)}
		r.readMicro(b, []finder{f}, nil)
		assert.Equal(t, isFine, f.rim.looked, "whether its rim is looked at, where its rings are fine: %v", isFine)
	}
}
