package pdf417

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/offlane/offlane/barcode/internal/pdf417/pdf417test"
	"github.com/offlane/offlane/barcode/internal/pix"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A parabola is taken where it leaves little of a straight line's error, and never of fewer than eight points.
func TestACurveIsBentWhereThatTells(t *testing.T) {
	for n, want := range map[int]bool{7: false, 8: true, 20: true} {
		var x, y []float64
		for i := range n {
			x, y = append(x, float64(i)), append(y, float64(i*i))
		}
		f := fitCurve(x, y)
		assert.Equal(t, want, f.d != 0, "%d points of a parabola", n)
	}
	// Over these places u² - 10 and u³ - 17.8 u have no straight line in them, nor one another.
	for left, want := range map[float64]bool{0.1: true, 0.5: true, 0.65: true, 0.8: false, 0.95: false} {
		var x, y []float64
		for u := -5.0; u <= 5; u++ {
			square, cube := (u*u-10)/math.Sqrt(858), (u*u*u-17.8*u)/math.Sqrt(6177.6)
			x, y = append(x, u), append(y, math.Sqrt(1-left)*square+math.Sqrt(left)*cube)
		}
		f := fitCurve(x, y)
		assert.Equal(t, want, f.d != 0, "a parabola that leaves %v of the error", left)
	}
}

// edgesFrom are the edges of characters, one after another, from a place on.
func edgesFrom(from, module float64, of ...character) []float64 {
	edges := []float64{from}
	for _, c := range of {
		for _, w := range characters().patterns[c.cluster][c.value] {
			edges = append(edges, edges[len(edges)-1]+float64(w)*module)
		}
	}
	return edges
}

// alone is a character whose distances between like edges no other has.
func alone(t *testing.T) character {
	t.Helper()
	for k := range clusters {
		for v := range codewords {
			if of := characters().bySimilar[keyOf(similar(&characters().patterns[k][v]))]; len(of) == 1 {
				return of[0]
			}
		}
	}
	require.Fail(t, "all characters are like another")
	return character{}
}

// How far bars and spaces may be from where they are printed, in modules; ink makes all bars wider alike.
func TestEdgesOfACharacterHaveBounds(t *testing.T) {
	c := alone(t)
	for spread, want := range map[float64]bool{0: true, 0.5: true, 0.7: true, 0.8: false, -0.7: true, -0.8: false} {
		x := edgesFrom(50, 1, c)
		for i := 1; i < elements; i += 2 {
			x[i] += spread
		}
		s, ok := characters().read(x)
		assert.Equal(t, want, ok, "bars that are %v modules wider", spread)
		if ok {
			assert.Equal(t, c, s.character, "bars that are %v modules wider: the character", spread)
		}
	}
	for off, clear := range map[float64]float64{0: 1, 0.1: 0.8, 0.2: 0.6, 0.4: 0.2} {
		x := edgesFrom(50, 1, c)
		x[2] += off
		s, ok := characters().read(x)
		require.True(t, ok, "an edge that is %v modules off", off)
		assert.InDelta(t, clear, s.clear, 1e-9, "an edge that is %v modules off: how clear it is", off)
	}
}

// A character of 68 pixels may be longer or shorter by a seventh and half a pixel.
func TestACharacterIsAsWideAsExpected(t *testing.T) {
	c := alone(t)
	for more, want := range map[float64]bool{0: true, 10.6: true, -10.6: true, 10.8: false, -10.8: false, 20: false} {
		l := line{edges: edgesFrom(50, (68+more)/modules, c)}
		s, ok := l.readAt(characters(), 0, 4)
		assert.Equal(t, want, ok, "%v pixels longer", more)
		if ok {
			assert.Equal(t, c, s.character, "%v pixels longer: the character", more)
		}
	}
}

