package pix

import (
	"math"
	"slices"
)

// A Point is a place in a picture, in pixels from the upper left corner of its upper left pixel.
type Point struct{ X, Y float64 }

// Distance is that of two places, in pixels.
func Distance(a, b Point) float64 { return math.Hypot(a.X-b.X, a.Y-b.Y) }

// IsCovered says whether a place lies within one of the quadrangles, whichever way around their corners stand.
func IsCovered(p Point, all [][4]Point) bool {
	return slices.ContainsFunc(all, func(q [4]Point) bool {
		var left, right bool
		for i, a := range q {
			b := q[(i+1)%4]
			d := (b.X-a.X)*(p.Y-a.Y) - (b.Y-a.Y)*(p.X-a.X)
			if left, right = left || d < 0, right || d > 0; left && right {
				return false
			}
		}
		return true
	})
}
