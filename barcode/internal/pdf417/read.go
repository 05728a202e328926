package pdf417

import (
	"math"

	"github.com/offlane/offlane/barcode/internal/pix"
	"github.com/offlane/offlane/barcode/internal/symbol"
)

// Effort says how much to try.
type Effort struct {
	// Step is the distance between the rows and the columns of the picture that are looked at, in pixels.
	Step int
	// Columns is how many start and stop patterns are followed up, at most.
	Columns int
	// Lines is how many lines are laid along each row of a symbol, pass by pass.
	Lines []int
	// Work is how many looks at pixels end the search of a plane; zero: none.
	Work int
	// Hard has the last pass compare luma with all characters where there are no edges to tell one.
	Hard bool
}

// A Reader reads the symbols of pictures. It keeps its buffers; it is for one goroutine. The zero value is ready.
type Reader struct {
	// Charset is the character set of bytes whose symbol names none and that are no UTF-8; zero: ISO 8859-1.
	Charset int
	// Late says whether the time is up. Nil: never.
	Late func() bool

	finder finder
	gray   *pix.Gray
	line   line
	grid   grid
	table  *table
	work   int
	before int // the work done before this plane
}

// Begin forgets the work done so far.
func (r *Reader) Begin() { r.work = 0 }

// Work is how many looks at pixels were taken since Begin.
func (r *Reader) Work() int { return r.work }

// Read reads the symbols of a plane, given also as a binary picture, outside of those known.
func (r *Reader) Read(g *pix.Gray, b *pix.Binary, effort Effort, known [][4]pix.Point) (all []symbol.Symbol) {
	r.finder.work, r.before = 0, r.work
	columns := r.columns(b, effort, known)
	r.work += r.finder.work
	if len(columns) == 0 {
		return nil
	}
	r.gray, r.table = g, characters()
	defer func() { r.gray = nil }()
	for _, s := range pairs(columns) {
		if r.late(&effort) {
			break
		}
		if isCovered(s, known) {
			continue
		}
		if got, ok := r.readStrip(&s, &effort); ok {
			all = append(all, got)
			known = append(known, got.Corners)
		}
	}
	return all
}

// late says whether nothing else is to be begun.
func (r *Reader) late(effort *Effort) bool {
	return effort.Work > 0 && r.work-r.before > effort.Work || r.Late != nil && r.Late()
}

// lay lays a straight line.
func (r *Reader) lay(from, to pix.Point, module float64, negative bool) {
	r.line.bow = 0
	r.layBow(from, to, module, negative)
}

// layBow lays a line with the bow that is set.
func (r *Reader) layBow(from, to pix.Point, module float64, negative bool) {
	r.line.lay(r.gray, from, to, module, negative)
	r.work += len(r.line.luma)
}

// shift returns the place so many pixels from another in a direction.
func shift(p, d pix.Point, n float64) pix.Point { return pix.Point{X: p.X + n*d.X, Y: p.Y + n*d.Y} }

// readStrip reads the symbol between two columns, or beside one.
func (r *Reader) readStrip(s *strip, effort *Effort) (out symbol.Symbol, ok bool) {
	var p poll
	for _, c := range s.both() {
		if r.readRows(c); c.rows.ok {
			p.add(&c.rows)
		}
	}
	for _, l := range p.layouts(s.width()) {
		if !s.span(&l) {
			continue
		}
		if s.left == nil || s.right == nil {
			r.turn(s, &l)
		} else {
			r.bend(s, &l)
		}
		r.grid.reset(l)
		for pass, lines := range effort.Lines {
			r.readLines(s, lines, pass, effort.Hard && pass == len(effort.Lines)-1)
			if o, ok := r.grid.decide(); ok {
				return r.symbolOf(s, &o)
			}
			if r.late(effort) {
				return out, false
			}
		}
	}
	return out, false
}

// readLines lays so many lines along each row. The hard way compares what has no edges with all characters.
func (r *Reader) readLines(s *strip, lines, pass int, hard bool) {
	for row := range r.grid.rows {
		for k := range lines {
			place := (float64(k) + 0.5) / float64(lines)
			r.layRow(s, float64(row)+edgeOfRow+place*(1-2*edgeOfRow))
			r.line.measure(measures[(k+pass)%len(measures)])
			r.vote(s, float64(row)+place, hard)
		}
	}
}

