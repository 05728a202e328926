package qr

import (
	"math"
	"testing"

	"github.com/offlane/offlane/barcode/internal/pix"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// cut are the edges between runs of these lengths.
func cut(runs ...int32) *[6]int32 {
	var e [6]int32
	for i, w := range runs {
		e[i+1] = e[i] + w
	}
	return &e
}

// Of 70 pixels the middle run has 14 to 46, the others two to 18, whatever is beside them.
func TestRunsOfAFinderPatternHaveBounds(t *testing.T) {
	for name, c := range map[string]struct {
		runs []int32
		want bool
	}{
		"as printed":                   {[]int32{10, 10, 30, 10, 10}, true},
		"a pixel a module":             {[]int32{1, 1, 3, 1, 1}, true},
		"less than a pixel a module":   {[]int32{1, 1, 2, 1, 1}, false},
		"a narrow middle":              {[]int32{14, 14, 14, 14, 14}, true},
		"a narrower middle":            {[]int32{14, 14, 13, 14, 15}, false},
		"a wide middle":                {[]int32{6, 6, 46, 6, 6}, true},
		"a wider middle":               {[]int32{6, 6, 47, 6, 5}, false},
		"one of two pixels":            {[]int32{2, 12, 32, 12, 12}, true},
		"one of a pixel":               {[]int32{1, 13, 32, 12, 12}, false},
		"the last one of a pixel":      {[]int32{12, 13, 32, 12, 1}, false},
		"one of 18 pixels":             {[]int32{10, 18, 22, 10, 10}, true},
		"one of 19 pixels":             {[]int32{10, 19, 22, 10, 9}, false},
		"the one before the last wide": {[]int32{10, 10, 22, 19, 9}, false},
	} {
		assert.Equal(t, c.want, mayBeFinder(cut(c.runs...)), name)
	}
}

// rings is a plane with a finder pattern in its middle of so many pixels a module across and down.
func rings(across, down int) *pix.Gray {
	g := pix.NewGray(11*across, 11*down)
	for i := range g.Pix {
		d := max(abs(i%g.W/across-5), abs(i/g.W/down-5))
		if g.Pix[i] = 255; d < 2 || d == 3 {
			g.Pix[i] = 0
		}
	}
	return g
}

func binary(g *pix.Gray) *pix.Binary { return new(pix.Binarizer).Global(g) }

func TestAFinderPatternSeenAtASlant(t *testing.T) {
	for _, c := range []struct {
		across, down int
		want         bool
	}{{5, 5, true}, {12, 5, true}, {13, 5, false}, {5, 12, true}, {5, 13, false}} {
		var r Reader
		r.findAll(binary(rings(c.across, c.down)), 1)
		assert.Equal(t, c.want, len(r.finders[0]) > 0, "modules of %d by %d pixels", c.across, c.down)
	}
}

func TestCutsOfOneFinderPatternMeet(t *testing.T) {
	f := finder{at: pix.Point{X: 100, Y: 100}, module: 2}
	for _, c := range []struct {
		x, y, module float64
		want         bool
	}{
		{100, 100, 2, true}, {102.8, 100, 2, true}, {103.2, 100, 2, false}, {100, 97.2, 2, true}, {100, 96.8, 2, false},
		{100, 100, 3.1, true}, {100, 100, 3.3, false}, {100, 100, 1.3, true}, {100, 100, 1.2, false},
	} {
		got := f.meets(pix.Point{X: c.x, Y: c.y}, c.module)
		assert.Equal(t, c.want, got, "a cut at %v, %v of a module of %v", c.x, c.y, c.module)
	}
	for y, want := range map[int]int32{100: 0, 114: 0, 115: -1, 200: -1} {
		var o open
		o.clear(300)
		o.add(0, 100)
		got := o.find([]finder{f}, f.at, 2, y)
		assert.Equal(t, want, got, "one in row 100 is passed in row %d", y)
	}
}

// What is seen in few rows of its inner square is none, and of very many no more are looked at than a sheet has.
func TestAFinderPatternIsSeenInSomeRows(t *testing.T) {
	b := binary(rings(10, 10))
	for hits, want := range map[int]int{5: 0, 7: 1, 30: 1} {
		var r Reader
		r.read(b, []finder{{at: pix.Point{X: 55, Y: 55}, module: 10, hits: hits}}, Effort{Step: 1}, nil)
		assert.Len(t, r.Likely, want, "one seen in %d of 30 rows", hits)
	}
	many := make([]finder, 5000)
	for i := range many {
		many[i] = finder{module: 1, hits: 3}
	}
	var r Reader
	r.read(binary(pix.NewGray(8, 8)), many, Effort{Step: 1, Micro: true}, nil)
	assert.Len(t, r.rims, 4096, "those of 5,000 that are looked at")
}

// circles is a plane whose rings are circles: the inner disc, the light ring and the dark one end at these radii, the
// middle of that lies so far off.
func circles(inner, light, ring, off float64) *pix.Gray {
	g := pix.NewGray(110, 110)
	for i := range g.Pix {
		x, y := float64(i%g.W)+0.5-55, float64(i/g.W)+0.5-55
		d := math.Hypot(x, y)
		if g.Pix[i] = 255; d < inner || d > light && math.Hypot(x-off, y) < ring {
			g.Pix[i] = 0
		}
	}
	return g
}

// The rings end at three and five sevenths of the way to the third, but for an eighth and a step of the look, and that
// reaches as far to one side as to the other, but for a fifth.
func TestRingsOfAFinderPatternHaveBounds(t *testing.T) {
	for name, c := range map[string]struct {
		inner, light, ring, off float64
		want                    bool
	}{
		"as printed":              {15, 25, 35, 0, true},
		"a second ring four off":  {15, 29.4, 35, 0, true},
		"a second ring eight off": {15, 33, 35, 0, false},
		"a first ring four off":   {19.4, 25, 35, 0, true},
		"a first ring eight off":  {23, 26, 35, 0, false},
		"four to one side":        {15, 25, 35, 4, true},
		"nine to one side":        {15, 24, 35, 9, false},
	} {
		f := finder{at: pix.Point{X: 55, Y: 55}, module: 10, rim: new(rim)}
		f.judge(binary(circles(c.inner, c.light, c.ring, c.off)), 0)
		assert.Equal(t, c.want, f.fine, name)
	}
}

// A rim is two modules away at least and seven and a half at most.
func TestARimIsSomeModulesAway(t *testing.T) {
	b := binary(circles(15, 25, 35, 0))
	for module, want := range map[float64]bool{4.5: false, 5: true, 10: true, 16: true, 20: false} {
		f := finder{at: pix.Point{X: 55, Y: 55}, module: module}
		p, ok := f.edge(b, pix.Point{X: 1})
		assert.Equal(t, want, ok, "a rim of 35 pixels where a module has %v", module)
		if ok {
			assert.InDelta(t, 55+35, p.X, 0.35, "where it is, with a module of %v", module)
		}
	}
}

// three are finder patterns of a module of one pixel at a corner and at two places seen from there.
func three(x1, y1, x2, y2 float64) (a, b, c *finder) {
	at := func(x, y float64) *finder {
		return &finder{at: pix.Point{X: x, Y: y}, module: 1, hits: 3, seen: 1, fine: true}
	}
	return at(0, 0), at(x1, y1), at(x2, y2)
}

func TestThreeFinderPatternsOfASymbol(t *testing.T) {
	turned := func(cos float64) (x, y float64) { return 30 * cos, 30 * math.Sqrt(1-cos*cos) }
	x65, y65 := turned(-0.65)
	x75, y75 := turned(-0.75)
	for name, c := range map[string]struct {
		x1, y1, x2, y2 float64
		want           bool
	}{
		"as printed":                   {14, 0, 0, 14, true},
		"a little nearer":              {10.5, 0, 0, 10.5, true},
		"too near":                     {9.5, 0, 0, 9.5, false},
		"a little farther":             {185, 0, 0, 185, true},
		"too far":                      {195, 0, 0, 195, false},
		"sides of two and two fifths":  {20, 0, 0, 48, true},
		"sides of two and three":       {20, 0, 0, 52, false},
		"an angle of 130 degrees":      {30, 0, x65, y65, true},
		"an angle of nearly 140":       {30, 0, x75, y75, false},
		"the corner is not the first":  {30, 0, 30, 30, true},
		"the corner is not the second": {30, 30, 0, 30, true},
	} {
		a, b, d := three(c.x1, c.y1, c.x2, c.y2)
		_, ok := makeTriple(a, b, d)
		assert.Equal(t, c.want, ok, name)
	}
	for module, want := range map[float64]bool{2.1: true, 2.3: false, 0.48: true, 0.43: false} {
		a, b, c := three(40, 0, 0, 40)
		c.module = module
		_, ok := makeTriple(a, b, c)
		assert.Equal(t, want, ok, "one of them has a module of %v", module)
	}
	for fine, want := range map[int]bool{1: false, 2: true, 3: true} {
		a, b, c := three(40, 0, 0, 40)
		for _, f := range []*finder{a, b, c}[fine:] {
			f.fine = false
		}
		_, ok := makeTriple(a, b, c)
		assert.Equal(t, want, ok, "%d of them have fine rings", fine)
	}
}

// alone is a finder pattern of a module of one pixel whose rim was looked at in so many directions.
func alone(x, y float64, rimmed int) *finder {
	f := &finder{at: pix.Point{X: x, Y: y}, module: 1, fine: true, rim: &rim{looked: true, n: rimmed}}
	for i := range rimmed {
		d := directions[i%rays]
		r := 3.5 / max(math.Abs(d.X), math.Abs(d.Y))
		f.rim.points[i] = pix.Point{X: x + r*d.X, Y: y + r*d.Y}
	}
	return f
}

func TestTwoFinderPatternsOfASymbol(t *testing.T) {
	for d, want := range map[float64]bool{11: false, 13: true, 100: true, 235: true, 245: false} {
		_, ok := newCouple(nil, alone(0, 0, rays), alone(d, 0, rays))
		assert.Equal(t, want, ok, "%v modules apart", d)
	}
	for rimmed, want := range map[int]bool{47: false, 48: true, 64: true} {
		_, ok := newCouple(nil, alone(0, 0, rays), alone(40, 0, rimmed))
		assert.Equal(t, want, ok, "a rim in %d of 64 directions", rimmed)
	}
	for degrees, want := range map[float64]bool{0: true, 21: true, 24: false, 45: false, 66: false, 69: true, 80: true} {
		sin, cos := math.Sincos(degrees * math.Pi / 180)
		c, ok := newCouple(nil, alone(0, 0, rays), alone(40*cos, 40*sin, rays))
		require.True(t, ok, "they may belong together")
		assert.Equal(t, want, c.beside, "at %v degrees they are side by side", degrees)
	}
	at := func(x float64) Likely { return Likely{At: pix.Point{X: x}, Module: 1} }
	for d, want := range map[float64]bool{9: false, 11: true, 200: true, 240: true, 260: false} {
		assert.Equal(t, want, IsPromising([]Likely{at(0), at(d)}, nil), "likely ones %v modules apart", d)
	}
}

// Of the triples with one corner eight are tried, where the paper is taken as bent two.
func TestFewTriplesOfACornerMayFail(t *testing.T) {
	b := binary(pix.NewGray(200, 200))
	for papers, want := range map[papers]int{flatPaper: 8, bentPaper: 2} {
		corner, right, below := three(40, 0, 0, 40)
		for _, f := range []*finder{corner, right, below} {
			f.rim = new(rim)
		}
		tried := func(n int) int {
			r := Reader{effort: all()}
			var triples []triple
			for range n {
				other := *right
				other.rim = new(rim)
				triples = append(triples, triple{corner: corner, right: &other, below: below})
			}
			require.Empty(t, r.readTriples(b, triples, all(), search{papers, 100}, nil), "nothing is there")
			return r.work
		}
		assert.Equal(t, want*tried(1), tried(20), "the work of 20 triples, of which %d are tried", want)
	}
}

// TestTriplesThatFitNothingAreNotTriedAgain holds that such a triple takes work once on paper of each shape.
func TestTriplesThatFitNothingAreNotTriedAgain(t *testing.T) {
	b := binary(pix.NewGray(200, 200))
	corner, right, below := three(40, 0, 0, 40)
	for _, f := range []*finder{corner, right, below} {
		f.rim = new(rim)
	}
	r := Reader{effort: all()}
	one := triple{corner: corner, right: right, below: below}
	work := func(papers papers) int {
		before := r.Work()
		_, ok := r.try(b, one, papers)
		assert.False(t, ok, "nothing is there")
		return r.Work() - before
	}
	assert.Positive(t, work(flatPaper), "the first try takes work")
	assert.Zero(t, work(flatPaper), "the second one takes none")
	assert.Positive(t, work(flatPaper|bentPaper), "paper of another shape was not tried")
	assert.Zero(t, work(bentPaper), "now it was")
	r.takeBack()
	assert.Positive(t, work(flatPaper), "rims that are lent anew are those of others")
}

func TestNeighboursOfAFinderPattern(t *testing.T) {
	f := sheetOfFinders(12, 9, 21)
	nearTriples(nil, f, Effort{})
	assert.Len(t, nearest(nil, f, len(f)/2), 20, "those that are looked at")
	for seen, want := range map[float64]int{0.55: 0, 0.65: 1} {
		a, b, c := three(40, 0, 0, 40)
		all := []finder{*a, *b, *c}
		for i := range all {
			all[i].seen, all[i].rim = seen, new(rim)
		}
		var r Reader
		r.readNear(binary(pix.NewGray(8, 8)), all, Effort{Work: math.MaxInt, Late: func() bool { return true }}, nil)
		assert.Len(t, r.triples, want, "triples of finder patterns seen in %v of their rows", seen)
	}
}

func TestLinesThroughARim(t *testing.T) {
	at := func(x, y float64) pix.Point { return pix.Point{X: x, Y: y} }
	_, ok := fitLine([]pix.Point{at(0, 0), at(1, 0), at(2, 0)})
	assert.False(t, ok, "three points make no side")
	_, ok = fitLine([]pix.Point{at(0, 0), at(1, 0), at(2, 0), at(3, 0)})
	assert.True(t, ok, "four do")
	for off, kept := range map[float64]bool{1.85: true, 2.2: false} {
		var p []pix.Point
		for x := range 20 {
			p = append(p, at(float64(x), float64(2*(x%2)-1)))
		}
		without := leastSquares(p)
		p = append(p, at(9.5, off))
		with := leastSquares(p)
		got, _ := fitLine(p)
		want := without
		if kept {
			want = with
		}
		assert.InDelta(t, want.c, got.c, 1e-9, "a point that is %v off, where others are one: it is kept %v", off, kept)
	}
	for sine, want := range map[float64]bool{0.04: false, 0.06: true, 1: true} {
		_, ok := line{a: 0, b: 1}.meets(line{a: sine, b: math.Sqrt(1 - sine*sine)})
		assert.Equal(t, want, ok, "the sine of the angle is %v", sine)
	}
}
