package bars

import (
	"math"
	"slices"

	"github.com/offlane/offlane/barcode/internal/symbol"
)

// A lens, a bent label and the perspective move edges smoothly, ink and blur move those of bars against those of
// spaces. Where two prints meet all edges behind the joint lie a part of a module aside, or grow apart at once. How far
// off the edges are that a smooth way does not explain must not be jointTimes what is left with a joint, both with
// jointNoise more, in modules: with neither of two smooth ways, as a crumpled label has some of both. In the pictures
// it is 1.47 at most, on a crumpled label, else 1.44; in 536 covered symbols that are read right 1.40; in 6 of 899
// spoilt ones, which are crumpled, more than 1.62. Joints of half a module have 1.9 and more, those of parts that
// differ by a tenth in size 1.8, but for one of a Codabar with 1.59.
const jointTimes, jointNoise = 1.62, 0.032

// jointBends are the powers of the way along a symbol up to which edges move smoothly, and jointEnd is how many
// elements at each end no joint is looked for in.
var jointBends = [2]int{3, 5}

const jointEnd = 8

// isStretched says whether the edges of a group do not fit one print, but two.
func (g *group) isStretched() bool {
	edges, printed := g.meanEdges(), g.print()
	if len(printed) == 0 || len(edges) != len(printed)+1 {
		return false
	}
	for _, bend := range jointBends {
		if !g.fitsJoint(edges, printed, bend) {
			return false
		}
	}
	return true
}

// fitsJoint says whether edges fit much better with a joint than without.
func (g *group) fitsJoint(edges []float64, printed []float32, bend int) bool {
	b, off := smooth(edges, printed, bend)
	square := jointNoise * jointNoise * float64(len(edges))
	most := (dot(off, off)+square)/(jointTimes*jointTimes) - square
	room := make([]float64, 2*len(edges))
	for k := jointEnd; most > 0 && k < len(printed)-jointEnd; k++ {
		if g.mayJoin(k) && b.rest(edges, off, k, room) < most {
			return true
		}
	}
	return false
}

// mayJoin says whether a joint may lie in an element: anywhere, or beside a gap between characters. Characters of
// Codabar and Code 39 are printed in sizes of their own by some.
func (g *group) mayJoin(k int) bool {
	switch g.format {
	case symbol.Code39:
		return (k+2)%10 < 3
	case symbol.Codabar:
		return (k+2)%8 < 3
	}
	return true
}

// meanEdges is where the edges of a group lie, as shares of its length: the mean of the middle half of its lines.
func (g *group) meanEdges() []float64 {
	n := len(g.edges)
	out, column := make([]float64, n), make([]float64, 0, len(g.all))
	for i := range out {
		column = column[:0]
		for k := range g.all {
			if v := &g.all[k]; !v.fitted && len(v.edges) == n {
				column = append(column, float64(v.edges[i]))
			}
		}
		if len(column) == 0 {
			return nil
		}
		slices.Sort(column)
		column = column[len(column)/4 : len(column)-len(column)/4]
		for _, x := range column {
			out[i] += x / float64(len(column))
		}
	}
	return out
}

// A basis is columns that are orthogonal and of length 1: all that moves edges without a joint.
type basis [][]float64

// smooth is what moves the edges of one print up to a bend, and how far they are off it, in modules.
func smooth(edges []float64, printed []float32, bend int) (b basis, off []float64) {
	n := len(edges)
	var ways [5][]float64 // alike, of the second edges of bars, in modules, and over wide elements and gaps
	for k := range ways {
		ways[k] = make([]float64, n)
	}
	var narrow, count float64
	for i := range n {
		ways[0][i], ways[1][i] = 1, float64(i%2)
		if i == 0 {
			continue
		}
		w := printed[i-1]
		ways[2][i], ways[3][i], ways[4][i] = ways[2][i-1]+float64(w), ways[3][i-1], ways[4][i-1]
		switch w {
		case 1:
			narrow, count = narrow+edges[i]-edges[i-1], count+1
		case printedWide:
			ways[3][i]++
		case printedGap:
			ways[4][i]++
		}
	}
	for _, way := range ways {
		b.add(way)
	}
	for power := 2; power <= bend; power++ {
		way := make([]float64, n)
		for i, x := range edges {
			way[i] = math.Pow(2*x-1, float64(power))
		}
		b.add(way)
	}
	off = make([]float64, n)
	for i, x := range edges {
		off[i] = x * count / narrow
	}
	b.strip(off)
	return b, off
}

// add appends what of a column the basis does not explain.
func (b *basis) add(column []float64) {
	before := dot(column, column)
	b.strip(column)
	b.strip(column) // what rounding left
	after := dot(column, column)
	if after <= 1e-9*before {
		return
	}
	for i := range column {
		column[i] /= math.Sqrt(after)
	}
	*b = append(*b, column)
}

// strip takes away what the basis explains of y.
func (b basis) strip(y []float64) {
	for _, column := range b {
		k := dot(column, y)
		for i, x := range column {
			y[i] -= k * x
		}
	}
}

// rest is the sum of the squares that is left of how far edges are off where there is a joint in element k. It writes
// to room, which is twice as long as edges.
func (b basis) rest(edges, off []float64, k int, room []float64) float64 {
	n := len(edges)
	step, ramp := room[:n], room[n:]
	clear(room)
	for i := k + 1; i < n; i++ {
		step[i], ramp[i] = 1, edges[i]-(edges[k]+edges[k+1])/2
	}
	b.strip(step)
	b.strip(ramp)
	share := dot(step, ramp) / max(1e-9, dot(step, step))
	for i, x := range step {
		ramp[i] -= share * x
	}
	sum := dot(off, off)
	for _, column := range [2][]float64{step, ramp} {
		part := dot(column, off)
		sum -= part * part / max(1e-9, dot(column, column))
	}
	return sum
}

func dot(a, b []float64) (sum float64) {
	for i, x := range a {
		sum += x * b[i]
	}
	return sum
}
