package qr

import (
	"math"

	"github.com/offlane/offlane/barcode/internal/pix"
	"github.com/offlane/offlane/barcode/internal/symbol"
)

// leastRim is how much of its outer edge a finder pattern must show to stand alone.
const leastRim = rays * 3 / 4

// readMicro reads the Micro QR codes: a fine finder pattern alone tells where they are, timing patterns which way they
// stand and how large they are. Of 520 that were read, drawn with modules of one to three pixels, blurred, with noise,
// cracks and glare or in part covered, each had its rings in eleven of 16 directions, one more than makes them fine.
func (r *Reader) readMicro(b *pix.Binary, all []finder, known [][4]pix.Point) (out []symbol.Symbol) {
	for i := range all {
		f := &all[i]
		if r.work > r.effort.Work {
			break
		}
		if !f.fine || pix.IsCovered(f.at, known) {
			continue
		}
		if f.look(b); f.rim.n < leastRim {
			continue
		}
		if s, ok := r.tryMicro(b, f); ok {
			out, known = append(out, s), append(known, s.Corners)
		}
	}
	return out
}

func (r *Reader) tryMicro(b *pix.Binary, f *finder) (symbol.Symbol, bool) {
	c, ok := f.corners(b, f.frame())
	if !ok {
		return symbol.Symbol{}, false
	}
	for turn := range 4 {
		q := [4]pix.Point{c[turn], c[(turn+1)%4], c[(turn+2)%4], c[(turn+3)%4]}
		for _, flat := range []bool{false, true} {
			if flat {
				q = parallelogram(q)
			}
			h, ok := pix.Fit([]pix.Point{{}, {X: 7}, {X: 7, Y: 7}, {Y: 7}}, q[:])
			if !ok {
				continue
			}
			for size := 17; size >= 11; size -= 2 {
				if s, ok := r.microAt(b, h, size); ok {
					return s, true
				}
			}
		}
	}
	return symbol.Symbol{}, false
}

// microAt reads the symbol of a size at a place, where its timing patterns confirm it.
func (r *Reader) microAt(b *pix.Binary, h pix.Homography, size int) (s symbol.Symbol, ok bool) {
	cells := r.keepFixed(size, microFixed)
	timing, quiet := cells[64:64+2*(size-8)], cells[64+2*(size-8):]
	g := &grid{h: h, size: size}
	if fitness(b, g, timing, probes[:1]) < 0.7 || fitness(b, g, quiet, probes[:1]) < 0.7 {
		return s, false
	}
	// The grid was laid by the finder pattern: one that does not fit that is of something else. To settle it is dear.
	if fitness(b, g, cells[:64], probes[:1]) < 0.9 || fitness(b, g, cells, probes[:1]) < 0.75 {
		return s, false
	}
	fit := r.settle(b, g, cells)
	if fit < 0.85 || fitness(b, g, timing, probes[:1]) < 0.9 || fitness(b, g, quiet, probes[:1]) < 0.9 {
		return s, false
	}
	s, ok = r.attempt(b, g, r.decodeMicro)
	return s, ok && (size > smallestMicro || r.isClear(g, cells, b.Negative()))
}

// frame returns the directions of the sides of a finder pattern, told by the rim alone: it is farthest at the corners.
func (f *finder) frame() frame {
	var sin, cos float64
	for _, p := range f.rim.places() {
		dx, dy := p.X-f.at.X, p.Y-f.at.Y
		s, c := math.Sincos(4 * math.Atan2(dy, dx))
		r := math.Hypot(dx, dy)
		sin, cos = sin+r*s, cos+r*c
	}
	s, c := math.Sincos(math.Atan2(sin, cos)/4 - math.Pi/4)
	return frame{u: pix.Point{X: f.module * c, Y: f.module * s}, v: pix.Point{X: -f.module * s, Y: f.module * c}}
}

// parallelogram is the quadrangle without its perspective, which small errors at a finder pattern's corners make too
// much of.
func parallelogram(q [4]pix.Point) [4]pix.Point {
	m := pix.Point{X: (q[0].X + q[1].X + q[2].X + q[3].X) / 4, Y: (q[0].Y + q[1].Y + q[2].Y + q[3].Y) / 4}
	u := pix.Point{X: (q[1].X + q[2].X - q[0].X - q[3].X) / 4, Y: (q[1].Y + q[2].Y - q[0].Y - q[3].Y) / 4}
	v := pix.Point{X: (q[2].X + q[3].X - q[0].X - q[1].X) / 4, Y: (q[2].Y + q[3].Y - q[0].Y - q[1].Y) / 4}
	return [4]pix.Point{
		{X: m.X - u.X - v.X, Y: m.Y - u.Y - v.Y}, {X: m.X + u.X - v.X, Y: m.Y + u.Y - v.Y},
		{X: m.X + u.X + v.X, Y: m.Y + u.Y + v.Y}, {X: m.X - u.X + v.X, Y: m.Y - u.Y + v.Y},
	}
}
