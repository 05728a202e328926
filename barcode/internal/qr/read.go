package qr

import (
	"cmp"
	"math"
	"slices"

	"github.com/offlane/offlane/barcode/internal/pix"
	"github.com/offlane/offlane/barcode/internal/symbol"
)

// Effort says how much to try.
type Effort struct {
	// Triples is how many triples of finder patterns to try in a binary picture.
	Triples int
	// Finders is how many finder patterns to take into account.
	Finders int
	// Seen is the share of its rows in which a finder pattern must have been seen, Round the share of its rim that must
	// be there; zero: what damage and glare leave.
	Seen, Round float64
	// Cost is what a triple may differ from three equal finder patterns at a right angle; zero: anything.
	Cost float64
	// Pairs is how many guesses to try with two finder patterns where three tell nothing.
	Pairs int
	// Curves looks for symbols on bent paper, and takes codewords that glare or stains make doubtful as lost.
	Curves bool
	// Fit is the share of the fixed modules that must be right; zero: what damage and glare leave.
	Fit float64
	// Step looks for finder patterns in every so many rows.
	Step int
	// Work ends the search of a picture after so many looks at pixels, Late when it says so.
	Work int
	Late func() bool
	// QR and Micro say what to read.
	QR, Micro bool
	// Both looks for light symbols on dark even where there are dark ones on light.
	Both bool
}

// A Reader reads QR codes from binary pictures. It keeps its buffers; it is for one goroutine.
type Reader struct {
	// Finders is how many likely finder patterns the last Read saw outside of the symbols known.
	Finders int
	// Charset is the number of the character set of bytes that are no UTF-8 and for which the symbol names none; zero:
	// it is decided by them.
	Charset int

	finders [2][]finder // of dark symbols and of light ones
	open    [2][]int32  // those that a row to come may still meet
	edges   []int32
	triples []triple
	rims    []*[rays]pix.Point
	pins    []pin
	couples []couple
	guesses []pair
	turns   []float64 // of the sides of each finder pattern
	modules modules
	sizes   []int
	told    []int // the sizes that version information says
	bits    []byte
	work    int // looks at pixels since Begin
	shades  shades
	effort  Effort
	gray    *pix.Gray // what the binary picture was made of
	cells   map[int][]cell
	// functions are the function modules of each size.
	functions map[int][]bool
}

// Begin begins the count of work for another picture.
func (r *Reader) Begin() { r.work = 0 }

// Work is how many looks at pixels were taken since Begin, but for those that every picture gets.
func (r *Reader) Work() int { return r.work }

// Read returns the symbols in b, dark ones on light and light ones on dark. Those whose middle lies within one of known
// are passed over. Gray is what b was made of.
func (r *Reader) Read(gray *pix.Gray, b *pix.Binary, effort Effort, known [][4]pix.Point) (out []symbol.Symbol) {
	r.gray, r.effort, r.Finders = gray, effort, 0
	r.findAll(b, effort.Step)
	view := *b
	for k := range r.finders {
		for _, s := range r.read(&view, r.finders[k], effort, known) {
			out, known = append(out, s), append(known, s.Corners)
		}
		if len(out) > 0 && !effort.Both {
			break
		}
		view.Invert()
	}
	return out
}

// read returns the dark symbols.
func (r *Reader) read(b *pix.Binary, all []finder, effort Effort, known [][4]pix.Point) []symbol.Symbol {
	for i := range all {
		f := &all[i] // the inner square is three modules high, of which every step'th row was looked at
		f.seen = float64(f.hits*effort.Step) / (3 * f.module)
	}
	all = slices.DeleteFunc(all, func(f finder) bool {
		return f.seen < effort.Seen || f.hits*effort.Step < 2 && f.module > 3 || covered(f.at, known)
	})
	slices.SortFunc(all, func(a, b finder) int { return cmp.Compare(b.hits, a.hits) })
	all = all[:min(len(all), mostFinders)]
	r.lendRims(all)
	if effort.Round > 0 {
		all = slices.DeleteFunc(all, func(f finder) bool { return f.round(b) < effort.Round })
	}
	var out []symbol.Symbol
	if effort.QR {
		out = r.readNear(b, all, effort, known)
		for _, s := range out {
			known = append(known, s.Corners)
		}
		all = slices.DeleteFunc(all, func(f finder) bool { return covered(f.at, known) })
	}
	r.Finders += len(all)
	all = all[:min(len(all), effort.Finders)]
	if effort.QR {
		for _, s := range r.readQR(b, all, effort, known) {
			out, known = append(out, s), append(known, s.Corners)
		}
	}
	if effort.QR && effort.Pairs > 0 && len(out) == 0 {
		out = r.readPairs(b, all, effort, known)
	}
	if effort.Micro {
		out = append(out, r.readMicro(b, all, known)...)
	}
	return out
}

