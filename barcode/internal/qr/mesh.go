package qr

import (
	"cmp"
	"slices"

	"github.com/offlane/offlane/barcode/internal/pix"
)

// A mesh is how far the alignment patterns of a symbol lie from where the perspective has them, in pixels. Between them
// it is even: so the symbol is read tile by tile.
type mesh struct {
	lines []int // the rows and columns of the patterns
	nodes []node
}

// A node is where a row and a column of alignment patterns cross. At three of them a finder pattern is instead.
type node struct {
	row, column int
	off         pix.Point
	// found says that a pattern was there, known that off is that of a pattern or told by those around.
	found, known bool
	// lean is how off changes from module to module along a row and down a column, as a finder pattern's sides say.
	lean [2]pix.Point
}

func newMesh(size int) *mesh {
	m := &mesh{lines: alignmentLines(size)}
	for i := range len(m.lines) * len(m.lines) {
		m.nodes = append(m.nodes, node{row: i / len(m.lines), column: i % len(m.lines)})
	}
	return m
}

// node returns the one of a row and a column; nil where there is none.
func (m *mesh) node(row, column int) *node {
	n := len(m.lines)
	if min(row, column) < 0 || max(row, column) >= n {
		return nil
	}
	return &m.nodes[row*n+column]
}

// place is the middle of a node's pattern in modules.
func (m *mesh) place(n *node) (u, v float64) {
	return float64(m.lines[n.column]) + 0.5, float64(m.lines[n.row]) + 0.5
}

// guess tells a node's offset by those around it: in the middle of two, else as the step before went on, else as the
// one beside it leans if that is asked. Found asks those alone where there is a pattern.
func (m *mesh) guess(n *node, found, lean bool) (off pix.Point, ok bool) {
	var sum pix.Point
	var weight float64
	add := func(w float64, x, y float64) { sum.X, sum.Y, weight = sum.X+w*x, sum.Y+w*y, weight+w }
	at := func(dr, dc int) *node {
		if k := m.node(n.row+dr, n.column+dc); k != nil && k.known && (k.found || !found) {
			return k
		}
		return nil
	}
	for _, d := range [4][2]int{{0, 1}, {0, -1}, {1, 0}, {-1, 0}} {
		a, b, c := at(d[0], d[1]), at(2*d[0], 2*d[1]), at(-d[0], -d[1])
		switch {
		case a == nil:
		case c != nil:
			add(4, (a.off.X+c.off.X)/2, (a.off.Y+c.off.Y)/2)
		case b != nil:
			add(1, 2*a.off.X-b.off.X, 2*a.off.Y-b.off.Y)
		case lean:
			du, dv := m.step(n.column, a.column), m.step(n.row, a.row)
			add(0.1, a.off.X+du*a.lean[0].X+dv*a.lean[1].X, a.off.Y+du*a.lean[0].Y+dv*a.lean[1].Y)
		default:
			add(0.1, a.off.X, a.off.Y)
		}
	}
	for _, d := range [4][2]int{{1, 1}, {1, -1}, {-1, 1}, {-1, -1}} {
		if a, b, c := at(d[0], 0), at(0, d[1]), at(d[0], d[1]); a != nil && b != nil && c != nil {
			add(1, a.off.X+b.off.X-c.off.X, a.off.Y+b.off.Y-c.off.Y)
		}
	}
	if weight == 0 {
		return off, false
	}
	return pix.Point{X: sum.X / weight, Y: sum.Y / weight}, true
}

// step is how many modules line i is from line k.
func (m *mesh) step(i, k int) float64 { return float64(m.lines[i] - m.lines[k]) }

// meshShare is the share of the fixed modules that are right where the mesh has them.
func (g *grid) meshShare(b *pix.Binary, cells []cell) float64 {
	right := 0
	for i := range cells {
		if c := &cells[i]; dark(b, g.at(c.u, c.v)) == c.dark {
			right++
		}
	}
	return float64(right) / float64(len(cells))
}

// order returns the nodes without a finder pattern, those near one first.
func (m *mesh) order() []*node {
	last := len(m.lines) - 1
	var out []*node
	for i := range m.nodes {
		if n := &m.nodes[i]; !n.found {
			out = append(out, n)
		}
	}
	away := func(n *node) int {
		return min(n.row+n.column, n.row+last-n.column, last-n.row+n.column)
	}
	slices.SortStableFunc(out, func(a, b *node) int { return cmp.Compare(away(a), away(b)) })
	return out
}

// at returns the offset at a place in modules: a cubic through the four nodes around it along rows and columns.
func (m *mesh) at(u, v float64) (off pix.Point) {
	n := len(m.lines)
	column, across := m.weights(u)
	row, down := m.weights(v)
	for i, d := range down {
		for k, a := range across {
			if w := d * a; w != 0 {
				o := &m.nodes[(row+i)*n+column+k].off
				off.X, off.Y = off.X+w*o.X, off.Y+w*o.Y
			}
		}
	}
	return off
}

