package datamatrix

import (
	"math"

	"github.com/offlane/offlane/barcode/internal/pix"
)

// A spot is a corner of pixels.
type spot struct{ x, y int32 }

// A side is a straight piece of an outline: from a spot to another, with dark on its right.
type side struct {
	from, to pix.Point
	first    int // of the spots of the outline
}

func (s *side) length() float64 { return math.Hypot(s.to.X-s.from.X, s.to.Y-s.from.Y) }

// An outliner follows the outlines of the dark areas of a binary picture. It keeps its buffers.
type outliner struct {
	spots []spot
	seen  []uint64 // the pixels at the left of dark ones where an outline was followed upwards
	sides []side
	edges []int32
}

// follow calls each for the straight sides of every outline that crosses every step'th row outside of the quadrangles
// known, in order.
func (o *outliner) follow(b *pix.Binary, step int, known [][4]pix.Point, each func(sides []side)) {
	o.seen = pix.Resize(o.seen, (b.W*(b.H/step+1)+63)/64)
	clear(o.seen)
	for y := step / 2; y < b.H; y += step {
		o.edges = b.Edges(o.edges[:0], y)
		for i := 0; i < len(o.edges); i += 2 {
			if o.mark(b, int(o.edges[i]), y, step) ||
				pix.IsCovered(pix.Point{X: float64(o.edges[i]), Y: float64(y)}, known) {
				continue
			}
			o.trace(b, spot{o.edges[i], int32(y)}, step)
			if len(o.spots) >= leastOutline && o.rotate() {
				o.straighten()
				each(o.sides)
			}
		}
	}
}

// leastOutline is the length of an outline in pixels below which it has no two sides.
const leastOutline = 4 * leastSide

// mark notes that an outline was followed past a pixel, and says whether it was before.
func (o *outliner) mark(b *pix.Binary, x, y, step int) bool {
	i := y/step*b.W + x
	before := o.seen[i>>6]>>(i&63)&1 != 0
	o.seen[i>>6] |= 1 << (i & 63)
	return before
}

// directions are right, down, left, up.
var directions = [4]spot{{1, 0}, {0, 1}, {-1, 0}, {0, -1}}

// ahead are the pixels ahead on the left and on the right of a spot, by direction.
var ahead = [4][2]spot{{{0, -1}, {0, 0}}, {{0, 0}, {-1, 0}}, {{-1, 0}, {-1, -1}}, {{-1, -1}, {0, -1}}}

// trace follows an outline from the left of a dark pixel up and on, dark on the right, until it comes back.
func (o *outliner) trace(b *pix.Binary, start spot, step int) {
	o.spots = o.spots[:0]
	at, d := spot{start.x, start.y + 1}, 3
	for len(o.spots) < 4*b.W*b.H {
		o.spots = append(o.spots, at)
		at.x, at.y = at.x+directions[d].x, at.y+directions[d].y
		if d == 3 && int(at.y)%step == step/2 {
			o.mark(b, int(at.x), int(at.y), step)
		}
		left, right := ahead[d][0], ahead[d][1]
		switch {
		case b.Dark(int(at.x+left.x), int(at.y+left.y)):
			d = (d + 3) % 4
		case !b.Dark(int(at.x+right.x), int(at.y+right.y)):
			d = (d + 1) % 4
		}
		if d == 3 && at.x == start.x && at.y == start.y+1 {
			break
		}
	}
}

const (
	// leastSide is the least length of a side of a finder pattern in pixels: ten modules of a pixel and a half.
	leastSide = 13
	// wobble is how far the spots of a side may lie from it, in pixels.
	wobble = 1.3
	// gap is the length of a side that may stand between two of a corner: blur and noise round it.
	gap = 5
)

// straighten parts the outline in straight sides, and leaves out what is short.
func (o *outliner) straighten() {
	o.sides = o.sides[:0]
	for i := 0; i < len(o.spots)-1; {
		k := o.reach(i)
		first, last := i, k
		if k-i >= 2*gap {
			first, last = o.extend(i, k)
		}
		s := o.fitSide(first, last)
		for n := len(o.sides); n > 0 && o.sides[n-1].first >= first-gap; n-- { // a piece of this one
			o.sides = o.sides[:n-1]
		}
		if s.length() >= gap {
			o.sides = append(o.sides, s)
		}
		i = max(k, last)
	}
}

