package bars

import (
	"math"
	"slices"

	"github.com/offlane/offlane/barcode/internal/pix"
)

// stack puts rows together that stand one upon the other and make a symbol.
func stack(rows []*group) (whole []*group) {
	rows = slices.DeleteFunc(rows, func(g *group) bool { return g.lines < 2 })
	for _, g := range rows {
		switch {
		case g.row.pairs != nil && !g.row.mirrored && g.row.pairs[0].letter == 'A':
			whole = append(whole, extendExpanded([]*group{g}, rows)...)
		case g.row.pairs == nil && !g.row.mirrored:
			whole = append(whole, omniFrom(g, rows)...)
		}
	}
	return whole
}

// omniFrom looks for the right half of a stacked DataBar Omnidirectional.
func omniFrom(left *group, rows []*group) (whole []*group) {
	for _, g := range rows {
		if g.row.pairs != nil || !g.row.mirrored || !isStacked(left, g) || !isOneLabel(left, g) {
			continue
		}
		if text, raw, ok := join(left.row.half, g.row.half); ok {
			whole = append(whole, together(text, raw, left, g))
		}
	}
	return whole
}

// extendExpanded looks for the rows that go on from those that a symbol begins with.
func extendExpanded(begun, rows []*group) (whole []*group) {
	var pairs []dbPair
	for _, g := range begun {
		pairs = append(pairs, g.row.pairs...)
	}
	if len(pairs) > 11 || !begins(letters(pairs)) {
		return nil
	}
	if text, raw, ok := complete(pairs); ok {
		return []*group{together(text, raw, begun...)}
	}
	for _, g := range rows {
		full := len(begun[0].row.pairs)
		if g.row.pairs == nil || g.row.mirrored != (len(pairs)%2 == 1) || len(g.row.pairs) > full ||
			len(begun[len(begun)-1].row.pairs) < full || !isStacked(begun[len(begun)-1], g) {
			continue
		}
		whole = append(whole, extendExpanded(append(slices.Clip(begun), g), rows)...)
	}
	return whole
}

// begins says whether some sequence of finders begins so.
func begins(letters string) bool {
	return slices.ContainsFunc(sequences[:], func(s string) bool {
		return len(s) >= len(letters) && s[:len(letters)] == letters
	})
}

// Rows of one symbol lie upon each other but for rowsDiffer of their length, at most rowsApart lengths apart.
const rowsDiffer, rowsApart = 0.2, 1.2

// isStacked says whether a row stands beside another, along it and not far away. What the same lines read, one way and
// the other, is one row: under stickers a left half read backwards is a right one. And so it is in the negative, which
// other lines may read under moiré: rows of one symbol are of one color.
func isStacked(a, b *group) bool {
	if a.inverted != b.inverted || 2*a.sharedLines(b) > min(a.lines, b.lines) {
		return false
	}
	f := frameOf(a)
	along0, across0 := f.place(b.from)
	along1, across1 := f.place(b.to)
	return min(along0, along1) > -rowsDiffer && max(along0, along1) < 1+rowsDiffer && math.Abs(across0) < rowsApart &&
		math.Abs(across0-across1) < rowsDiffer
}

// The rows of a stacked DataBar Omnidirectional have 50 modules each, are 5 and 7 or 33 modules high, and stand 1 or 3
// modules apart (ISO/IEC 24724). Only its checksum of 79 values says that two rows are of one symbol, and the rows of
// two labels passed it in 31 of 1740 pairs. So they begin and end at one place but for rowsAside modules, and for a
// shear of rowsShear modules with each module between their middles; and what lies between them and is read by no line
// is at most rowsGap modules more than a third of what is seen of the higher one. In 78 readings, 74 of them of covered
// symbols, no end was more than 2 modules aside; the gap was at most 2 modules in 62 and 8 in 74. The others have a
// sticker between.
const (
	halfLength = 50
	rowsAside  = 2.5
	rowsShear  = 0.1
	rowsGap    = 4
	rowsShare  = 1. / 3
)

// isOneLabel says whether two halves can be the rows of one label.
func isOneLabel(a, b *group) bool {
	f := frameOf(a)
	first, second := f.span(a), f.span(b)
	apart := math.Abs(first.low+first.high-second.low-second.high) / 2
	from, _ := f.place(b.from)
	to, _ := f.place(b.to)
	aside := max(math.Abs(min(from, to)), math.Abs(max(from, to)-1))
	if aside*halfLength > rowsAside+rowsShear*apart*halfLength {
		return false
	}
	step := max(first.step, second.step)
	gap := max(second.low-first.high, first.low-second.high) - step
	high := max(first.high-first.low, second.high-second.low) + step
	return gap*halfLength <= rowsGap+rowsShare*high*halfLength
}

// A rowFrame tells where points are along and across a row, in lengths of it.
type rowFrame struct {
	origin pix.Point
	dx, dy float64
}

func frameOf(g *group) rowFrame { return rowFrame{g.from, g.to.X - g.from.X, g.to.Y - g.from.Y} }

func (f rowFrame) place(p pix.Point) (along, across float64) {
	x, y, square := p.X-f.origin.X, p.Y-f.origin.Y, f.dx*f.dx+f.dy*f.dy
	return (x*f.dx + y*f.dy) / square, (x*f.dy - y*f.dx) / square
}

// A rowSpan is from where to where a group's lines are across a row, and how far two that follow each other are apart.
type rowSpan struct{ low, high, step float64 }

func (f rowFrame) span(g *group) rowSpan {
	e := rowSpan{low: math.Inf(1), high: math.Inf(-1)}
	lines := map[int]struct{}{}
	for i := range g.all {
		_, across := f.place(mid(g.all[i].from, g.all[i].to))
		e.low, e.high = min(e.low, across), max(e.high, across)
		lines[g.all[i].line] = struct{}{}
	}
	e.step = (e.high - e.low) / float64(max(len(lines)-1, 1))
	return e
}

// sharedLines is how many lines read both.
func (g *group) sharedLines(o *group) (n int) {
	last := -1
	for _, v := range g.all {
		if v.line != last && slices.ContainsFunc(o.all, func(w vote) bool { return w.line == v.line }) {
			n++
			last = v.line
		}
	}
	return n
}

// together is the symbol of some rows; those that read backwards are turned.
func together(text string, raw []byte, rows ...*group) *group {
	first := rows[0]
	g := &group{vote: first.vote, lines: first.lines}
	g.text, g.raw, g.aim, g.row = text, raw, "]e0", nil
	for _, row := range rows {
		g.lines = min(g.lines, row.lines)
		for _, v := range row.all {
			if (v.to.X-v.from.X)*(g.to.X-g.from.X)+(v.to.Y-v.from.Y)*(g.to.Y-g.from.Y) < 0 {
				v.from, v.to = v.to, v.from
			}
			v.reading = g.reading
			g.all = append(g.all, v)
		}
	}
	return g
}
