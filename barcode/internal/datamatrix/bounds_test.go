package datamatrix

import (
	"image"
	"testing"

	"github.com/offlane/offlane/barcode/internal/modules"
	"github.com/offlane/offlane/barcode/internal/pix"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// light is a light plane, in which fill makes pixels dark.
func light(w, h int) *pix.Gray {
	g := pix.NewGray(w, h)
	for i := range g.Pix {
		g.Pix[i] = 200
	}
	return g
}

func fill(g *pix.Gray, r image.Rectangle, luma byte) {
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			g.Row(y)[x] = luma
		}
	}
}

func seenIn(g *pix.Gray) *picture {
	b := new(pix.Binarizer).Global(g)
	return &picture{gray: g, binary: b, meter: new(modules.Meter), measure: new(modules.Measure)}
}

// A side of 50 pixels beside one of 200 goes on upwards: dark says where, counted from its end. It is looked at a pixel
// and a half inside its outline.
func TestABrokenSideGoesOn(t *testing.T) {
	for name, c := range map[string]struct {
		dark        func(y int) bool
		from, until int // the columns of pixels
		least, most float64
	}{
		"it ends":                    {func(int) bool { return false }, 10, 13, 0, 0},
		"a little more":              {func(y int) bool { return y <= 4 }, 10, 13, 0, 0},
		"more":                       {func(y int) bool { return y <= 7 }, 10, 13, 6, 8},
		"behind a gap of 22":         {func(y int) bool { return y > 22 }, 10, 13, 150, 210},
		"behind a gap of 28":         {func(y int) bool { return y > 28 }, 10, 13, 0, 0},
		"three of five pixels":       {func(y int) bool { return y%5 < 3 }, 10, 13, 5, 30},
		"four of five pixels":        {func(y int) bool { return y%5 < 4 }, 10, 13, 200, 210},
		"far beyond the other side":  {func(int) bool { return true }, 10, 13, 205, 211},
		"a rough outline":            {func(int) bool { return true }, 11, 13, 205, 211},
		"a side of two pixels":       {func(int) bool { return true }, 10, 12, 205, 211},
		"a side that is a pixel off": {func(int) bool { return true }, 12, 15, 0, 0},
	} {
		g := light(300, 500)
		for y := range 400 {
			if c.dark(y) {
				fill(g, image.Rect(c.from, 420-y, c.until, 421-y), 40)
			}
		}
		e := ell{corner: pix.Point{X: 10, Y: 470}, up: pix.Point{X: 10, Y: 420}, right: pix.Point{X: 210, Y: 470}}
		got := 420 - seenIn(g).farther(&e, e.up, e.right).Y
		assert.True(t, got >= c.least && got <= c.most, "%s: by %v, not %v to %v", name, got, c.least, c.most)
	}
}

func TestSolidSidesMeet(t *testing.T) {
	sides := func(length, sine, cosine, other float64) (a, b *side) {
		corner := pix.Point{X: 500, Y: 500}
		return &side{from: pix.Point{X: 500 + length, Y: 500}, to: corner},
			&side{from: corner, to: pix.Point{X: 500 + cosine*other, Y: 500 - sine*other}}
	}
	for name, c := range map[string]struct {
		length, sine, cosine, other float64
		want                        bool
	}{
		"at a right angle":         {100, 1, 0, 100, true},
		"at 44 degrees":            {100, 0.7, 0.714, 100, true},
		"at 30 degrees":            {100, 0.5, 0.866, 100, false},
		"one twentieth as long":    {1000, 1, 0, 50, true},
		"one thirty-third as long": {1000, 1, 0, 30, false},
	} {
		_, ok := meet(sides(c.length, c.sine, c.cosine, c.other))
		assert.Equal(t, c.want, ok, name)
	}
}