func TestAWalkFindsTheNextCharacterNearby(t *testing.T) {
	c := alone(t)
	for off, want := range map[float64]bool{0: true, 1.2: true, -1.2: true, 1.4: false, -1.4: false} {
		l := line{edges: edgesFrom(50+4*off, 4, c)}
		w := walk{x: 50, module: 4}
		_, ok := w.next(&l, characters())
		assert.Equal(t, want, ok, "a character that begins %v modules from where it is expected", off)
	}
	l := line{edges: edgesFrom(50, 4.4, c)}
	w := walk{x: 50, module: 4}
	_, ok := w.next(&l, characters())
	require.True(t, ok, "a character that is a tenth longer")
	assert.InDelta(t, 4.12, w.module, 1e-9, "the module after it follows three tenths of the change")
	assert.InDelta(t, 50+4.4*modules, w.x, 1e-9, "the next one begins where it ends")
}

// A line of a place of a row counts half for a character whose row has its middle farther away than half a row.
func TestACharacterOfTheNextRowCountsHalf(t *testing.T) {
	for place, want := range map[float64]float64{4.5: 1.1, 4.1: 1.1, 3.9: 0.55, 4.9: 1.1, 5.1: 0.55} {
		s := between(1)
		r := &Reader{table: characters(), line: line{luma: make([]byte, 400), step: 1}}
		r.grid.reset(layout{rows: 9, columns: 1})
		r.line.edges = edgesFrom(marginModules*2, 2, character{1, 3}, character{1, 7}, character{1, 3})
		s.right = nil
		r.vote(s, place, false)
		votes := r.grid.cells[4].votes
		require.Len(t, votes, 1, "at %v something is read in row 4", place)
		assert.EqualValues(t, 7, votes[0].value, "at %v: the codeword", place)
		assert.InDelta(t, want, votes[0].weight, 1e-9, "at %v: its weight", place)
	}
}

// A line that has left its row by a little has the next characters count in full again, and not at once.
func TestALineFollowsABendLittleByLittle(t *testing.T) {
	s := between(6)
	s.right = nil
	r := &Reader{table: characters(), line: line{luma: make([]byte, 400), step: 1}}
	r.grid.reset(layout{rows: 9, columns: 6})
	of := []character{{1, 3}}
	for range 6 {
		of = append(of, character{1, 7})
	}
	r.line.edges = edgesFrom(marginModules*2, 2, append(of, character{1, 3})...)
	r.vote(s, 3.2, false)
	for column := range 6 {
		votes := r.grid.cells[4*6+column].votes
		require.Len(t, votes, 1, "column %d is read in row 4", column)
		assert.InDelta(t, 0.55, votes[0].weight, 1e-9, "column %d: the line does not overtake its row", column)
	}
}

func TestACellThatIsClearIsNotCompared(t *testing.T) {
	for lead, work := range map[float64]int{0: 4000, 1.2: 4000, 1.8: 0, 5: 0} {
		r := &Reader{line: line{luma: make([]byte, 90), step: 1}}
		r.grid.reset(layout{rows: 3, columns: 1})
		r.grid.cells[0].votes = []vote{{7, lead}}
		r.match(0, 0, 6, 2)
		assert.Equal(t, work, r.work, "the looks that a cell with a lead of %v takes", lead)
	}
}

// gridOf is a grid of codewords with eight for correction, of which some are wrong, with a lead of their own.
func gridOf(t *testing.T, wrong int, lead float64) *grid {
	t.Helper()
	words := []int{16, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}
	words = append(words, pdf417test.Check(words, 8)...)
	g := &grid{}
	g.reset(layout{rows: 8, columns: 3, level: 2})
	require.Len(t, words, len(g.cells), "the codewords fill the grid")
	for i, w := range words {
		v := vote{int16(w), 2}
		if i >= 2 && i < 2+wrong {
			v = vote{int16(w+1) % prime, lead}
		}
		g.cells[i].votes = []vote{v}
	}
	return g
}

