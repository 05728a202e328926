// Package datamatrix reads Data Matrix ECC 200 (ISO/IEC 16022, with the rectangular extension of ISO/IEC 21471): square
// and rectangular, light on dark as well, and in a mirror.
package datamatrix

import (
	"cmp"
	"slices"

	"github.com/offlane/offlane/barcode/internal/datamatrix/layout"
	"github.com/offlane/offlane/barcode/internal/modules"
	"github.com/offlane/offlane/barcode/internal/pix"
	"github.com/offlane/offlane/barcode/internal/symbol"
)

// A Reader reads Data Matrix symbols from pictures. It keeps its buffers; it is for one goroutine.
type Reader struct {
	// Charset is the number of the character set of bytes that are no UTF-8 and for which the symbol names none; zero:
	// it is decided by them.
	Charset int

	modules.Meter
	outliner outliner
	ells     []ell
	likely   []ell
	shades   modules.Shades
	measure  modules.Measure
	dark     []bool
	turned   []bool
	orders   map[*layout.Size][]int
	patterns map[pattern][]modules.Mark
}

// A pattern names the marks of a size.
type pattern struct {
	size  *layout.Size
	light bool
}

// A picture is what is searched.
type picture struct {
	gray    *pix.Gray
	binary  *pix.Binary
	bundles [mostChanges]bundle
	// blurred has alternating sides told by luma.
	blurred bool
	luma    []byte // along a line
	meter   *modules.Meter
	measure *modules.Measure
}

// Read returns the symbols in b, which was made of gray, dark ones on light and light ones on dark. Those whose middle
// lies within one of known are passed over.
func (r *Reader) Read(
	gray *pix.Gray, b *pix.Binary, effort modules.Effort, known [][4]pix.Point,
) (out []symbol.Symbol) {
	x := &picture{gray: gray, binary: b, meter: &r.Meter, measure: &r.measure}
	r.Start()
	r.ells = r.ells[:0]
	r.outliner.follow(b, effort.Step, known, func(sides []side) {
		r.Add(len(r.outliner.spots))
		ells(sides, func(e ell) { r.ells = append(r.ells, e) })
	})
	r.sort(x, known)
	for _, p := range passes {
		x.blurred = p.blurred
		if p.blurred && !effort.Blurred {
			continue
		}
		all := r.likely
		if p.broken {
			all = r.ells
		}
		for _, e := range all[:min(len(all), p.most)] {
			if r.IsSpent(&effort) {
				return out
			}
			if p.broken && !(x.prolong(&e) && x.promise(&e) > 0) || pix.IsCovered(e.middle(), known) {
				continue
			}
			if s, ok := r.read(x, &e, effort); ok {
				out, known = append(out, s), append(known, s.Corners)
			}
		}
	}
	return out
}

// Corners is how many corners of solid sides the last picture had.
func (r *Reader) Corners() int { return len(r.ells) }

// sort has the largest corners stand first and, of those between whose ends dark and light alternate, the ones where
// they do as they should.
func (r *Reader) sort(x *picture, known [][4]pix.Point) {
	slices.SortStableFunc(r.ells, func(a, b ell) int { return cmp.Compare(b.extent(), a.extent()) })
	r.likely = r.likely[:0]
	for i := range r.ells[:min(len(r.ells), mostElls)] {
		e := &r.ells[i]
		if pix.IsCovered(e.middle(), known) {
			continue
		}
		if e.promise = x.promise(e); e.promise > 0 {
			if e.promise *= 2; !e.light {
				e.promise++ // most symbols are dark
			}
			r.likely = append(r.likely, *e)
		}
	}
	slices.SortStableFunc(r.likely, func(a, b ell) int { return cmp.Compare(b.promise, a.promise) })
}

// promise is zero where an alternating side cannot be, and more the more of them look like one.
func (x *picture) promise(e *ell) (n int) {
	for _, end := range [2]pix.Point{e.up, e.right} {
		in := pix.Point{X: e.corner.X - end.X, Y: e.corner.Y - end.Y}
		ok, alike := x.lively(end, e.fourthCorner(), in)
		if !ok {
			return 0
		}
		if alike {
			n++
		}
	}
	return n + 1
}

// mostElls is how many corners of solid sides are looked at in a picture: text in a box has hundreds.
const mostElls = 400

// A pass looks at so many corners, the largest first, in one way.
type pass struct {
	most int
	// broken takes sides that go on behind a gap as far as they do.
	broken bool
	// blurred has alternating sides told by luma.
	blurred bool
}

// passes are the ways, the cheapest first.
var passes = [...]pass{{most: mostElls}, {most: 12, broken: true}, {most: 8, blurred: true}}

func (e *ell) extent() float64 { return pix.Distance(e.corner, e.up) + pix.Distance(e.corner, e.right) }

func (e *ell) middle() pix.Point {
	return pix.Point{X: (e.up.X + e.right.X) / 2, Y: (e.up.Y + e.right.Y) / 2}
}