func TestOutlinesOfSomeLengthAreFollowed(t *testing.T) {
	for name, c := range map[string]struct {
		w, h            int
		outlines, pairs int
	}{
		"12 by 12 pixels": {12, 12, 0, 0},
		"14 by 14 pixels": {14, 14, 1, 4},
		"40 by 12 pixels": {40, 12, 1, 0},
		"40 by 14 pixels": {40, 14, 1, 4},
	} {
		g := light(80, 80)
		fill(g, image.Rect(20, 20, 20+c.w, 20+c.h), 40)
		var o outliner
		outlines, pairs := 0, 0
		o.follow(seenIn(g).binary, 1, nil, func(sides []side) {
			outlines++
			ells(sides, func(ell) { pairs++ })
		})
		assert.Equal(t, c.outlines, outlines, "%s: outlines", name)
		assert.Equal(t, c.pairs, pairs, "%s: pairs of sides", name)
	}
}

// dashedBar is a row of dark and light modules of ten pixels, the first of them dark, over a light plane.
func dashedBar(n int) *picture {
	g := light(10*n+60, 120)
	for k := 0; k < n; k += 2 {
		fill(g, image.Rect(20+10*k, 40, 30+10*k, 80), 40)
	}
	return seenIn(g)
}

// An alternating side of eight modules has seven changes; blur may take one.
func TestAnAlternatingSideHasSomeChanges(t *testing.T) {
	for n, want := range map[int]bool{5: false, 6: false, 7: true, 8: true, 30: true, 170: false} {
		x := dashedBar(n)
		end := 20 + 10*float64(n)
		best, ok := x.dashes(pix.Point{X: 20, Y: 55}, pix.Point{X: end, Y: 55}, pix.Point{Y: 30})
		assert.Equal(t, want, ok && best.changes >= n-1, "a side of %d modules: %d changes", n, best.changes)
	}
	for n, want := range map[int]bool{4: false, 5: true, 6: true} {
		ok, _ := dashedBar(n).lively(pix.Point{X: 20, Y: 55}, pix.Point{X: 20 + 10*float64(n), Y: 55}, pix.Point{Y: 30})
		assert.Equal(t, want, ok, "%d modules are lively", n)
	}
	ok, _ := dashedBar(3).lively(pix.Point{X: 10, Y: 55}, pix.Point{X: 60, Y: 55}, pix.Point{Y: 30})
	assert.True(t, ok, "three modules have four changes where the line begins before them")
}

func TestRunsOfAnAlternatingSideAreAlike(t *testing.T) {
	for _, c := range []struct {
		longest, shortest int
		want              bool
	}{{10, 10, true}, {25, 10, true}, {27, 10, false}, {10, 4, true}, {10, 3, false}, {40, 10, false}, {10, 1, false}} {
		r := run{n: 10, last: 100, longest: c.longest, shortest: c.shortest}
		assert.Equal(t, c.want, r.isEven(), "a mean of ten, runs of %d to %d", c.shortest, c.longest)
	}
}

// lineOf is a line of 100 pixels, and as many again, that changes at these places.
func lineOf(changes ...int) run {
	g := light(240, 20)
	for i, at := range changes {
		fill(g, image.Rect(at, 0, 240, 20), [2]byte{40, 200}[i%2])
	}
	fill(g, image.Rect(0, 15, 240, 20), 40) // there is dark in any case
	return seenIn(g).runs(pix.Point{X: 0, Y: 5}, pix.Point{X: 100, Y: 5})
}

func TestRunsEndWhereOneIsTooLong(t *testing.T) {
	for name, c := range map[string]struct {
		changes []int
		want    int
	}{
		"even runs":                         {[]int{10, 20, 30, 40, 50, 60}, 6},
		"a long run behind two changes":     {[]int{10, 20, 60}, 3},
		"a long run behind three":           {[]int{10, 20, 30, 65}, 3},
		"the first run of half the line":    {[]int{54, 80}, 2},
		"the first run of more":             {[]int{62, 80}, 0},
		"a speck behind six pixels":         {[]int{10, 20, 26, 27, 30}, 3},
		"a speck behind five pixels":        {[]int{10, 20, 25, 26, 30}, 5},
		"changes beyond the fourth corner":  {[]int{20, 40, 60, 80, 100, 120}, 6},
		"changes farther away than a third": {[]int{20, 40, 60, 80, 100, 120, 140, 160}, 6},
	} {
		assert.Equal(t, c.want, lineOf(c.changes...).n, name)
	}
	x := seenIn(light(240, 20))
	x.runs(pix.Point{X: 0, Y: 5}, pix.Point{X: 100, Y: 5})
	assert.Equal(t, 56, x.meter.Work(), "the looks at a line of 100 pixels without a change")
}

