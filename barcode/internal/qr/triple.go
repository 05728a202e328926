package qr

import (
	"cmp"
	"math"
	"slices"

	"github.com/offlane/offlane/barcode/internal/pix"
)

// A triple is three finder patterns that may belong to one symbol: at the corner, to its right, below it.
type triple struct {
	corner, right, below *finder
	cost                 float64
}

// triples returns the likeliest ones first.
func triples(out []triple, f []finder, effort Effort) []triple {
	for i := range f {
		for j := i + 1; j < len(f); j++ {
			if !alike(f[i].module, f[j].module) {
				continue
			}
			for k := j + 1; k < len(f); k++ {
				if t, ok := makeTriple(&f[i], &f[j], &f[k]); ok && (effort.Cost == 0 || t.cost < effort.Cost) {
					out = append(out, t)
				}
			}
		}
	}
	slices.SortFunc(out, func(a, b triple) int { return cmp.Compare(a.cost, b.cost) })
	return out[:min(effort.Triples, len(out))]
}

// modulesDiffer is how many times larger the modules of one finder pattern may be than those of another of the symbol:
// a symbol that is tilted away from the camera is half as large at its far end.
const modulesDiffer = 2.2

func alike(a, b float64) bool { return a < modulesDiffer*b && b < modulesDiffer*a }

// The middles of finder patterns are 14 to 170 modules apart along a side, and tilt makes them seem nearer or farther
// by less than a third. One side may seem two and a half times as long as the other, and the cosine of the angle
// between them may be mostSlant: 45 to 135 degrees.
const (
	nearestSide, farthestSide = 10, 190
	sidesDiffer               = 2.5
	mostSlant                 = 0.7
)

// makeTriple puts the finder opposite the longest side at the corner.
func makeTriple(a, b, c *finder) (triple, bool) {
	if !areFine(a, b, c) || !alike(a.module, c.module) || !alike(b.module, c.module) {
		return triple{}, false
	}
	ab, bc, ca := far2(a.at, b.at), far2(b.at, c.at), far2(c.at, a.at)
	switch {
	case ab >= bc && ab >= ca:
		a, c = c, a
		ab, bc = bc, ab
	case ca >= ab && ca >= bc:
		a, b = b, a
		ca, bc = bc, ca
	}
	// Now a is at the corner. Right must be clockwise before below.
	if (b.at.X-a.at.X)*(c.at.Y-a.at.Y)-(b.at.Y-a.at.Y)*(c.at.X-a.at.X) < 0 {
		b, c = c, b
		ab, ca = ca, ab
	}
	module := (a.module + b.module + c.module) / 3
	short, long := min(ab, ca), max(ab, ca)
	if short < nearestSide*nearestSide*module*module || long > farthestSide*farthestSide*module*module ||
		long > sidesDiffer*sidesDiffer*short {
		return triple{}, false
	}
	// The cosine of the angle at the corner.
	p, q := math.Sqrt(ab), math.Sqrt(ca)
	cos := (ab + ca - bc) / (2 * p * q)
	if math.Abs(cos) > mostSlant {
		return triple{}, false
	}
	sizes := max(a.module, b.module, c.module)/min(a.module, b.module, c.module) - 1
	cost := 1.5*math.Abs(cos) + math.Abs(p-q)/max(p, q) + sizes + 0.3*(p+q)/(80*module)
	cost -= 0.1 * math.Log(float64(min(a.hits, b.hits, c.hits)))
	cost += 0.8 * (1 - min(1, a.seen, b.seen, c.seen))
	return triple{a, b, c, cost}, true
}

func far2(a, b pix.Point) float64 { return (a.X-b.X)*(a.X-b.X) + (a.Y-b.Y)*(a.Y-b.Y) }
