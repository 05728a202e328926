package qr

import (
	"cmp"
	"math"
	"slices"

	"github.com/offlane/offlane/barcode/internal/pix"
	"github.com/offlane/offlane/barcode/internal/symbol"
)

// A pair is two finder patterns of a symbol whose third is damaged, covered or out of sight, and a guess which two
// they are: where is the place of each, 0 at the corner, 1 to its right, 2 below it.
type pair struct {
	finders [2]*finder
	where   [2]int
}

// A couple is two finder patterns that may belong together: side by side, or else at opposite corners.
type couple struct {
	finders [2]*finder
	beside  bool
	cost    float64
}

// arrangements are the places that two finder patterns may have.
var arrangements = [6][2]int{{0, 1}, {1, 0}, {0, 2}, {2, 0}, {1, 2}, {2, 1}}

// readPairs reads symbols of which only two finder patterns were found.
func (r *Reader) readPairs(b *pix.Binary, all []finder, effort Effort, known [][4]pix.Point) (out []symbol.Symbol) {
	r.told = r.told[:0]
	for _, p := range r.pairs(b, all, effort.Pairs) {
		if r.work > effort.Work || effort.Late() {
			break
		}
		if pix.IsCovered(p.finders[0].at, known) || pix.IsCovered(p.finders[1].at, known) {
			continue
		}
		pins, sizes, ok := r.measurePair(b, &p)
		if !ok {
			continue
		}
		if s, ok := r.fit(b, pins, sizes, effort.papers()); ok {
			out, known = append(out, s), append(known, s.Corners)
		}
	}
	return out
}

// pairs returns so many guesses, the likeliest first.
func (r *Reader) pairs(b *pix.Binary, all []finder, most int) []pair {
	r.couple(b, all)
	r.guesses = r.guesses[:0]
	for _, c := range r.couples {
		for n, where := range arrangements {
			if len(r.guesses) == most {
				return r.guesses
			}
			if (n < 4) == c.beside {
				r.guesses = append(r.guesses, pair{c.finders, where})
			}
		}
	}
	return r.guesses
}

// couple notes what may belong together, the likeliest first: whole rims, modules alike, sides parallel.
func (r *Reader) couple(b *pix.Binary, all []finder) {
	r.couples = r.couples[:0]
	for i := range all {
		for k := range i {
			if c, ok := newCouple(b, &all[k], &all[i]); ok {
				r.couples = append(r.couples, c)
			}
		}
	}
	slices.SortStableFunc(r.couples, func(a, b couple) int { return cmp.Compare(a.cost, b.cost) })
}

// The middles of two finder patterns that stand for a symbol alone are so many modules apart, at opposite corners as
// well. They are side by side where the way between them is within aslant of a side of the one.
const (
	nearestPair, farthestPair = 12, 240
	aslant                    = math.Pi / 8
)

// newCouple says whether two finder patterns may belong together.
func newCouple(b *pix.Binary, f, g *finder) (c couple, ok bool) {
	module := (f.module + g.module) / 2
	d := pix.Distance(f.at, g.at)
	if !f.fine || !g.fine || !alike(f.module, g.module) || d < nearestPair*module || d > farthestPair*module {
		return c, false
	}
	f.look(b)
	g.look(b)
	if min(f.rim.n, g.rim.n) < leastRim {
		return c, false
	}
	u := f.frame().u
	turn := math.Mod(math.Atan2(g.at.Y-f.at.Y, g.at.X-f.at.X)-math.Atan2(u.Y, u.X)+4*math.Pi, math.Pi/2)
	cost := max(f.module, g.module)/min(f.module, g.module) + d/(100*module)
	beside := min(turn, math.Pi/2-turn) < aslant
	return couple{[2]*finder{f, g}, beside, cost}, true
}

// measurePair returns the pins of the two and the sizes that their distance allows.
func (r *Reader) measurePair(b *pix.Binary, p *pair) (pins []pin, sizes []int, ok bool) {
	f, g := p.finders[0], p.finders[1]
	// The way from the one to the other in modules is (off, 0), (0, off) or (-off, off) or its opposite.
	steps := [3][2]float64{{0, 0}, {1, 0}, {0, 1}}
	du, dv := steps[p.where[1]][0]-steps[p.where[0]][0], steps[p.where[1]][1]-steps[p.where[0]][1]
	dx, dy := g.at.X-f.at.X, g.at.Y-f.at.Y
	// The direction of u is the way turned back by the angle that it has in the symbol.
	sin, cos := math.Sincos(math.Atan2(dy, dx) - math.Atan2(dv, du))
	module := (f.module + g.module) / 2
	near := frame{u: pix.Point{X: module * cos, Y: module * sin}, v: pix.Point{X: -module * sin, Y: module * cos}}
	pins = r.pins[:0]
	side, n := 0.0, 0.0
	for i, one := range p.finders {
		c, ok := one.corners(b, near)
		if !ok {
			return nil, nil, false
		}
		where := p.where[i]
		pins = append(pins, pin{where, 3.5, 3.5, one.at})
		for k, o := range [4][2]float64{{0, 0}, {7, 0}, {7, 7}, {0, 7}} {
			pins = append(pins, pin{where, o[0], o[1], c[k]})
			side, n = side+pix.Distance(c[k], c[(k+1)%4])/7, n+1
		}
	}
	r.pins = pins
	size := math.Hypot(dx, dy)/math.Hypot(du, dv)/(side/n) + 7
	return pins, r.sizesNear(size, size), true
}