// mostFinders is how many finder patterns of a picture are taken into account at all: those of a thousand symbols.
const mostFinders = 4096

// lendRims gives each finder pattern room for its rim.
func (r *Reader) lendRims(all []finder) {
	for len(r.rims) < len(all) {
		r.rims = append(r.rims, new([rays]pix.Point))
	}
	for i := range all {
		all[i].rim = r.rims[i]
	}
}

// readQR reads the QR codes of triples of finder patterns, the likeliest of all.
func (r *Reader) readQR(b *pix.Binary, all []finder, effort Effort, known [][4]pix.Point) []symbol.Symbol {
	r.triples = triples(r.triples[:0], all, effort)
	return r.readTriples(b, r.triples, effort, search{effort.papers(), effort.Triples}, known)
}

// covered says whether p lies within one of the quadrangles.
func covered(p pix.Point, known [][4]pix.Point) bool {
	return slices.ContainsFunc(known, func(q [4]pix.Point) bool {
		for i, a := range q {
			b := q[(i+1)%4]
			if (b.X-a.X)*(p.Y-a.Y)-(b.Y-a.Y)*(p.X-a.X) < 0 {
				return false
			}
		}
		return true
	})
}

// try reads the symbol of one triple.
func (r *Reader) try(b *pix.Binary, t triple, papers papers) (symbol.Symbol, bool) {
	r.work += workOfTry
	pins, sizes := r.measure(b, &t)
	r.pins = pins
	return r.fit(b, pins, r.informed(b, &t, pins, sizes), papers)
}

// workOfTry is the looks at pixels that take as long as to measure three finder patterns.
const workOfTry = 3 * rays * 40

// workOfSearch is that of looking for an alignment pattern.
const workOfSearch = 20_000

// papers are the shapes of paper to try.
type papers uint8

const (
	flatPaper papers = 1 << iota
	bentPaper
)

// papers returns the shapes that an effort tries.
func (e Effort) papers() papers {
	if e.Curves {
		return flatPaper | bentPaper
	}
	return flatPaper
}

// fit reads the symbol that the pins hold, of one of the sizes, on paper of one of the shapes.
func (r *Reader) fit(b *pix.Binary, pins []pin, sizes []int, papers papers) (symbol.Symbol, bool) {
	for _, size := range sizes {
		if papers&flatPaper == 0 {
			break
		}
		if s, ok := r.on(b, pins, size, curve{}); ok {
			return s, true
		}
	}
	for _, size := range sizes {
		if papers&bentPaper == 0 {
			break
		}
		if c := r.bent(b, pins, size); c != (curve{}) {
			if s, ok := r.on(b, pins, size, c); ok {
				return s, true
			}
		}
	}
	return symbol.Symbol{}, false
}

// on reads the symbol as one of a size on paper of a shape.
func (r *Reader) on(b *pix.Binary, pins []pin, size int, c curve) (symbol.Symbol, bool) {
	var g grid
	if r.place(b, &g, pins, size, c) < max(leastFit, r.effort.Fit) {
		return symbol.Symbol{}, false
	}
	return r.attempt(b, &g, r.decode)
}

// attempt reads the modules of a grid in one way after the other: off the binary picture, then as they are lighter or
// darker than those around them.
func (r *Reader) attempt(b *pix.Binary, g *grid, decode func(*modules) (reading, bool)) (symbol.Symbol, bool) {
	r.shades.size = 0
	r.work += 10 * g.size * g.size
	for way := range 5 {
		switch way {
		case 0:
			g.sample(&r.modules, b, 1)
		case 1:
			g.sample(&r.modules, b, len(probes))
		case 2:
			r.shades.take(g, r.gray, b.Negative())
			r.shades.classify(&r.modules, 0)
		default:
			r.shades.classify(&r.modules, float32(way-2)*0.5)
		}
		if s, ok := decode(&r.modules); ok {
			return r.measured(b, g, s), true
		}
	}
	if g.size >= 21 && r.effort.Curves {
		r.shades.classify(&r.modules, 0)
		if s, ok := r.decodeDoubtful(&r.modules); ok {
			return r.measured(b, g, s), true
		}
	}
	return symbol.Symbol{}, false
}

