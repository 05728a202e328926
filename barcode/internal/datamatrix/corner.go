package datamatrix

import (
	"math"

	"github.com/offlane/offlane/barcode/internal/pix"
)

// An ell is what may be the two solid sides of a symbol: the corner where they meet and their ends, in the places of
// the lower left, upper left and lower right corner of a symbol. A light one is that of a light symbol on dark.
type ell struct {
	corner, up, right pix.Point
	light             bool
	promise           int
}

const (
	// leastSine is that of the least angle between the solid sides, about 37 degrees.
	leastSine = 0.6
	// slimmest is the least share of one side in the other: that of 8 by 144 modules, tilted.
	slimmest = 0.04
)

// ells calls each for the pairs of sides of an outline that meet as solid sides do.
func ells(sides []side, each func(ell)) {
	for i := range sides {
		a := &sides[i]
		if a.length() < leastSide {
			continue
		}
		for k := 1; k <= min(2, len(sides)-1); k++ {
			b := &sides[(i+k)%len(sides)]
			if b.length() >= leastSide {
				if e, ok := meet(a, b); ok {
					each(e)
				}
				break
			}
		}
	}
}

// meet makes an ell of two sides that follow one another. With dark on the right, an outline turns right around the
// corner of a dark symbol and left around that of a light one.
func meet(a, b *side) (e ell, ok bool) {
	la, lb := a.length(), b.length()
	u := pix.Point{X: (a.to.X - a.from.X) / la, Y: (a.to.Y - a.from.Y) / la}
	v := pix.Point{X: (b.to.X - b.from.X) / lb, Y: (b.to.Y - b.from.Y) / lb}
	sine := cross(u, v)
	if math.Abs(sine) < leastSine || min(la, lb) < slimmest*max(la, lb) {
		return e, false
	}
	t := cross(pix.Point{X: b.from.X - a.from.X, Y: b.from.Y - a.from.Y}, v) / sine
	e.corner = pix.Point{X: a.from.X + t*u.X, Y: a.from.Y + t*u.Y}
	if most := 2*gap + 0.1*min(la, lb); pix.Distance(e.corner, a.to) > most || pix.Distance(e.corner, b.from) > most {
		return e, false
	}
	e.right, e.up = a.from, b.to
	if sine < 0 {
		e.light, e.right, e.up = true, b.to, a.from
	}
	return e, true
}

// fourthCorner is where the fourth corner lies if the solid sides are those of a parallelogram.
func (e *ell) fourthCorner() pix.Point {
	return pix.Point{X: e.up.X + e.right.X - e.corner.X, Y: e.up.Y + e.right.Y - e.corner.Y}
}
