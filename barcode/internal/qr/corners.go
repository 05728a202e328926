package qr

import (
	"math"

	"github.com/offlane/offlane/barcode/internal/pix"
)

// frame are the directions to the right and down within a symbol, one module long.
type frame struct{ u, v pix.Point }

const (
	// roundCorner is how near to a diagonal an edge point is of a corner, in modules: blur makes corners round.
	roundCorner = 0.2
	// farCorner is how far from the middle a corner may be, in modules: it is five as printed, and seems less than twice
	// as far at a slant.
	farCorner = 9
	// A point is kept on its side where it is off by at most offMean times the mean and offPixels pixels.
	offMean, offPixels = 1.5, 0.3
	// leastAngle is the sine of the least angle at which two sides meet, three degrees: they must not be parallel.
	leastAngle = 0.05
)

// corners returns the outer corners of a finder pattern, clockwise from the upper left as the frame has it, by lines
// through the edge points that rays from its middle meet.
func (f *finder) corners(b *pix.Binary, fr frame) ([4]pix.Point, bool) {
	var sides [4][rays]pix.Point // upper, right, lower, left
	var n [4]int
	f.look(b)
	for _, p := range f.rim.places() {
		s, t := fr.split(p.X-f.at.X, p.Y-f.at.Y)
		if math.Abs(math.Abs(s)-math.Abs(t)) < roundCorner {
			continue
		}
		k := 0
		switch {
		case s > math.Abs(t):
			k = 1
		case -s > math.Abs(t):
			k = 3
		case t > 0:
			k = 2
		}
		sides[k][n[k]] = p
		n[k]++
	}
	var lines [4]line
	for k := range sides {
		l, ok := fitLine(sides[k][:n[k]])
		if !ok {
			return [4]pix.Point{}, false
		}
		lines[k] = l
	}
	var out [4]pix.Point
	for k := range out {
		p, ok := lines[(k+3)%4].meets(lines[k])
		if !ok || pix.Distance(p, f.at) > farCorner*f.module {
			return out, false
		}
		out[k] = p
	}
	return out, true
}

// split returns how many modules along u and v a way is.
func (fr frame) split(dx, dy float64) (s, t float64) {
	d := fr.u.X*fr.v.Y - fr.u.Y*fr.v.X
	return (dx*fr.v.Y - dy*fr.v.X) / d, (fr.u.X*dy - fr.u.Y*dx) / d
}

// look notes the outer edge of the dark ring in every direction in which there is one.
func (f *finder) look(b *pix.Binary) {
	if f.rim.looked {
		return
	}
	f.rim.looked = true
	for _, d := range directions {
		if p, ok := f.edge(b, d); ok {
			f.rim.points[f.rim.n] = p
			f.rim.n++
		}
	}
}

// rays is in how many directions the rim of a finder pattern is looked for.
const rays = 64

var directions = func() (d [rays]pix.Point) {
	for i := range d {
		d[i].Y, d[i].X = math.Sincos(float64(i) * 2 * math.Pi / rays)
	}
	return d
}()

// A ray from the middle of a finder pattern leaves its ring so many modules away at least and at most, and is looked at
// in steps of at least fine, in pixels.
const leastRay, mostRay, fine = 2, 7.5, 0.25

// edge returns where a ray leaves the outer dark ring: the third change.
func (f *finder) edge(b *pix.Binary, d pix.Point) (pix.Point, bool) {
	place := func(r float64) pix.Point { return pix.Point{X: f.at.X + r*d.X, Y: f.at.Y + r*d.Y} }
	step := max(fine, f.module/6)
	at, ok := f.ray(b, d, step)
	if !ok {
		return pix.Point{}, false
	}
	from, to := max(0, at[2]-step), at[2]
	for to-from > fine {
		if middle := (from + to) / 2; dark(b, place(middle)) {
			from = middle
		} else {
			to = middle
		}
	}
	return place((from + to) / 2), at[2] > leastRay*f.module
}

// A line is a·x + b·y = c with a unit normal.
type line struct{ a, b, c float64 }

// fitLine fits by total least squares, twice: the second time without the points farthest off. It reorders p.
func fitLine(p []pix.Point) (line, bool) {
	if len(p) < 4 {
		return line{}, false
	}
	l := leastSquares(p)
	kept := p[:0]
	var mean float64
	for _, q := range p {
		mean += math.Abs(l.distance(q)) / float64(len(p))
	}
	for _, q := range p {
		if math.Abs(l.distance(q)) <= offMean*mean+offPixels {
			kept = append(kept, q)
		}
	}
	if len(kept) < 4 {
		return l, true
	}
	return leastSquares(kept), true
}

func leastSquares(p []pix.Point) line {
	var mx, my, xx, xy, yy float64
	n := float64(len(p))
	for _, q := range p {
		mx, my = mx+q.X/n, my+q.Y/n
	}
	for _, q := range p {
		dx, dy := q.X-mx, q.Y-my
		xx, xy, yy = xx+dx*dx, xy+dx*dy, yy+dy*dy
	}
	angle := math.Atan2(2*xy, xx-yy) / 2 // of the line
	sin, cos := math.Sincos(angle)
	return line{-sin, cos, -sin*mx + cos*my}
}

func (l line) distance(p pix.Point) float64 { return l.a*p.X + l.b*p.Y - l.c }

func (l line) meets(o line) (pix.Point, bool) {
	d := l.a*o.b - o.a*l.b
	if math.Abs(d) < leastAngle {
		return pix.Point{}, false
	}
	return pix.Point{X: (l.c*o.b - o.c*l.b) / d, Y: (l.a*o.c - o.a*l.c) / d}, true
}