// measured is what was read, with its corners and quality.
func (r *Reader) measured(b *pix.Binary, g *grid, s reading) symbol.Symbol {
	if s.mirrored {
		r.modules.transpose()
	}
	if r.shades.size == 0 {
		r.shades.take(g, r.gray, b.Negative())
	}
	s.Corners = g.corners(s.mirrored)
	s.Quality.Module = module(s.Corners, g.size)
	r.shades.quality(&r.modules, &s.Quality)
	return s.Symbol
}

// pins tie places in the picture to modules: those of a finder are counted from its outer corner,
// others from the symbol's.
type pin struct {
	finder int // 0 corner, 1 right, 2 below, 3 none
	u, v   float64
	at     pix.Point
}

func (p pin) module(size int) pix.Point {
	off := float64(size - 7)
	switch p.finder {
	case 1:
		return pix.Point{X: p.u + off, Y: p.v}
	case 2:
		return pix.Point{X: p.u, Y: p.v + off}
	}
	return pix.Point{X: p.u, Y: p.v}
}

// measure returns the pins of the three finders and the sizes that their distances allow, the likeliest first.
func (r *Reader) measure(b *pix.Binary, t *triple) ([]pin, []int) {
	f := [3]*finder{t.corner, t.right, t.below}
	p, q := far(f[0].at, f[1].at), far(f[0].at, f[2].at)
	m := t.corner.module
	fr := frame{
		u: pix.Point{X: (f[1].at.X - f[0].at.X) / p * m, Y: (f[1].at.Y - f[0].at.Y) / p * m},
		v: pix.Point{X: (f[2].at.X - f[0].at.X) / q * m, Y: (f[2].at.Y - f[0].at.Y) / q * m},
	}
	pins := r.pins[:0]
	var across, down, n, nd float64
	for i := range f {
		pins = append(pins, pin{i, 3.5, 3.5, f[i].at})
		c, ok := f[i].corners(b, fr)
		if !ok {
			continue
		}
		for k, o := range [4][2]float64{{0, 0}, {7, 0}, {7, 7}, {0, 7}} {
			pins = append(pins, pin{i, o[0], o[1], c[k]})
		}
		if i != 2 {
			across, n = across+(far(c[0], c[1])+far(c[3], c[2]))/14, n+1
		}
		if i != 1 {
			down, nd = down+(far(c[0], c[3])+far(c[1], c[2]))/14, nd+1
		}
	}
	if n == 0 {
		across, n = t.corner.module+t.right.module, 2
	}
	if nd == 0 {
		down, nd = t.corner.module+t.below.module, 2
	}
	return pins, r.sizesNear(p/(across/n)+7, q/(down/nd)+7)
}

// sizesNear returns the sizes 4n+17 nearest to two measures.
func (r *Reader) sizesNear(a, b float64) []int {
	middle := (a + b) / 2
	nearest := 17 + 4*int(math.Round((middle-17)/4))
	other := nearest + 4
	if middle < float64(nearest) {
		other = nearest - 4
	}
	all := append(r.sizes[:0], nearest, other, 2*nearest-other)
	if nearest >= 45 {
		all = append(all, nearest+8, nearest-8)
	}
	r.sizes = all
	return slices.DeleteFunc(all, func(n int) bool { return n < 21 || n > 177 })
}

// bent returns the shape of the paper that the timing and alignment patterns fit best, if it is not flat: in steps of a
// quarter of a module, along the rows, along the columns, then both. The finder patterns fit any. A shape is given up
// when it misses more than the best one.
func (r *Reader) bent(b *pix.Binary, pins []pin, size int) curve {
	flat, ok := lay(pins, size, curve{})
	if !ok || !r.likely(b, &flat) {
		return curve{}
	}
	cells := r.fixed(size)[finderCells:]
	all := len(probes) * len(cells)
	best, least := curve{}, misses(b, &flat, cells, len(probes), all)
	try := func(c curve) {
		g, ok := lay(pins, size, c)
		r.work += all
		if !ok {
			return
		}
		if n := misses(b, &g, cells, len(probes), least-1); n < least {
			least, best = n, c
		}
	}
	for n := -12; n <= 12; n++ {
		try(curve{rows: float64(n) / 4})
		try(curve{columns: float64(n) / 4})
	}
	first := best
	for n := -4; n <= 4; n++ {
		try(curve{rows: first.rows + float64(n)/4, columns: first.columns})
		try(curve{rows: first.rows, columns: first.columns + float64(n)/4})
	}
	return best
}

