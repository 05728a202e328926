package bars

import (
	"github.com/offlane/offlane/barcode/internal/pix"
	"github.com/offlane/offlane/barcode/internal/symbol"
)

// A vote is a reading with its place in the picture.
type vote struct {
	reading
	line     int // its number; lines are counted through
	step     float64
	from, to pix.Point
	length   float32 // between them, in samples
	figure   figure
	beyond   [2]stub   // of an unchecked format: before from and behind to
	inverted bool      // light bars on dark
	middles  []float32 // of a format in one row: the middles of its elements, as shares of the way from from to to
	edges    []float32 // and where they begin and the last ends, in the same way
}

// readLine reads one line with several measures of what an edge is.
func (r *Reader) readLine(effort Effort) {
	low, high := rangeOf(r.line)
	span := high - low
	if span < leastSpan {
		return
	}
	for measure := effort.From; measure < effort.Edges; measure++ {
		switch measure {
		case 0:
			r.readEdges(r.line, span/coarse, crossing, effort.Inverted)
		case 1:
			r.readEdges(r.line, span/middling, steepest, effort.Inverted)
		case 2:
			r.sharp = sharpen(r.sharp[:0], r.line)
			r.readEdges(r.sharp, span/coarse, crossing, effort.Inverted)
		case 3:
			r.readEdges(r.line, span/fine, crossing, effort.Inverted)
		}
	}
	if effort.Blurred {
		r.s.measure(r.line, max(leastSwing, span/fine), crossing)
		r.s.cut, r.s.source = r.cut, source{line: r.line}
		r.back.reverse(&r.s)
		r.readBlurred(&r.s)
	}
}

// leastSpan is the least range of the luma of a line with bars. An extreme is one where the luma swings by a part of
// it, and by leastSwing at least; before the first bar of a symbol it is light for zoneLonger times as long as that.
const (
	leastSpan, leastSwing  = 20, 8
	coarse, middling, fine = 6, 10, 12
	zoneLonger             = 1.5
)

func rangeOf(line []byte) (low, high int) {
	a, b := byte(255), byte(0)
	for _, v := range line {
		a, b = min(a, v), max(b, v)
	}
	return int(a), int(b)
}

// readEdges reads a line with one measure of what an edge is, both ways.
func (r *Reader) readEdges(line []byte, swing int, edge edgeRule, inverted bool) {
	if swing < leastSwing {
		return
	}
	r.s.measure(line, swing, edge)
	if len(r.s.w) < 17 { // the shortest is the last row of a stacked DataBar Expanded
		return
	}
	r.s.cut, r.s.source = r.cut, source{line: r.line}
	r.bothWays(&r.s)
	if inverted {
		r.swap.negate(&r.s)
		r.bothWays(&r.swap)
	}
}

func (r *Reader) bothWays(s *widths) {
	r.decode(s)
	r.back.reverse(s)
	r.decode(&r.back)
}

// decode reads all symbols on a line.
func (r *Reader) decode(s *widths) {
	if r.wanted.Has(symbol.DataBar) || r.wanted.Has(symbol.DataBarExpanded) {
		r.found = finders(r.found[:0], s)
		r.readDataBar(s)
	}
	if r.wanted.Has(symbol.DataBarLimited) {
		for i := 1; i+46 <= len(s.w); i += 2 {
			if got, ok := readLimited(s, i); ok {
				r.vote(s, got)
			}
		}
	}
	for i := 1; i+17 < len(s.w); i += 2 {
		// No symbology but DataBar begins without a light zone that is much longer than its first bar.
		if i > 1 && s.w[i-1] < zoneLonger*s.w[i] {
			continue
		}
		for _, decode := range r.decoders {
			if got, ok := decode(s, i); ok {
				r.vote(s, got)
			}
		}
	}
}

// vote notes what a line says.
func (r *Reader) vote(s *widths, got reading) {
	got, ok := r.convert(got)
	if !ok {
		return
	}
	from, to := s.at[got.from], s.at[got.to]
	v := vote{reading: got, line: r.lines, step: r.step, length: to - from, figure: s.quality(got.from, got.to),
		inverted: s.source.inverted}
	place := func(x float32) pix.Point {
		if s.source.backwards {
			x = s.at[len(s.at)-1] - x
		}
		return r.place.at(x)
	}
	v.from, v.to = place(from), place(to)
	if unchecked.Has(got.format) {
		if !s.litZones(got.from, got.to, lightOf(got.format)) {
			r.unlit = append(r.unlit, v)
			return
		}
		for side, i := range [2]int{got.from - 1, got.to} {
			var x float32
			v.beyond[side], x = s.stubBehind(i, 2*side-1, v.figure.module, v.length)
			v.beyond[side].place = place(x)
		}
	}
	if inOneRow.Has(got.format) && got.row == nil {
		v.middles, v.edges = s.middles(got.from, got.to), s.edges(got.from, got.to)
	}
	if got.row != nil {
		r.rows = append(r.rows, v)
	} else {
		r.votes = append(r.votes, v)
	}
}

// convert gives a UPC-A as the EAN-13 that it is where only that is wanted, and says whether the caller wants a
// reading.
func (r *Reader) convert(got reading) (reading, bool) {
	if got.format == symbol.UPCA && !r.wanted.Has(symbol.UPCA) {
		got.format, got.text = symbol.EAN13, "0"+got.text
	}
	return got, r.wanted.Has(got.format) && r.rules.allow(&got)
}
