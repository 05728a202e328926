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
		if g.row.pairs != nil || !g.row.mirrored || !isStacked(left, g) {
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
	dx, dy := a.to.X-a.from.X, a.to.Y-a.from.Y
	length := math.Hypot(dx, dy)
	place := func(p pix.Point) (along, across float64) {
		x, y := p.X-a.from.X, p.Y-a.from.Y
		return (x*dx + y*dy) / (length * length), (x*dy - y*dx) / (length * length)
	}
	along0, across0 := place(b.from)
	along1, across1 := place(b.to)
	return min(along0, along1) > -rowsDiffer && max(along0, along1) < 1+rowsDiffer && math.Abs(across0) < rowsApart &&
		math.Abs(across0-across1) < rowsDiffer
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
