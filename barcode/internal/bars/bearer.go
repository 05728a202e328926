package bars

import (
	"math"

	"github.com/offlane/offlane/barcode/internal/pix"
)

// A sheet is the finest plane that lines were laid across; a picture is so many times larger.
type sheet struct {
	plane    *pix.Gray
	scale    float64
	inverted bool // the negative is looked at
}

func (s sheet) luma(p pix.Point) byte {
	v := s.plane.Interpolate(p.X/s.scale, p.Y/s.scale)
	if s.inverted {
		return 255 - v
	}
	return v
}

// contains says whether a place of the picture is on the plane.
func (s sheet) contains(p pix.Point) bool {
	x, y := p.X/s.scale, p.Y/s.scale
	return x >= 0 && y >= 0 && x < float64(s.plane.W) && y < float64(s.plane.H)
}

// Bearer bars are dark over the whole length of a symbol, bars over a third to a half of it. They reach beyond both
// ends of a whole symbol or beyond none; a sticker, or a cut, takes them away on one side.
const (
	bearerDark, paperDark = 0.9, 0.1 // shares of a line along the symbol that is dark
	bearerLong            = 4        // modules beyond the end from which on it reaches there
	bearerShort           = 2        // modules up to which it does not
	bearerSamples         = 160      // on a line along the symbol
)

// An edge is a line from the left end of a symbol to its right end, and the directions in which both ends go on, away
// from the symbol's middle.
type edge struct{ left, right, leftward, rightward pix.Point }

// cutBearer says whether a bearer bar above or below a symbol reaches beyond one of its ends alone.
func (g *group) cutBearer(s sheet) bool {
	if s.plane == nil {
		return false
	}
	s.inverted = g.inverted
	first, last := g.outermost()
	up := edge{first.from, first.to, direction(last.from, first.from), direction(last.to, first.to)}
	down := edge{last.from, last.to, direction(first.from, last.from), direction(first.to, last.to)}
	module := g.quality().Module
	level, ok := s.level(first)
	return ok && (s.oneSided(up, module, level) || s.oneSided(down, module, level))
}

// direction is the unit vector from a to b.
func direction(a, b pix.Point) pix.Point {
	d := math.Max(1e-9, pix.Distance(a, b))
	return pix.Point{X: (b.X - a.X) / d, Y: (b.Y - a.Y) / d}
}

// level is the luma between dark and light of a line.
func (s sheet) level(v vote) (byte, bool) {
	low, high := byte(255), byte(0)
	for k := range bearerSamples {
		luma := s.luma(interpolate(v.from, v.to, (float64(k)+0.5)/bearerSamples))
		low, high = min(low, luma), max(high, luma)
	}
	return low/2 + high/2, high > low
}

func interpolate(a, b pix.Point, t float64) pix.Point {
	return pix.Point{X: a.X + t*(b.X-a.X), Y: a.Y + t*(b.Y-a.Y)}
}

// oneSided follows the ends of a symbol away from its middle until its bars end, and says whether a bearer bar there
// reaches beyond one of them alone.
func (s sheet) oneSided(e edge, module float64, level byte) bool {
	reach := pix.Distance(e.left, e.right)
	for away := s.scale; away < reach; away += s.scale {
		a, b := move(e.left, e.leftward, away), move(e.right, e.rightward, away)
		if !s.contains(a) || !s.contains(b) {
			return false
		}
		switch dark := s.dark(a, b, level); {
		case dark <= paperDark:
			return false
		case dark >= bearerDark:
			a, b = move(a, e.leftward, module/2), move(b, e.rightward, module/2)
			left, right := s.runs(a, direction(b, a), module, level), s.runs(b, direction(a, b), module, level)
			return max(left, right) >= bearerLong && min(left, right) <= bearerShort
		}
	}
	return false
}

func move(p, direction pix.Point, by float64) pix.Point {
	return pix.Point{X: p.X + by*direction.X, Y: p.Y + by*direction.Y}
}

// dark is the share of the line from a to b that is dark.
func (s sheet) dark(a, b pix.Point, level byte) float64 {
	n := 0
	for k := range bearerSamples {
		if s.luma(interpolate(a, b, (float64(k)+0.5)/bearerSamples)) < level {
			n++
		}
	}
	return float64(n) / bearerSamples
}

// runs is for how many modules it stays dark from a place on, at most twice bearerLong.
func (s sheet) runs(p, direction pix.Point, module float64, level byte) float64 {
	const step = 0.25
	for k := step; k < 2*bearerLong; k += step {
		q := move(p, direction, k*module)
		if !s.contains(q) || s.luma(q) >= level {
			return k - step
		}
	}
	return 2 * bearerLong
}
