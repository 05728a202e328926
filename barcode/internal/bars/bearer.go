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

// lumas are those at the middles of a line's elements.
func (s sheet) lumas(v *vote) []float64 {
	all := make([]float64, len(v.middles))
	for i, at := range v.middles {
		all[i] = float64(s.luma(interpolate(v.from, v.to, float64(at))))
	}
	return all
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
	bearerNear, nearDark  = 12, 0.8  // modules at an end of the symbol, and which share of them is dark; bars are 0.78
	bearerDeep            = 0.75     // modules into it
	bearerSamples         = 160      // on a line along the symbol
)

// An edge is a line from the left end of a symbol to its right end, and the directions in which both ends go on, away
// from the symbol's middle.
type edge struct{ left, right, leftward, rightward pix.Point }

// bearers says whether a bearer bar above or below a symbol reaches beyond one of its ends alone, or beyond both.
func (g *group) bearers(s sheet) (cut, whole bool) {
	if s.plane == nil {
		return false, false
	}
	s.inverted = g.inverted
	first, last := g.outermost()
	up := edge{first.from, first.to, direction(last.from, first.from), direction(last.to, first.to)}
	down := edge{last.from, last.to, direction(first.from, last.from), direction(first.to, last.to)}
	module := g.quality().Module
	level, ok := s.level(first)
	if !ok {
		return false, false
	}
	for _, e := range [2]edge{up, down} {
		one, both := s.bearerEnds(e, module, level)
		cut, whole = cut || one, whole || both
	}
	return cut, whole
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

// bearerEnds finds a bearer bar beside both ends of a symbol, away from its middle, and says whether it reaches beyond
// one of them alone or beyond both. A line that crosses the symbol at a slant is nearer to the bar at one end than at
// the other.
func (s sheet) bearerEnds(e edge, module float64, level byte) (one, both bool) {
	length := pix.Distance(e.left, e.right)
	left, okLeft := s.bearer(e.left, e.leftward, direction(e.left, e.right), length, module, level)
	right, okRight := s.bearer(e.right, e.rightward, direction(e.right, e.left), length, module, level)
	if !okLeft || !okRight || s.hasPaper(e, left, right, level) {
		return false, false
	}
	a, b := move(e.left, e.leftward, left+bearerDeep*module), move(e.right, e.rightward, right+bearerDeep*module)
	if s.dark(a, b, level) < bearerDark {
		return false, false
	}
	before, behind := s.runs(a, direction(b, a), module, level), s.runs(b, direction(a, b), module, level)
	long, short := max(before, behind), min(before, behind)
	return long >= bearerLong && short <= bearerShort, short >= bearerLong
}

// bearer is how far away from an end of a symbol it is so dark inward as bars with their spaces are not.
func (s sheet) bearer(end, outward, inward pix.Point, length, module float64, level byte) (away float64, ok bool) {
	for away = s.scale; away < length; away += s.scale {
		p := move(end, outward, away)
		if !s.contains(p) {
			return 0, false
		}
		if s.dark(p, move(p, inward, bearerNear*module), level) >= nearDark {
			return away, true
		}
	}
	return 0, false
}

// hasPaper says whether between a symbol and a bearer bar, which is so far from either end, lies paper.
func (s sheet) hasPaper(e edge, left, right float64, level byte) bool {
	for away, far := 0.0, max(left, right); away < far; away += s.scale {
		a, b := move(e.left, e.leftward, left*away/far), move(e.right, e.rightward, right*away/far)
		if s.dark(a, b, level) <= paperDark {
			return true
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
