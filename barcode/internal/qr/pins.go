package qr

import (
	"math"
	"slices"

	"github.com/offlane/offlane/barcode/internal/pix"
)

// pins tie places in the picture to modules: those of a finder are counted from its outer corner,
// others from the symbol's.
type pin struct {
	finder int // 0 corner, 1 right, 2 below, 3 none
	u, v   float64
	at     pix.Point
}

func (p pin) module(size int) pix.Point {
	off := float64(size - 7)
	switch p.finder {
	case 1:
		return pix.Point{X: p.u + off, Y: p.v}
	case 2:
		return pix.Point{X: p.u, Y: p.v + off}
	}
	return pix.Point{X: p.u, Y: p.v}
}

// measure returns the pins of the three finders and the sizes that their distances allow, the likeliest first.
func (r *Reader) measure(b *pix.Binary, t *triple) ([]pin, []int) {
	f := [3]*finder{t.corner, t.right, t.below}
	p, q := pix.Distance(f[0].at, f[1].at), pix.Distance(f[0].at, f[2].at)
	m := t.corner.module
	fr := frame{
		u: pix.Point{X: (f[1].at.X - f[0].at.X) / p * m, Y: (f[1].at.Y - f[0].at.Y) / p * m},
		v: pix.Point{X: (f[2].at.X - f[0].at.X) / q * m, Y: (f[2].at.Y - f[0].at.Y) / q * m},
	}
	pins := r.pins[:0]
	var across, down, n, nd float64
	for i := range f {
		pins = append(pins, pin{i, 3.5, 3.5, f[i].at})
		c, ok := f[i].corners(b, fr)
		if !ok {
			continue
		}
		for k, o := range [4][2]float64{{0, 0}, {7, 0}, {7, 7}, {0, 7}} {
			pins = append(pins, pin{i, o[0], o[1], c[k]})
		}
		if i != 2 {
			across, n = across+(pix.Distance(c[0], c[1])+pix.Distance(c[3], c[2]))/14, n+1
		}
		if i != 1 {
			down, nd = down+(pix.Distance(c[0], c[3])+pix.Distance(c[1], c[2]))/14, nd+1
		}
	}
	if n == 0 {
		across, n = t.corner.module+t.right.module, 2
	}
	if nd == 0 {
		down, nd = t.corner.module+t.below.module, 2
	}
	return pins, r.sizesNear(p/(across/n)+7, q/(down/nd)+7)
}

// sizesNear returns the sizes 4n+17 nearest to two measures.
func (r *Reader) sizesNear(a, b float64) []int {
	middle := (a + b) / 2
	nearest := 17 + 4*int(math.Round((middle-17)/4))
	other := nearest + 4
	if middle < float64(nearest) {
		other = nearest - 4
	}
	all := append(r.sizes[:0], nearest, other, 2*nearest-other)
	if nearest >= 45 {
		all = append(all, nearest+8, nearest-8)
	}
	r.sizes = all
	return slices.DeleteFunc(all, func(n int) bool { return n < 21 || n > 177 })
}

// lay fits a grid to the pins.
func lay(pins []pin, size int, c curve) (grid, bool) {
	var room [2][20]pix.Point // more than three finders and an alignment pattern need
	from, to := room[0][:0], room[1][:0]
	for _, p := range pins {
		m := p.module(size)
		m.X, m.Y = c.lift(m.X, m.Y, size)
		from, to = append(from, m), append(to, p.at)
	}
	if len(pins) == 3 {
		from = append(from, pix.Point{X: float64(size) - 3.5, Y: float64(size) - 3.5})
		to = append(to, pix.Point{X: to[1].X + to[2].X - to[0].X, Y: to[1].Y + to[2].Y - to[0].Y})
	}
	h, ok := pix.Fit(from, to)
	return grid{h: h, size: size, curve: c}, ok
}

// pull fits the grid to more pins, if they can be met.
func (g *grid) pull(pins []pin) {
	if n, ok := lay(pins, g.size, g.curve); ok {
		g.h = n.h
	}
}