// read reads the symbol with the solid sides of an ell. Where perspective puts the fourth corner elsewhere than that of
// a parallelogram, the alternating side that is found tells where the other one ends.
func (r *Reader) read(x *picture, e *ell, effort modules.Effort) (s symbol.Symbol, ok bool) {
	down := pix.Point{X: e.corner.X - e.up.X, Y: e.corner.Y - e.up.Y}
	left := pix.Point{X: e.corner.X - e.right.X, Y: e.corner.Y - e.right.Y}
	top, above := x.dashes(e.up, e.fourthCorner(), down)
	side, beside := x.dashes(e.right, e.fourthCorner(), left)
	if above && beside {
		if s, ok = r.readBetween(x, e, &top, &side, effort); ok {
			return s, true
		}
	}
	if beside {
		if again, ok := x.dashes(e.up, side.end, down); ok && again != top {
			if s, ok = r.readBetween(x, e, &again, &side, effort); ok {
				return s, true
			}
		}
	}
	if above {
		if again, ok := x.dashes(e.right, top.end, left); ok && again != side {
			return r.readBetween(x, e, &top, &again, effort)
		}
	}
	return s, false
}

// readBetween reads the symbol between the solid sides and the alternating ones.
func (r *Reader) readBetween(x *picture, e *ell, top, side *dashed, effort modules.Effort) (s symbol.Symbol, ok bool) {
	for _, f := range r.fits(x, e, top, side) {
		if s, ok = r.readFit(x, &f, e.light, effort); ok {
			return s, true
		}
	}
	return s, false
}

// A fit is a size that a symbol may have, and how well its patterns fit.
type fit struct {
	size   *layout.Size
	turned bool // seen in a mirror, its rows are columns
	grid   modules.Grid
	solid  int     // how many of the marks are of solid sides, which stand first
	right  float64 // the share that is right of the solid or of the alternating sides, the lesser
}

const (
	// likelyPatterns is the share of the modules of the patterns that must be right before the grid has settled: of what
	// alternates by chance it is half.
	likelyPatterns = 0.6
	// leastPatterns is that share once it has.
	leastPatterns = 0.75
	// clearPatterns is that share with which the grid is moved to where all modules are clear, which takes longest.
	clearPatterns = 0.85
	// surePatterns is the share with which a grid is read before it has settled, which takes ten times as long.
	surePatterns = 0.8
	// clean is how much of the correction must be left for what such a grid reads to be right.
	clean = 0.7
	// leastContrast is how much lighter the light modules of the patterns must be than the dark ones, in luma.
	leastContrast = 8
	// mostFits is how many sizes are tried.
	mostFits = 3
	// offCount is by how many modules a count of changes may be wrong: blur swallows two.
	offCount = 2
)

// fits are the sizes that the counts of changes allow, the best first.
func (r *Reader) fits(x *picture, e *ell, top, side *dashed) (all []fit) {
	columns, rows := nextEven(top.changes+1), nextEven(side.changes+1)
	for i := range layout.Sizes {
		z := &layout.Sizes[i]
		for _, turned := range [2]bool{false, true} {
			c, w := z.Columns, z.Rows
			if turned {
				c, w = w, c
			}
			if turned && c == w || max(c-columns, columns-c, w-rows, rows-w) > offCount {
				continue
			}
			f := fit{size: z, turned: turned, solid: z.Solid()}
			if f.lay(e, top, side, c, w) && f.settle(x, r.marks(&f, e.light), 0) >= likelyPatterns {
				all = append(all, f)
			}
		}
	}
	slices.SortFunc(all, func(a, b fit) int { return cmp.Compare(b.right, a.right) })
	return all[:min(len(all), mostFits)]
}

func nextEven(n int) int { return n + n%2 }

// marks are the modules of the patterns of a fit.
func (r *Reader) marks(f *fit, light bool) []modules.Mark {
	k := pattern{f.size, light}
	if r.patterns == nil {
		r.patterns = map[pattern][]modules.Mark{}
	}
	if r.patterns[k] == nil {
		r.patterns[k] = f.size.Marks(light)
	}
	if !f.turned {
		return r.patterns[k]
	}
	var out []modules.Mark
	for _, m := range r.patterns[k] {
		out = append(out, modules.Mark{Column: int16(f.size.Rows) - 1 - m.Row, Row: int16(f.size.Columns) - 1 - m.Column,
			Dark: m.Dark})
	}
	return out
}

// lay puts a grid over the solid sides and where the middles of the alternating sides meet.
func (f *fit) lay(e *ell, top, side *dashed, columns, rows int) bool {
	d := cross(sub(top.to, top.from), sub(side.to, side.from))
	if d == 0 {
		return false
	}
	t := cross(sub(side.from, top.from), sub(side.to, side.from)) / d
	last := pix.Point{X: top.from.X + t*(top.to.X-top.from.X), Y: top.from.Y + t*(top.to.Y-top.from.Y)}
	w, h := float64(columns), float64(rows)
	m, ok := pix.Fit([]pix.Point{{}, {X: w - 0.5, Y: 0.5}, {X: w, Y: h}, {Y: h}},
		[]pix.Point{e.up, last, e.right, e.corner})
	f.grid = modules.Grid{Homography: m, Columns: columns, Rows: rows}
	return ok && f.grid.Sound()
}