// lay fits a grid to the pins.
func lay(pins []pin, size int, c curve) (grid, bool) {
	var room [2][20]pix.Point // more than three finders and an alignment pattern need
	from, to := room[0][:0], room[1][:0]
	for _, p := range pins {
		m := p.module(size)
		m.X, m.Y = c.lift(m.X, m.Y, size)
		from, to = append(from, m), append(to, p.at)
	}
	if len(pins) == 3 {
		from = append(from, pix.Point{X: float64(size) - 3.5, Y: float64(size) - 3.5})
		to = append(to, pix.Point{X: to[1].X + to[2].X - to[0].X, Y: to[1].Y + to[2].Y - to[0].Y})
	}
	h, ok := pix.Fit(from, to)
	return grid{h: h, size: size, curve: c}, ok
}

// place puts a grid of a size over the pins, on paper of a shape, and lets it settle.
func (r *Reader) place(b *pix.Binary, g *grid, pins []pin, size int, c curve) float64 {
	var ok bool
	if *g, ok = lay(pins, size, c); !ok {
		return 0
	}
	if slices.Contains(r.told, size) {
		if fit := r.tiles(b, g, pins); fit >= leastFit {
			return fit
		}
		g.mesh = nil
	}
	if !r.likely(b, g) || fitness(b, g, r.timing(size), probes[:1]) < leastTiming {
		return 0
	}
	if size > 21 {
		at := float64(size) - 6.5
		r.work += workOfSearch
		for _, reach := range []float64{2, 5} {
			if p, ok := g.locate(b, at, at, pix.Point{}, reach); ok {
				r.pins = append(pins, pin{finder: 3, u: at, v: at, at: p})
				g.pull(r.pins)
				break
			}
		}
	}
	fit := r.settle(b, g, r.fixed(size))
	if size >= leastVersion && fit >= leastFit {
		g.chart(b, r.pins)
	}
	return fit
}

// tiles finds the alignment patterns of a symbol whose version information was read.
func (r *Reader) tiles(b *pix.Binary, g *grid, pins []pin) float64 {
	r.work += 1000 * len(alignmentLines(g.size))
	all, found := g.chart(b, pins)
	if float64(found) < leastTiles*float64(all) {
		return 0
	}
	return g.tiled(b, r.fixed(g.size))
}

// Before a grid settles, which is dear, its finder and timing patterns must be right to such a share. The even pictures
// have 0.72 and 0.62 at least.
const leastFinders, leastTiming = 0.7, 0.6

// likely says whether there are finder patterns where a grid has them.
func (r *Reader) likely(b *pix.Binary, g *grid) bool {
	finders := r.fixed(g.size)[:finderCells]
	r.work += len(finders)
	most := int(float64(len(finders)) * (1 - leastFinders))
	return misses(b, g, finders, 1, most) <= most
}

// leastFit is the least share of the fixed modules that must be right for the others to be read.
const leastFit = 0.75

// pull fits the grid to more pins, if they can be met.
func (g *grid) pull(pins []pin) {
	if n, ok := lay(pins, g.size, g.curve); ok {
		g.h = n.h
	}
}

func (r *Reader) fixed(size int) []cell { return r.fixedOf(size, fixed) }

// fixedOf keeps the fixed modules of a size; those of Micro QR are smaller than any of a QR code.
func (r *Reader) fixedOf(size int, of func(int) []cell) []cell {
	if r.cells == nil {
		r.cells = map[int][]cell{}
	}
	if r.cells[size] == nil {
		r.cells[size] = of(size)
	}
	return r.cells[size]
}

// timing are the modules of the timing patterns, which tell a wrong size.
func (r *Reader) timing(size int) []cell { return r.fixed(size)[finderCells : finderCells+2*(size-16)] }

func (g *grid) corners(mirrored bool) (out [4]pix.Point) {
	for i, p := range square(g.size) {
		out[i] = g.at(p.X, p.Y)
	}
	if mirrored {
		out[1], out[3] = out[3], out[1]
	}
	return out
}
