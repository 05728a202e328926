package bars

import (
	"math"
	"slices"

	"github.com/offlane/offlane/barcode/internal/found"
	"github.com/offlane/offlane/barcode/internal/pix"
)

// Effort says how much to try.
type Effort struct {
	// Lines is how many lines to lay across the picture in each direction.
	Lines int
	// Angles are the directions of the lines in degrees: 0 is from left to right, 90 from top to bottom.
	Angles []float64
	// Inverted looks for light bars on dark, too.
	Inverted bool
	// Edges is how many measures of what an edge is to try, 1 to 4.
	Edges int
}

// A Reader gathers readings of one picture, of whatever sizes of it. It keeps its buffers; it is for one goroutine.
type Reader struct {
	wanted        map[string]bool
	decoders      []decoder
	line, sharp   []byte
	s, back, swap widths
	found         []dbFinder
	votes, rows   []vote
	lines         int
}

// NewReader makes a reader of the formats wanted.
func NewReader(wanted map[string]bool) *Reader {
	r := &Reader{wanted: wanted}
	for _, d := range decoders {
		if d.decode != nil && slices.ContainsFunc(d.formats, func(f string) bool { return wanted[f] }) {
			r.decoders = append(r.decoders, d.decode)
		}
	}
	return r
}

// A vote is a reading with its place in the picture.
type vote struct {
	reading
	line     int // its number; lines are counted through
	step     float64
	from, to pix.Point
	length   float32 // between them, in samples
	figure   figure
}

// Reset forgets all readings.
func (r *Reader) Reset() { r.votes, r.rows, r.lines = r.votes[:0], r.rows[:0], 0 }

// Read looks at a plane that is so many times smaller than the picture.
func (r *Reader) Read(g *pix.Gray, scale float64, effort Effort) {
	for _, angle := range effort.Angles {
		r.direction(g, scale, angle, effort)
	}
}

// direction lays parallel lines over the plane.
func (r *Reader) direction(g *pix.Gray, scale, angle float64, effort Effort) {
	sin, cos := math.Sincos(angle * math.Pi / 180)
	w, h := float64(g.W), float64(g.H)
	// The extent of the plane across the lines, from its middle.
	across := (math.Abs(w*sin) + math.Abs(h*cos)) / 2
	step := max(1, 2*across/float64(effort.Lines))
	for off := -across + step/2; off < across; off += step {
		r.lines++
		x, y := w/2-off*sin, h/2+off*cos
		from, to, ok := clip(w, h, x, y, cos, sin)
		if !ok || to-from < 30 {
			continue
		}
		x, y = x+from*cos, y+from*sin
		r.line = sample(r.line[:0], g, x, y, cos, sin, int(to-from))
		at := func(t float32) pix.Point {
			return pix.Point{X: scale * (x + float64(t)*cos), Y: scale * (y + float64(t)*sin)}
		}
		r.readLine(at, scale*step, effort)
	}
}

// clip returns the part of the line through x, y that lies within w by h.
func clip(w, h, x, y, dx, dy float64) (from, to float64, ok bool) {
	from, to = math.Inf(-1), math.Inf(1)
	for _, a := range [2][3]float64{{x, dx, w}, {y, dy, h}} {
		if math.Abs(a[1]) < 1e-9 {
			if a[0] < 0 || a[0] >= a[2] {
				return 0, 0, false
			}
			continue
		}
		t0, t1 := -a[0]/a[1], (a[2]-a[0])/a[1]
		from, to = max(from, min(t0, t1)), min(to, max(t0, t1))
	}
	return from, to, to > from
}

// sample appends n samples of the plane from x, y on, one pixel apart.
func sample(line []byte, g *pix.Gray, x, y, dx, dy float64, n int) []byte {
	if dy == 0 {
		from := max(0, int(x))
		return append(line, g.Row(min(g.H-1, int(y)))[from:min(g.W, from+n)]...)
	}
	for i := range n {
		t := float64(i) + 0.5
		line = append(line, g.Between(x+t*dx, y+t*dy))
	}
	return line
}

