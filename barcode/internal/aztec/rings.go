package aztec

import (
	"math"

	"github.com/offlane/offlane/barcode/internal/modules"
	"github.com/offlane/offlane/barcode/internal/pix"
)

// rays is how many go out from the middle of an eye.
const rays = 48

// leastRays is how many must cross the rings as they should. Of bull's-eyes drawn in perspective at three pixels a
// module 46 do; damage may take a quarter.
const leastRays = 36

// square lays a grid of seven modules over the innermost rings of an eye: the outermost edge that all symbols have.
func (k *eye) square(b *pix.Binary) (g modules.Grid, ok bool) {
	var rim [rays]pix.Point
	var seen [rays]bool
	n := 0
	for j := range rays {
		i := j * 7 % rays // any wrong one ends it soon
		if rim[i], seen[i] = k.ray(b, i); seen[i] {
			n++
		}
		if j-n > rays-leastRays {
			return g, false
		}
	}
	k.trim(&rim, &seen)
	sides, ok := sidesOf(&rim, &seen)
	if !ok {
		return g, false
	}
	var corners [4]pix.Point
	for i := range sides {
		if corners[i], ok = sides[(i+3)%4].meet(&sides[i]); !ok {
			return g, false
		}
	}
	g = modules.NewGrid(7, 7, &corners)
	return g, g.Sound()
}

// ray returns where a ray leaves the third ring, three and a half modules from the middle along a side. Its changes lie
// at a seventh, three and five sevenths of the way.
func (k *eye) ray(b *pix.Binary, i int) (p pix.Point, ok bool) {
	sin, cos := math.Sincos(2 * math.Pi * float64(i) / rays)
	var at [arm]float64
	dark, n := !k.light, 0
	const step = 0.5 // pixels
	for d := step; d < 10*k.module; d += step {
		if b.Dark(int(k.at.X+d*cos), int(k.at.Y+d*sin)) == dark {
			continue
		}
		if at[n] = d - step/2; n == arm-1 {
			break
		}
		dark = !dark
		n++
	}
	whole := at[arm-1]
	for n := range arm - 1 {
		if math.Abs(at[n]-whole*float64(2*n+1)/7) > offRing*whole+1 {
			return p, false
		}
	}
	return pix.Point{X: k.at.X + whole*cos, Y: k.at.Y + whole*sin}, whole > 0
}

// trim leaves out the rays that go farther than those beside them: at a corner a ray is an eighth longer than the next,
// one that misses an edge is longer by two modules.
func (k *eye) trim(rim *[rays]pix.Point, seen *[rays]bool) {
	const longer = 1.2
	var length [rays]float64
	for i, p := range rim {
		if seen[i] {
			length[i] = math.Hypot(p.X-k.at.X, p.Y-k.at.Y)
		}
	}
	for i, l := range length {
		before, after := length[(i+rays-1)%rays], length[(i+1)%rays]
		seen[i] = seen[i] && l <= longer*max(before, after)
	}
}

// offRing is by how much of the way out a ring may be elsewhere than it should: perspective and blur.
const offRing = 0.12

// A side is a line through a point along a direction.
type side struct{ at, along pix.Point }

// meet returns where two sides meet.
func (s *side) meet(o *side) (p pix.Point, ok bool) {
	d := s.along.X*o.along.Y - s.along.Y*o.along.X
	if math.Abs(d) < leastSine {
		return p, false
	}
	t := ((o.at.X-s.at.X)*o.along.Y - (o.at.Y-s.at.Y)*o.along.X) / d
	return pix.Point{X: s.at.X + t*s.along.X, Y: s.at.Y + t*s.along.Y}, true
}

// leastSine is that of the least angle at which sides meet, about 17 degrees.
const leastSine = 0.3

// sidesOf fits a line to each side of a rim, clockwise.
func sidesOf(rim *[rays]pix.Point, seen *[rays]bool) (out [4]side, ok bool) {
	c := cornersOf(rim, seen)
	for i := range c {
		from, to := c[i], c[(i+1)%4]
		if to <= from {
			to += rays
		}
		skip := max(1, (to-from)/8) // the rounded ends
		var points []pix.Point
		for k := from + skip; k <= to-skip; k++ {
			if seen[k%rays] {
				points = append(points, rim[k%rays])
			}
		}
		if len(points) < 3 {
			return out, false
		}
		out[i] = fitSide(points)
	}
	return out, true
}

// cornersOf returns which points of a rim are its corners, clockwise: the two that are farthest apart, and those that
// are farthest from the line between them.
func cornersOf(rim *[rays]pix.Point, seen *[rays]bool) (c [4]int) {
	most := func(value func(p pix.Point) float64) (best int) {
		top := math.Inf(-1)
		for i, p := range rim {
			if v := value(p); seen[i] && v > top {
				best, top = i, v
			}
		}
		return best
	}
	var middle pix.Point
	for i := range rim {
		o := rim[(i+rays/2)%rays]
		if seen[i] && seen[(i+rays/2)%rays] {
			middle = pix.Point{X: (rim[i].X + o.X) / 2, Y: (rim[i].Y + o.Y) / 2}
		}
	}
	c[0] = most(func(p pix.Point) float64 { return math.Hypot(p.X-middle.X, p.Y-middle.Y) })
	a := rim[c[0]]
	c[2] = most(func(p pix.Point) float64 { return math.Hypot(p.X-a.X, p.Y-a.Y) })
	o := rim[c[2]]
	off := func(p pix.Point) float64 { return (o.X-a.X)*(p.Y-a.Y) - (o.Y-a.Y)*(p.X-a.X) }
	c[1] = most(func(p pix.Point) float64 { return -off(p) })
	c[3] = most(off)
	return c
}

// fitSide returns the line with the least squared distances to points.
func fitSide(points []pix.Point) (s side) {
	n := float64(len(points))
	for _, p := range points {
		s.at.X += p.X / n
		s.at.Y += p.Y / n
	}
	var xx, xy, yy float64
	for _, p := range points {
		dx, dy := p.X-s.at.X, p.Y-s.at.Y
		xx, xy, yy = xx+dx*dx, xy+dx*dy, yy+dy*dy
	}
	sin, cos := math.Sincos(math.Atan2(2*xy, xx-yy) / 2)
	s.along = pix.Point{X: cos, Y: sin}
	return s
}
