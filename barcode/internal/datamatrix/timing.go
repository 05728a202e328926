package datamatrix

import (
	"math"

	"github.com/offlane/offlane/barcode/internal/pix"
)

// A dashed line is what may be the middle of an alternating side: where it begins and ends, and how many changes
// between dark and light are on it. The end is where the fourth corner lies by them: behind the last change there is
// one module more.
type dashed struct {
	from, to, end pix.Point
	changes       int
}

const (
	// leastChanges is how often the shortest alternating side changes between dark and light, of eight modules, less one
	// for blur.
	leastChanges = 6
	// mostChanges is that of the longest, and a few.
	mostChanges = 150
	// inward is how far in from the ends of the solid sides the lines go that are tried, as a share of the sides: a module
	// of the smallest symbol and a half.
	inward = 0.16
	// fan is how far to either side of a parallelogram's corner the other end of a line may lie.
	fan = 0.25
	// tries is how many places are tried for each end, on each side of the corner. They stand closer near the ends and
	// near the corner: modules of large symbols are small.
	tries = 12
	// coarse is how many places are tried first: where no line from them alternates no other is looked at. Of 240 drawn
	// symbols it loses none; with every second line only it loses six.
	coarse = 4
	// sureLines is how many of the lines from them tell enough if they agree: of 432 drawings as many are read as with
	// all lines.
	sureLines = 20
)

// thirds is how many places there are from one that is tried first to the next.
const thirds = tries / coarse

// widen adds the places up to two beside those given: there are lines along the same modules.
func widen(m uint32) uint32 { return m | m<<1 | m<<2 | m>>1 | m>>2 }

// places is the order in which the places for one end are tried.
var places = [tries]int{0, 3, 6, 9, 1, 2, 4, 5, 7, 8, 10, 11}

// A bundle is the lines with as many changes.
type bundle struct {
	n        int
	from, to pix.Point // sums
}

// dashes finds the alternating side that begins at the end of a solid side. The one goes from near along to far; the
// solid side that it is opposite to lies towards in from near, and from far. It is what most lines agree on.
func (x *picture) dashes(near, far, in pix.Point) (best dashed, ok bool) {
	in = shorten(near, far, in)
	x.bundles = [mostChanges]bundle{}
	var alike [coarse]uint32 // of the places that are tried first, the other ends whose lines alternate
	for n, i := range places {
		if n == coarse {
			agreed := x.most()
			if agreed == 0 {
				return best, false
			}
			if agreed >= sureLines {
				break
			}
		}
		u := (float64(i) + 0.5) / tries
		t := inward * u * u
		from := pix.Point{X: near.X + t*in.X, Y: near.Y + t*in.Y}
		left := ^uint32(0)
		if n >= coarse {
			left = widen(alike[min(i/thirds, coarse-1)] | alike[min(i/thirds+1, coarse-1)])
		}
		for k := -tries; k <= tries; k++ {
			if left>>(k+tries)&1 == 0 {
				continue
			}
			v := float64(k) / tries
			s := t + fan*v*math.Abs(v)
			to := pix.Point{X: far.X + s*in.X, Y: far.Y + s*in.Y}
			if c := x.changes(from, to); c >= leastChanges && c < mostChanges {
				b := &x.bundles[c]
				b.n, b.from, b.to = b.n+1, add(b.from, from), add(b.to, to)
				if n < coarse {
					alike[n] |= 1 << (k + tries)
				}
			}
		}
	}
	for c := range x.bundles {
		if b := &x.bundles[c]; c*c*b.n > best.changes*best.changes*x.bundles[best.changes].n {
			best.changes = c
		}
	}
	b := &x.bundles[best.changes]
	if b.n == 0 {
		return best, false
	}
	n := float64(b.n)
	best.from, best.to = pix.Point{X: b.from.X / n, Y: b.from.Y / n}, pix.Point{X: b.to.X / n, Y: b.to.Y / n}
	r := x.readRun(best.from, best.to)
	if r.n < 2 {
		return best, false
	}
	t := (float64(r.last) + float64(r.last-r.first)/float64(r.n-1)) / float64(r.steps)
	best.end = pix.Point{X: best.from.X + t*(best.to.X-best.from.X), Y: best.from.Y + t*(best.to.Y-best.from.Y)}
	return best, true
}

// shorten makes a way inwards as long as that from near to far at most: along a short side modules are as small as
// along a long one.
func shorten(near, far, in pix.Point) pix.Point {
	share := min(1, pix.Distance(near, far)/math.Hypot(in.X, in.Y))
	return pix.Point{X: in.X * share, Y: in.Y * share}
}

// lively says whether dark and light alternate at all where an alternating side is to be, and whether they do as on
// one.
func (x *picture) lively(near, far, in pix.Point) (ok, alike bool) {
	in = shorten(near, far, in)
	most := 0
	for _, t := range [...]float64{0.01, 0.03, 0.06, 0.1, 0.15} {
		for _, s := range [...]float64{-0.1, 0, 0.1} {
			r := x.runs(pix.Point{X: near.X + t*in.X, Y: near.Y + t*in.Y},
				pix.Point{X: far.X + (t+s)*in.X, Y: far.Y + (t+s)*in.Y})
			most = max(most, r.n)
			alike = alike || r.n >= leastChanges && r.isEven()
		}
	}
	return most >= leastChanges-2, alike
}

func add(a, b pix.Point) pix.Point { return pix.Point{X: a.X + b.X, Y: a.Y + b.Y} }

// most is how many lines have as many changes as most have, of those whose changes are alike.
func (x *picture) most() (n int) {
	for c := range x.bundles {
		n = max(n, x.bundles[c].n)
	}
	return n
}