// Two codewords of the correction are kept to tell a symbol that was read wrongly.
func TestSomeCorrectionIsKeptBack(t *testing.T) {
	words := func(g *grid) (out []int) {
		for i := range g.cells {
			w, _ := g.cells[i].best()
			out = append(out, w)
		}
		return out
	}
	for _, c := range []struct {
		wrong, lost int
		want        bool
	}{{0, 0, true}, {3, 0, true}, {4, 0, false}, {2, 2, true}, {3, 1, false}, {0, 6, true}, {0, 7, false}} {
		g := gridOf(t, c.wrong, 2)
		var lost []int
		for k := range c.lost {
			lost = append(lost, 10+k)
		}
		_, ok := g.correct(words(g), lost)
		assert.Equal(t, c.want, ok, "%d wrong and %d lost of eight for correction", c.wrong, c.lost)
	}
}

// What has little lead is given up at once, with all others of which that is so.
func TestACellWithLittleLeadIsLost(t *testing.T) {
	for lead, lost := range map[float64]int{0.1: 4, 0.2: 4, 0.3: 3, 0.6: 3} {
		o, ok := gridOf(t, 4, lead).decide()
		require.True(t, ok, "four wrong codewords with a lead of %v", lead)
		assert.Equal(t, lost, o.lost, "those given up with a lead of %v", lead)
	}
}

func TestALineIsOfSomeLengthAndContrast(t *testing.T) {
	g := pix.NewGray(100, 3)
	for length, want := range map[float64]bool{1.5: false, 90: true, 20_000: true, 40_000: false} {
		var l line
		l.lay(g, pix.Point{Y: 1.5}, pix.Point{X: length, Y: 1.5}, 1, false)
		assert.Equal(t, want, len(l.luma) > 0, "a line of %v pixels", length)
	}
	var l line
	l.lay(g, pix.Point{Y: 1.5}, pix.Point{X: 90, Y: 1.5}, 10, false)
	assert.Len(t, l.luma, 45, "five samples a module of ten pixels")
	for span, want := range map[byte]bool{14: false, 18: true} {
		l := line{step: 1}
		for i := range 90 {
			l.luma = append(l.luma, 100+span*byte(i/10%2))
		}
		l.measure(measures[0])
		assert.Equal(t, want, len(l.edges) > 0, "a range of %d steps of luma has edges", span)
	}
}

// Lines are laid from three modules before the row indicators to as many behind, and keep off the borders of a row.
func TestLinesKeepOffTheBordersOfARow(t *testing.T) {
	s := between(4)
	r := &Reader{gray: pix.NewGray(300, 60), table: characters()}
	r.grid.reset(s.layout)
	r.readLines(s, 2, 0, false)
	assert.InDelta(t, 10*(2+0.15+0.75*0.7)+0.5, r.line.from.Y, 1e-9, "the second line of the last of three rows")
	assert.InDelta(t, 20-3*2, r.line.from.X, 1e-9, "where it begins")
	assert.InDelta(t, 20+34*6+3*2, r.line.to.X, 1e-9, "where it ends")
}

// What of a column shows no row indicator is left soon, and of a high one no more lines are read than tell the rows.
func TestFewLinesTellTheRows(t *testing.T) {
	blank := &Reader{gray: pix.NewGray(200, 500), table: characters()}
	c := standing(false, 20, 2, 0, 480, 99)
	blank.readRows(c)
	each := len(blank.line.luma)
	assert.Equal(t, (modules+2*3)*2, each, "a line over an indicator and three modules on both sides")
	assert.Equal(t, 13*each, blank.work, "the looks at a column that shows none")

	img := drawn(t, pdf417test.Symbol{Columns: 2, Rows: 90, Level: 5, Scale: 2}, offer)
	r := &Reader{gray: pix.FromImage(img), table: characters()}
	c = standing(false, 2*(2+17), 2, 4, 4+90*6, 99)
	r.readRows(c)
	require.True(t, c.rows.ok, "the rows are told")
	assert.Equal(t, 160*each, r.work, "the looks at a column of 540 lines")
}