// edgeOfRow is the share of a row at either border in which the next row may show.
const edgeOfRow = 0.15

// layRow lays a line along a place of the rows, from before the left row indicator to behind the right one.
func (r *Reader) layRow(s *strip, row float64) {
	from, to := s.ends(row)
	n := math.Hypot(to.X-from.X, to.Y-from.Y)
	d := pix.Point{X: (to.X - from.X) / n, Y: (to.Y - from.Y) / n}
	margin := marginModules * s.module
	r.line.bow, r.line.margin = s.bow, margin
	r.layBow(shift(from, d, -margin), shift(to, d, margin), s.module, s.negative)
}

// marginModules is how far a line reaches beyond the row indicators.
const marginModules = 3

// vote reads the characters of a line and counts them for their cells.
func (r *Reader) vote(s *strip, place float64, hard bool) {
	walk := r.begin(s)
	drift := 0.0
	for column := -1; column < r.grid.columns; column++ {
		before := walk
		got, ok := walk.next(&r.line, r.table)
		if column < 0 {
			continue
		}
		if hard {
			x, module := before.x, before.module
			if ok {
				x, module = got.from, (got.to-got.from)/modules
			}
			if like, found := r.match(int(math.Floor(place+drift)), column, x, module); found {
				if got = like; !ok {
					walk.x += got.from - x
				}
				ok = true
			}
		}
		if !ok {
			continue
		}
		row, off := nearestRow(place+drift, int(got.cluster))
		weight := 0.1 + got.clear
		if math.Abs(off) > 0.5 {
			drift += driftShare * (off - math.Copysign(0.5, off))
			weight /= 2
		}
		if row >= 0 && row < r.grid.rows {
			r.grid.add(row, column, &got, weight, &r.line)
		}
	}
}

// unclear is the lead of a codeword below which its place is worth a comparison with all characters.
const unclear = 1.5

// match compares what begins at x with all characters of a row unless the cell is clear.
func (r *Reader) match(row, column int, x, module float64) (s sign, ok bool) {
	if row < 0 || row >= r.grid.rows || len(r.line.luma) == 0 {
		return s, false
	}
	if _, lead := r.grid.cells[row*r.grid.columns+column].best(); lead > unclear {
		return s, false
	}
	r.work += matchWork
	return r.line.match(row%clusters, x, module)
}

// matchWork is how many looks at pixels a comparison takes as long as.
const matchWork = 4000

// driftShare is how much of a bend a line follows from one character to the next.
const driftShare = 0.6

// nearestRow returns the row of a cluster nearest to a place, and how far its middle is from there.
func nearestRow(place float64, cluster int) (row int, off float64) {
	row = cluster + 3*int(math.Round((place-0.5-float64(cluster))/3))
	return row, float64(row) + 0.5 - place
}

// A walk goes along a line from character to character.
type walk struct {
	x, module float64 // where the next one begins, and its modules
	right     float64 // where the last one ends; zero: not known
	left      int     // how many characters there are up to there
}

// begin begins a walk at the left row indicator.
func (r *Reader) begin(s *strip) walk {
	w := walk{x: marginModules * s.module, module: s.module}
	if s.right != nil {
		w.left = r.grid.columns + 2
		w.right = float64(len(r.line.luma))*r.line.step - marginModules*s.module
		w.module = (w.right - w.x) / float64(modules*w.left)
	}
	return w
}

// next reads the next character.
func (w *walk) next(l *line, t *table) (s sign, ok bool) {
	s, ok = l.readFrom(t, w.x, w.module, reachModules*w.module)
	if ok {
		w.module += moduleShare * ((s.to-s.from)/modules - w.module)
		w.x = s.to
	} else {
		w.x += modules * w.module
	}
	if w.left--; w.left > 0 && w.right > 0 {
		w.module = (w.right - w.x) / float64(modules*w.left)
	}
	return s, ok
}

// moduleShare is how much of a change in the width of characters a walk follows.
const moduleShare = 0.3