func sub(a, b pix.Point) pix.Point { return pix.Point{X: a.X - b.X, Y: a.Y - b.Y} }

// settle moves the grid, if by any steps, to where the patterns are clearest, and returns the share of them that is
// right.
func (f *fit) settle(x *picture, marks []modules.Mark, step float64) float64 {
	if step > 0 {
		few := f.thin(marks)
		f.grid.Tune(step, func(g *modules.Grid) float64 { return few.contrast(g, x) })
	}
	x.meter.AddGrid(2 * len(marks))
	x.measure.Take(&f.grid, x.gray, marks)
	dark, light := x.measure.Levels()
	if f.right = 0; light-dark >= leastContrast {
		solid, alternating := x.measure.Part(0, f.solid), x.measure.Part(f.solid, len(marks))
		f.right = solid.Right((dark + light) / 2)
		dark, light = alternating.Levels()
		f.right = min(f.right, alternating.Right((dark+light)/2))
	}
	return f.right
}

// mostMarks is by how many marks of the solid and of the alternating sides each a grid is moved.
const mostMarks = 40

// A few of the marks of a fit, of the solid sides and of the alternating ones.
type few struct{ solid, alternating []modules.Mark }

func (f *fit) thin(marks []modules.Mark) few {
	return few{modules.Thin(marks[:f.solid], mostMarks), modules.Thin(marks[f.solid:], mostMarks)}
}

// contrast is how much lighter the light modules of the alternating sides are than the dark ones, and how dark the
// solid sides are. To compare these with each other would draw the alternating sides out of a blurred symbol, where all
// is light.
func (f *few) contrast(g *modules.Grid, x *picture) float64 {
	x.meter.AddGrid(len(f.solid) + len(f.alternating))
	dark, light := g.Levels(x.gray, f.alternating)
	solidDark, solidLight := g.Levels(x.gray, f.solid) // one of them is zero
	return light - dark + solidLight - solidDark
}

// readFit reads the symbol as one of a size.
func (r *Reader) readFit(x *picture, f *fit, light bool, effort modules.Effort) (s symbol.Symbol, ok bool) {
	if f.right >= surePatterns && f.grid.Sound() {
		if s, ok = r.readGrid(x, f, light); ok && s.Quality.UnusedCorrection >= clean {
			return s, ok
		}
	}
	marks := r.marks(f, light)
	if f.settle(x, marks, 0.5) < leastPatterns || !f.grid.Sound() {
		return s, false
	}
	if s, ok = r.readGrid(x, f, light); ok || !effort.Tune || f.right < clearPatterns {
		return s, ok
	}
	low, high := f.grid.Levels(x.gray, marks)
	few := f.thin(marks)
	f.grid.Tune(0.25, func(g *modules.Grid) float64 {
		r.Add(g.ClarityLooks())
		return few.contrast(g, x) + g.Clarity(x.gray, int(low+high)/2)
	})
	return r.readGrid(x, f, light)
}

// pushes are how far modules are pushed away from their neighbours, one after the other: blur mixes them.
var pushes = [...]float32{0, 0.5, 1}

// readGrid reads the modules of a grid as they are and as a mirror shows them.
func (r *Reader) readGrid(x *picture, f *fit, light bool) (s symbol.Symbol, ok bool) {
	r.AddGrid(f.grid.Columns * f.grid.Rows)
	r.shades.Take(x.gray, f.grid.Map, f.grid.Columns, f.grid.Rows, modules.Beside, light)
	for _, push := range pushes {
		r.dark = r.shades.Classify(r.dark, push)
		mirrored := false
		if !f.turned {
			s, ok = r.decode(f.size, r.dark)
		}
		if !ok && f.grid.Columns == f.size.Rows {
			mirrored = true
			r.turned = transpose(r.turned, r.dark, f.grid.Columns, f.grid.Rows)
			s, ok = r.decode(f.size, r.turned)
		}
		if !ok || !f.isSure(s.Quality.UnusedCorrection) {
			continue
		}
		s.Corners = f.grid.Corners()
		if mirrored {
			s.Corners[0], s.Corners[2] = s.Corners[2], s.Corners[0]
		}
		s.Quality.Module = f.grid.Module()
		r.shades.Quality(r.dark, &s.Quality)
		return s, true
	}
	return s, false
}

// transpose swaps rows and columns about the corner where the solid sides meet, the lower left one: what a mirror does
// to a symbol.
func transpose(out, dark []bool, columns, rows int) []bool {
	out = pix.Resize(out, len(dark))
	for y := range columns {
		for x := range rows {
			out[y*rows+x] = dark[(rows-1-x)*columns+columns-1-y]
		}
	}
	return out
}
