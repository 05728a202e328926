package bars

import "github.com/offlane/offlane/barcode/internal/pix"

// A hull is the four sides of a symbol a little way out: the distance of a place from each is a·x + b·y - c.
type hull [4]struct{ a, b, c float64 }

// hullsOf returns the hulls of some symbols.
func hullsOf(symbols [][4]pix.Point) []hull {
	all := make([]hull, len(symbols))
	for k, q := range symbols {
		const more = 0.1 // of the way from the middle
		m := mid(mid(q[0], q[2]), mid(q[1], q[3]))
		for i := range q {
			q[i] = pix.Point{X: q[i].X + more*(q[i].X-m.X), Y: q[i].Y + more*(q[i].Y-m.Y)}
		}
		for i, from := range q {
			to := q[(i+1)%4]
			far := max(1e-9, pix.Distance(from, to))
			h := &all[k][i]
			h.a, h.b = (from.Y-to.Y)/far, (to.X-from.X)/far
			h.c = h.a*from.X + h.b*from.Y
		}
	}
	return all
}

// anyHolds says whether a point is within one of the hulls or not far from it. Lines that agree may lie close together:
// what stands one cell off is of the same symbol.
func anyHolds(hulls []hull, p pix.Point) bool {
	for i := range hulls {
		side := 0
		for k := range hulls[i] {
			h := &hulls[i][k]
			switch d := h.a*p.X + h.b*p.Y - h.c; {
			case d > cellSide:
				side |= 1
			case d < -cellSide:
				side |= 2
			}
		}
		if side != 3 {
			return true
		}
	}
	return false
}

// UnreadShare is the share of a region that lies in none of some symbols, which reach a little farther than their
// corners.
func (reg *Region) UnreadShare(symbols [][4]pix.Point) float64 {
	if len(symbols) == 0 {
		return 1
	}
	hulls, n := hullsOf(symbols), 0
	for _, p := range reg.cells {
		if !anyHolds(hulls, p) {
			n++
		}
	}
	return float64(n) / float64(len(reg.cells))
}