// How many lines are laid to find how rows slant and how they are bent: straight first.
func TestSlantsAndBowsAreTriedInSteps(t *testing.T) {
	r := &Reader{gray: pix.NewGray(8, 8), table: characters()}
	s := between(4)
	s.right = nil
	r.turn(s, &s.layout)
	const upright = 2*modules*6 + 2*2*marginModules
	assert.InDelta(t, 21*12, float64(r.work)/upright, 12, "lines at 21 slants, some of them longer")
	for name, c := range map[string]struct{ columns, lines int }{
		"of a wide symbol": {30, 12 * (1 + 2*17)}, "of a narrow one": {4, 12 * (1 + 2*4)},
	} {
		r := &Reader{gray: pix.NewGray(8, 8), table: characters()}
		s := between(c.columns)
		r.bend(s, &s.layout)
		assert.InDelta(t, c.lines, float64(r.work)/float64(len(r.line.luma)), 3, "lines for the bows %s", name)
	}
}

// Where three quarters of the characters are read on straight lines no bow is tried.
func TestRowsThatAreReadStraightAreNoBows(t *testing.T) {
	img := drawn(t, pdf417test.Symbol{Columns: 9, Rows: 12, Level: 2, Scale: 2}, offer)
	for covered, bows := range map[float64]bool{0: false, 1: false, 3: true} { // and the one before is cut
		from := (2 + 17 + 17) * 2 / float64(img.Rect.Dx())
		hidden := coveredBy(img, from, 0, from+covered*34/float64(img.Rect.Dx()), 1, 255)
		r := &Reader{gray: pix.FromImage(hidden), table: characters()}
		s := between(9)
		s.left.inner.a, s.right.inner.a = 2*(2+17), 2*(2+17+17*11)
		s.rows = 12
		s.lines = [2]curve{{a: 3.5, b: 6}, {a: 3.5, b: 6}}
		r.bend(s, &s.layout)
		assert.Equal(t, bows, r.work > 12*len(r.line.luma), "%v and one more of ten characters hidden", covered)
	}
}

// A module at the border of a wide bar shows a fifth of the light beside it.
func TestATemplateHasALittleOfTheNeighbours(t *testing.T) {
	for _, p := range characters().patterns[0] {
		if p[0] < 3 || p[1] < 3 {
			continue
		}
		m := templateOf(&p)
		dark, light := m[1], m[p[0]+1]
		last := float64((m[p[0]-1] - light) / (dark - light))
		assert.InDelta(t, 0.78, last, 1e-4, "the last module of the first bar of %v", p)
		assert.InDelta(t, 0.22, float64((m[p[0]]-light)/(dark-light)), 1e-4, "the module behind it of %v", p)
	}
}

// modulesIn is a line of modules of five pixels.
func modulesIn(luma func(i int) float32) *line {
	l := &line{step: 1}
	for i := range modules * 5 {
		l.luma = append(l.luma, byte(math.Round(float64(128+luma(i/5)))))
	}
	return l
}

// What is compared with all characters must be like one of them, and is the surer the less it is like the next.
func TestALineIsLikeACharacterOrNot(t *testing.T) {
	bar := modulesIn(func(i int) float32 {
		if i == 8 {
			return -100
		}
		return 0
	})
	_, ok := bar.match(0, 0, 5)
	assert.False(t, ok, "one bar is like no character")

	r := rand.New(rand.NewPCG(8, 8))
	for range 20 {
		k, v := r.IntN(clusters), r.IntN(codewords)
		own := &templates()[k][v]
		s, ok := modulesIn(func(i int) float32 { return -200 * own[i] }).match(k, 0, 5)
		require.True(t, ok, "character %d of cluster %d is found", v, k)
		require.EqualValues(t, v, s.value, "the character of cluster %d", k)
		next := float32(0.8)
		for other := range templates()[k] {
			if other != v {
				next = max(next, own.dot(&templates()[k][other]))
			}
		}
		require.InDelta(t, min(1, float64(1-next)/0.06), s.clear, 0.1, "how sure character %d is", v)
	}
}