// weights returns the first of up to four lines around a place, and the weight of each: two parabolas through three of
// them are mixed, as in a Catmull-Rom spline; beyond the second line from the border there is one.
func (m *mesh) weights(u float64) (first int, w [4]float64) {
	n := len(m.lines)
	u -= 0.5
	i := 0
	for i < n-2 && u >= float64(m.lines[i+1]) {
		i++
	}
	t := (u - float64(m.lines[i])) / float64(m.lines[i+1]-m.lines[i])
	if n == 2 {
		return 0, [4]float64{1 - t, t}
	}
	if first = min(max(i-1, 0), n-3); i == 0 || i == n-2 {
		p := m.parabola(first, u)
		return first, [4]float64{p[0], p[1], p[2]}
	}
	p, q := m.parabola(i-1, u), m.parabola(i, u)
	return first, [4]float64{(1 - t) * p[0], (1-t)*p[1] + t*q[0], (1-t)*p[2] + t*q[1], t * q[2]}
}

// parabola returns the weights of three lines from i on in the parabola through them.
func (m *mesh) parabola(i int, u float64) [3]float64 {
	a, b, c := float64(m.lines[i]), float64(m.lines[i+1]), float64(m.lines[i+2])
	return [3]float64{
		(u - b) * (u - c) / ((a - b) * (a - c)), (u - a) * (u - c) / ((b - a) * (b - c)),
		(u - a) * (u - b) / ((c - a) * (c - b)),
	}
}

// chart notes where the alignment patterns are, from the finder patterns on: each is looked for where those found
// before it say. It returns how many there should be and how many there are.
func (g *grid) chart(b *pix.Binary, pins []pin) (all, found int) {
	m := newMesh(g.size)
	last := len(m.lines) - 1
	corners := [3]struct {
		n    *node
		u, v float64 // from the middle of the finder pattern
	}{{m.node(0, 0), 3, 3}, {m.node(0, last), -3, 3}, {m.node(last, 0), 3, -3}}
	for k, c := range corners {
		l := g.lean(pins, k)
		off, ok := g.offset(pins, k)
		off.X, off.Y = off.X+c.u*l[0].X+c.v*l[1].X, off.Y+c.u*l[0].Y+c.v*l[1].Y
		c.n.off, c.n.lean, c.n.known, c.n.found = off, l, ok, ok
	}
	nodes := m.order()
	for round, reach := range [2]float64{2.5, 1.5} {
		for i, n := range nodes {
			if n.found {
				continue
			}
			if round == 0 && i >= 6 && 3*found < i {
				return len(nodes), 0 // these are no alignment patterns
			}
			if g.search(b, m, n, reach, false) || g.search(b, m, n, reach, true) {
				found++
			}
		}
	}
	g.mesh = m
	return len(nodes), found
}

// search looks for the pattern of a node where those around say, and notes where it must be if it is not there.
func (g *grid) search(b *pix.Binary, m *mesh, n *node, reach float64, lean bool) bool {
	off, ok := m.guess(n, true, lean)
	if !ok {
		off, ok = m.guess(n, false, lean)
	}
	if !ok {
		return false
	}
	n.off, n.known = off, true
	u, v := m.place(n)
	p, ok := g.locate(b, u, v, off, reach)
	if ok {
		flat := g.flat(u, v)
		n.off, n.found = pix.Point{X: p.X - flat.X, Y: p.Y - flat.Y}, true
	}
	return ok
}

// lean is how the offset changes from module to module along and down the sides of finder k.
func (g *grid) lean(pins []pin, k int) (lean [2]pix.Point) {
	c, ok := cornersOf(pins, k)
	if !ok {
		return lean
	}
	u, v := axes(c)
	m := pin{finder: k, u: 3.5, v: 3.5}.module(g.size)
	p, right, down := g.flat(m.X, m.Y), g.flat(m.X+1, m.Y), g.flat(m.X, m.Y+1)
	return [2]pix.Point{
		{X: u.X - right.X + p.X, Y: u.Y - right.Y + p.Y}, {X: v.X - down.X + p.X, Y: v.Y - down.Y + p.Y},
	}
}

// offset is how far finder k lies from its place, the mean of its pins.
func (g *grid) offset(pins []pin, k int) (off pix.Point, ok bool) {
	n := 0.0
	for _, p := range pins {
		if p.finder == k {
			m := p.module(g.size)
			at := g.flat(m.X, m.Y)
			off.X, off.Y, n = off.X+p.at.X-at.X, off.Y+p.at.Y-at.Y, n+1
		}
	}
	if n == 0 {
		return off, false
	}
	return pix.Point{X: off.X / n, Y: off.Y / n}, true
}

// leastTiles is the share of its alignment patterns that a symbol must show to be read tile by tile.
const leastTiles = 0.5