// readLine reads one line with several measures of what an edge is.
func (r *Reader) readLine(at func(float32) pix.Point, step float64, effort Effort) {
	low, high := byte(255), byte(0)
	for _, v := range r.line {
		low, high = min(low, v), max(high, v)
	}
	span := int(high) - int(low)
	if span < 20 {
		return
	}
	r.sharp = sharpen(r.sharp[:0], r.line)
	for _, m := range []struct {
		line  []byte
		swing int
		edge  edgeRule
	}{
		{r.line, span / 6, crossing}, {r.line, span / 10, steepest}, {r.sharp, span / 6, crossing}, {r.line, span / 12, crossing},
	}[:effort.Edges] {
		r.measured(m.line, m.swing, m.edge, at, step, effort.Inverted)
	}
}

// measured reads a line with one measure of what an edge is, both ways.
func (r *Reader) measured(line []byte, swing int, edge edgeRule, at func(float32) pix.Point, step float64, inverted bool) {
	if swing < 8 {
		return
	}
	r.s.measure(line, swing, edge)
	if len(r.s.w) < 17 { // the shortest is the last row of a stacked DataBar Expanded
		return
	}
	r.bothWays(&r.s, at, step)
	if inverted {
		r.swap.swapped(&r.s)
		r.bothWays(&r.swap, at, step)
	}
}

func (r *Reader) bothWays(s *widths, at func(float32) pix.Point, step float64) {
	luma := func(x float32) byte { return r.line[min(max(0, int(x)), len(r.line)-1)] }
	r.decode(s, func(got reading) { r.vote(s, got, at, luma, step) })
	r.back.reversed(s)
	end := s.at[len(s.at)-1]
	flip := func(x float32) byte { return luma(end - x) }
	turned := func(t float32) pix.Point { return at(end - t) }
	r.decode(&r.back, func(got reading) { r.vote(&r.back, got, turned, flip, step) })
}

// vote notes what a line says.
func (r *Reader) vote(s *widths, got reading, at func(float32) pix.Point, luma func(float32) byte, step float64) {
	v := vote{reading: got, line: r.lines, step: step, from: at(s.at[got.from]), to: at(s.at[got.to])}
	v.length, v.figure = s.at[got.to]-s.at[got.from], s.quality(got.from, got.to, luma)
	if got.row != nil {
		r.rows = append(r.rows, v)
	} else {
		r.votes = append(r.votes, v)
	}
}

// decode hands every reading on a line to emit.
func (r *Reader) decode(s *widths, emit func(reading)) {
	if r.wanted["databar"] || r.wanted["databar_expanded"] {
		r.found = finders(r.found[:0], s)
		readDataBar(r.found, func(got reading) {
			if r.wanted[got.format] {
				emit(got)
			}
		})
	}
	if r.wanted["databar_limited"] {
		for i := 1; i+46 <= len(s.w); i += 2 {
			if got, ok := readLimited(s, i); ok {
				emit(got)
			}
		}
	}
	for i := 1; i < len(s.w); i += 2 {
		// No symbology but DataBar begins without a light zone that is much longer than its first bar.
		if i > 1 && s.w[i-1] < 1.5*s.w[i] {
			continue
		}
		for _, decode := range r.decoders {
			if got, ok := decode(s, i); ok {
				if got, ok = r.as(got); ok {
					emit(got)
				}
			}
		}
	}
}

// as gives a UPC-A as the EAN-13 that it is where only that is wanted.
func (r *Reader) as(got reading) (reading, bool) {
	if got.format == "upca" && !r.wanted["upca"] {
		got.format, got.text = "ean13", "0"+got.text
	}
	return got, r.wanted[got.format]
}

// Symbols returns what enough lines agree on.
func (r *Reader) Symbols() []found.Symbol {
	groups := append(gather(r.votes), stacked(gather(r.rows))...)
	var all []found.Symbol
	for i, g := range groups {
		if g.lines >= linesNeeded(g.format) && !disputed(groups, i) {
			all = append(all, g.symbol())
		}
	}
	return all
}

func linesNeeded(format string) int {
	for _, d := range decoders {
		for _, f := range d.formats {
			if f == format {
				return d.lines
			}
		}
	}
	return math.MaxInt
}