// waved is how often a line changes by luma that goes up and down by so much on a plane whose first pixels are dark.
func waved(dark, low, high byte) int {
	g := light(240, 20)
	for i := range 240 {
		v := low
		if i/8%2 == 0 {
			v = high
		}
		fill(g, image.Rect(i, 0, i+1, 20), v)
	}
	fill(g, image.Rect(0, 0, 8, 20), dark)
	return seenIn(g).waves(pix.Point{X: 0, Y: 5}, pix.Point{X: 200, Y: 5}).n
}

func TestLumaRisesAndFallsEnough(t *testing.T) {
	for _, c := range []struct {
		dark, low, high byte
		want            bool
	}{
		{0, 140, 200, true}, {0, 160, 200, false}, // of a range of 200 a quarter
		{100, 100, 104, true}, {100, 100, 103, false},
	} {
		n := waved(c.dark, c.low, c.high)
		assert.Equal(t, c.want, n > 6, "waves from %d to %d, %d is the darkest: %d changes", c.low, c.high, c.dark, n)
	}
}

func TestFewCornersOfAPictureAreLookedAt(t *testing.T) {
	d := drawn(t, offer)
	x := seenIn(pix.FromImage(d.Image(2, 5)))
	foot := float64(5 * (d.Rows + 2))
	var r Reader
	for range 500 {
		r.ells = append(r.ells, ell{corner: pix.Point{X: 10, Y: foot}, up: pix.Point{X: 10, Y: 10},
			right: pix.Point{X: foot, Y: foot}})
	}
	r.sort(x, nil)
	assert.Len(t, r.likely, 400, "of 500 likely corners")
}

// fitOf lays a grid over a drawing of five pixels a module where it lies.
func fitOf(t *testing.T, rows, columns int, g *pix.Gray) (f *fit, x *picture, r *Reader) {
	t.Helper()
	f = &fit{size: sizeOf(t, rows, columns)}
	f.solid = f.size.Solid()
	w, h := float64(5*columns), float64(5*rows)
	f.grid = modules.NewGrid(columns, rows, &[4]pix.Point{{X: 10, Y: 10}, {X: 10 + w, Y: 10}, {X: 10 + w, Y: 10 + h},
		{X: 10, Y: 10 + h}})
	r = &Reader{}
	x = seenIn(g)
	x.meter = &r.Meter
	return f, x, r
}

func TestPatternsAreLighterAndDarkerInTurn(t *testing.T) {
	d := drawn(t, offer)
	for name, c := range map[string]struct {
		dark, light byte
		wrong       int // of the 42 modules of the alternating sides
		least, most float64
	}{
		"as printed":          {40, 200, 0, 1, 1},
		"eight steps of luma": {100, 108, 0, 1, 1},
		"seven steps of luma": {100, 107, 0, 0, 0},
		"a quarter wrong":     {40, 200, 10, 0.7, 0.8},
	} {
		g := pix.FromImage(d.Image(2, 5))
		for i, v := range g.Pix {
			if g.Pix[i] = c.light; v == 0 {
				g.Pix[i] = c.dark
			}
		}
		f, x, r := fitOf(t, d.Rows, d.Columns, g)
		marks := r.marks(f, false)
		for _, m := range marks[f.solid : f.solid+c.wrong] {
			luma := c.dark
			if m.Dark {
				luma = c.light
			}
			at := image.Pt(10+5*int(m.Column), 10+5*int(m.Row))
			fill(g, image.Rectangle{Min: at, Max: at.Add(image.Pt(5, 5))}, luma)
		}
		got := f.settle(x, marks, 0)
		assert.True(t, got >= c.least && got <= c.most, "%s: %v are right, not %v to %v", name, got, c.least, c.most)
	}
}