// extend has a side begin earlier and end later as long as the outline goes on straight: a side that was begun within
// a rounded corner took the beginning of the next.
func (o *outliner) extend(first, last int) (int, int) {
	for range mostExtensions {
		before := last - first
		a, b := o.spots[first], o.spots[last]
		first, last = o.farthest(first, -1, b, a), o.farthest(last, 1, a, b)
		if last-first <= before+before/4 {
			break
		}
	}
	return first, last
}

// farthest returns the last spot behind a side, one way or the other, that lies on its line and farther along it.
func (o *outliner) farthest(at, way int, from, to spot) int {
	dx, dy := float64(to.x-from.x), float64(to.y-from.y)
	length := math.Hypot(dx, dy)
	best, top := at, length
	for k := at + way; k >= 0 && k < len(o.spots); k += way {
		ex, ey := float64(o.spots[k].x-from.x), float64(o.spots[k].y-from.y)
		along := (dx*ex + dy*ey) / length
		if math.Abs(dx*ey-dy*ex) > wobble*length || along < top-1 {
			break
		}
		if along >= top+0.5 {
			best, top = k, along
		}
	}
	return best
}

// mostExtensions is how often a side is extended along the line that it has become.
const mostExtensions = 4

// fitSide returns the side from a spot to another, on the line with the least squared distances to the spots between
// them.
func (o *outliner) fitSide(first, last int) side {
	s := side{point(o.spots[first]), point(o.spots[last]), first}
	skip := (last-first)/8 + 1
	var c pix.Point
	n := 0.0
	for _, p := range o.spots[first+skip : max(first+skip, last+1-skip)] {
		c, n = add(c, point(p)), n+1
	}
	if n < leastSide/2 {
		return s
	}
	c = pix.Point{X: c.X / n, Y: c.Y / n}
	var xx, xy, yy float64
	for _, p := range o.spots[first+skip : last+1-skip] {
		dx, dy := float64(p.x)-c.X, float64(p.y)-c.Y
		xx, xy, yy = xx+dx*dx, xy+dx*dy, yy+dy*dy
	}
	sin, cos := math.Sincos(math.Atan2(2*xy, xx-yy) / 2)
	for _, p := range [2]*pix.Point{&s.from, &s.to} {
		t := (p.X-c.X)*cos + (p.Y-c.Y)*sin
		*p = pix.Point{X: c.X + t*cos, Y: c.Y + t*sin}
	}
	return s
}

func point(s spot) pix.Point { return pix.Point{X: float64(s.x), Y: float64(s.y)} }

// rotate has the outline begin and end at the spot farthest from where it was met: that is a corner and within no side.
// It says whether the outline is large enough for a solid side.
func (o *outliner) rotate() bool {
	a, far, most := o.spots[0], 0, int32(0)
	for i, s := range o.spots {
		if d := (s.x-a.x)*(s.x-a.x) + (s.y-a.y)*(s.y-a.y); d > most {
			far, most = i, d
		}
	}
	if most < leastSide*leastSide {
		return false
	}
	n := len(o.spots)
	o.spots = append(o.spots, o.spots[:far+1]...)
	copy(o.spots, o.spots[far:far+n+1])
	o.spots = o.spots[:n+1]
	return true
}

// reach returns the last spot to which a straight side goes from a spot: as long as there is a direction from it that
// passes all spots nearer than the wobble.
func (o *outliner) reach(from int) int {
	const stride = 2
	a := o.spots[from]
	var low, high pix.Point // the directions left
	for k := from + stride; k < len(o.spots); k += stride {
		dx, dy := float64(o.spots[k].x-a.x), float64(o.spots[k].y-a.y)
		d := dx*dx + dy*dy
		if d <= 4*wobble*wobble {
			if k-from > 12 {
				return max(from+1, k-stride)
			}
			continue
		}
		w := wobble / math.Sqrt(d)
		left, right := pix.Point{X: dx + w*dy, Y: dy - w*dx}, pix.Point{X: dx - w*dy, Y: dy + w*dx}
		if low == (pix.Point{}) {
			low, high = left, right
			continue
		}
		if cross(low, pix.Point{X: dx, Y: dy}) < 0 || cross(high, pix.Point{X: dx, Y: dy}) > 0 {
			return max(from+1, k-stride)
		}
		if cross(low, left) > 0 {
			low = left
		}
		if cross(high, right) < 0 {
			high = right
		}
	}
	return len(o.spots) - 1
}

func cross(a, b pix.Point) float64 { return a.X*b.Y - a.Y*b.X }
