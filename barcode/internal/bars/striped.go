package bars

import (
	"math"

	"github.com/offlane/offlane/barcode/internal/pix"
)

// Lines across bars have many edges, and lines near one another have the same ones; those across letters and edges of
// things do not. The figures are of the 225 regions of the pictures in hand that hold a linear symbol, of all levels,
// and of the 3,983 others.
const (
	// leastEdges is two less than the last row of a stacked DataBar Expanded has, the shortest of all.
	leastEdges = 16
	// alike is the least correlation of two lines apart from each other, in pixels: within the lowest rows of a stacked
	// symbol. With a symbol it is 0.97 at its greatest.
	alike, apart = 0.6, 3
	// alikeFar is the least correlation of two lines farApart from each other, as a share of that of two that are near:
	// noise makes both less. With a symbol in a photograph it is 0.87 and more, in a drawing that is tilted more than
	// 0.75, of the others half have less than 0.85. In a region that is lower than leastFar two such lines need not be of
	// one row of a symbol.
	alikeFar, farApart, leastFar = 0.75, 9, 16
	// alikePlaces is at how many places two near lines must be alike, of the places that are looked at; with a symbol
	// they are at three and more, of the others two in five are at less.
	alikePlaces, stripedPlaces = 2, 7
	// askew is by how many pixels two far lines may be shifted: a region's direction is that of its bars within some
	// degrees.
	askew = 2
)

// isStriped says whether lines across a region have many edges and are alike at several of its places, far ones at one.
func (r *Reader) isStriped(g *pix.Gray, reg *Region) bool {
	n, far := 0, reg.bottom-reg.top < leastFar
	for k := range stripedPlaces {
		off := reg.top + float64(k+1)/(stripedPlaces+1)*(reg.bottom-reg.top)
		near, ok := r.alike(g, reg, off)
		if !ok {
			continue
		}
		n++
		far = far || r.alikeFar(g, reg, off, alikeFar*near)
		if far && n >= alikePlaces {
			return true
		}
	}
	return false
}

// alike returns the correlation of two near lines at a place of a region, and whether they are alike.
func (r *Reader) alike(g *pix.Gray, reg *Region, off float64) (near float64, ok bool) {
	r.line = reg.sample(r.line[:0], g, off-apart/2.0)
	low, high := rangeOf(r.line)
	if high-low < leastSpan {
		return 0, false
	}
	r.s.pivots = extremes(r.s.pivots[:0], r.line, (high-low)/8)
	if len(r.s.pivots) <= leastEdges {
		return 0, false
	}
	r.sharp = reg.sample(r.sharp[:0], g, off+apart/2.0)
	near = correlation(r.line, r.sharp)
	return near, near >= alike
}

// alikeFar says whether the line of alike and one far from it are alike, the one shifted against the other if need be.
func (r *Reader) alikeFar(g *pix.Gray, reg *Region, off, least float64) bool {
	r.sharp = reg.sample(r.sharp[:0], g, off-apart/2.0+farApart)
	a, b := r.line, r.sharp
	for by := range askew + 1 {
		if n := len(a) - by; correlation(a[by:], b[:n]) >= least || correlation(a[:n], b[by:]) >= least {
			return true
		}
	}
	return false
}

// sample appends the luma of a line across a region that lies off its middle.
func (reg *Region) sample(line []byte, g *pix.Gray, off float64) []byte {
	p := reg.at(reg.from, off)
	return g.Line(line, p.X, p.Y, reg.cos, reg.sin, int(math.Ceil(reg.to-reg.from)))
}

// correlation is that of two lines of one length, -1 to 1.
func correlation(a, b []byte) float64 {
	var n, x, y, xx, yy, xy int64
	for i := range a {
		u, v := int64(a[i]), int64(b[i])
		n, x, y, xx, yy, xy = n+1, x+u, y+v, xx+u*u, yy+v*v, xy+u*v
	}
	return float64(n*xy-x*y) / math.Sqrt(max(1, float64(n*xx-x*x)*float64(n*yy-y*y)))
}