// withWrong is a drawing with so many wrong modules of the alternating sides and so many wrong codewords.
func withWrong(t *testing.T, alternating, codewords int) (f *fit, x *picture, r *Reader) {
	t.Helper()
	d := drawn(t, offer)
	z := sizeOf(t, d.Rows, d.Columns)
	flip := func(i int) { d.Dark[i] = !d.Dark[i] }
	marks := z.Marks(false)[z.Solid():]
	for i := range alternating { // all over: five and their number have no common factor
		m := marks[i*5%len(marks)]
		flip(int(m.Row)*d.Columns + int(m.Column))
	}
	order := z.Order()
	for k := range codewords {
		flip(order[8*k])
	}
	return fitOf(t, d.Rows, d.Columns, pix.FromImage(d.Image(2, 5)))
}

// Three quarters of the patterns must be right once the grid has settled.
func TestASymbolIsReadWhereItsPatternsAre(t *testing.T) {
	for wrong, want := range map[int]bool{0: true, 8: true, 13: false, 16: false} {
		f, x, r := withWrong(t, wrong, 0)
		s, ok := r.readFit(x, f, false, modules.Effort{})
		assert.Equal(t, want, ok, "%d modules of the alternating sides are wrong: %.2f are right", wrong, f.right)
		if ok {
			assert.Equal(t, offer, s.Text, "with %d wrong: the text", wrong)
		}
	}
}

// Of what alternates by chance half is right.
func TestSizesWhosePatternsAreLikely(t *testing.T) {
	for wrong, want := range map[int]int{0: 1, 12: 1, 19: 0, 21: 0} {
		f, x, r := withWrong(t, wrong, 0)
		c := f.grid.Corners()
		e := &ell{corner: c[3], up: c[0], right: c[2]}
		n := f.size.Columns - 1
		top := &dashed{from: f.grid.Map(0.5, 0.5), to: f.grid.Map(float64(n)+0.5, 0.5), changes: n}
		side := &dashed{from: f.grid.Map(float64(n)+0.5, float64(n)+0.5), to: f.grid.Map(float64(n)+0.5, 0.5), changes: n}
		assert.Len(t, r.fits(x, e, top, side), want, "%d modules of the alternating sides are wrong", wrong)
	}
}

// A grid that fits well is read as it lies, and so it stays where few codewords were wrong; to settle it takes longer.
func TestAGridThatFitsIsNotMoved(t *testing.T) {
	for _, c := range []struct {
		right     float64
		codewords int
		moved     bool
	}{{1, 0, false}, {0.85, 0, false}, {0.75, 0, true}, {1, 2, false}, {1, 4, true}} {
		f, x, r := withWrong(t, 0, c.codewords)
		f.right = c.right
		s, ok := r.readFit(x, f, false, modules.Effort{})
		require.True(t, ok, "the symbol is read")
		assert.Equal(t, offer, s.Text, "the text")
		at := 4 * f.size.Columns * f.size.Rows
		assert.Equal(t, c.moved, r.Work() > at, "a share of %v right and %d codewords wrong: looks", c.right, c.codewords)
	}
}

// What is not read is moved to where all modules are clear, but for a grid that fits badly.
func TestAGridThatFitsBadlyIsNotMovedAgain(t *testing.T) {
	for wrong, want := range map[int]bool{0: true, 3: true, 8: false} {
		var work [2]int
		for i, tune := range []bool{false, true} {
			f, x, r := withWrong(t, wrong, 20)
			_, ok := r.readFit(x, f, false, modules.Effort{Tune: tune})
			require.False(t, ok, "twenty wrong codewords are too many")
			work[i] = r.Work()
		}
		assert.Equal(t, want, work[1] > work[0], "%d modules of the alternating sides are wrong: it is moved", wrong)
	}
}

func TestAGridIsMovedBySomeMarks(t *testing.T) {
	z := sizeOf(t, 144, 144)
	f := fit{size: z, solid: z.Solid()}
	few := f.thin(z.Marks(false))
	for _, marks := range [][]modules.Mark{few.solid, few.alternating} {
		assert.Greater(t, len(marks), 20, "marks of the largest symbol")
		assert.LessOrEqual(t, len(marks), 40, "marks of the largest symbol")
	}
}
