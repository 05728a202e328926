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
)

// thirds is how many places there are from one that is tried first to the next.
const thirds = tries / coarse

// widened are the places up to two beside those given: there are lines along the same modules.
func widened(m uint32) uint32 { return m | m<<1 | m<<2 | m>>1 | m>>2 }

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
	in = shortened(near, far, in)
	x.bundles = [mostChanges]bundle{}
	var alike [coarse]uint32 // of the places that are tried first, the other ends whose lines alternate
	for n, i := range places {
		if n == coarse && !x.bundled() {
			return best, false
		}
		u := (float64(i) + 0.5) / tries
		t := inward * u * u
		from := pix.Point{X: near.X + t*in.X, Y: near.Y + t*in.Y}
		left := ^uint32(0)
		if n >= coarse {
			left = widened(alike[min(i/thirds, coarse-1)] | alike[min(i/thirds+1, coarse-1)])
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
				b.n, b.from, b.to = b.n+1, added(b.from, from), added(b.to, to)
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
	r := x.along(best.from, best.to)
	if r.n < 2 {
		return best, false
	}
	t := (float64(r.last) + float64(r.last-r.first)/float64(r.n-1)) / float64(r.steps)
	best.end = pix.Point{X: best.from.X + t*(best.to.X-best.from.X), Y: best.from.Y + t*(best.to.Y-best.from.Y)}
	return best, true
}

// shortened makes a way inwards as long as that from near to far at most: along a short side modules are as small as
// along a long one.
func shortened(near, far, in pix.Point) pix.Point {
	share := min(1, pix.Distance(near, far)/math.Hypot(in.X, in.Y))
	return pix.Point{X: in.X * share, Y: in.Y * share}
}

// lively says whether dark and light alternate at all where an alternating side is to be, and whether they do as on
// one.
func (x *picture) lively(near, far, in pix.Point) (ok, alike bool) {
	in = shortened(near, far, in)
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

func added(a, b pix.Point) pix.Point { return pix.Point{X: a.X + b.X, Y: a.Y + b.Y} }

const (
	// Of an alternating side no run is so many times as long as the mean, and none between two changes so short a share.
	longestRun, shortestRun = 2.6, 0.35
	// beyond is how much farther than to a parallelogram's corner a line goes: perspective may put it there.
	beyond = 1.3
	// speck is the length of a run in pixels from which on one of a single pixel behind it is noise.
	speck = 6
	// blankRun is the share of a line from which on a run is too long, however many follow.
	blankRun = longestRun * beyond / leastChanges
	// sureRuns is how many runs tell what a long one is.
	sureRuns = 3
)

// changes counts how often a line changes between dark and light; zero where its runs are not alike.
func (x *picture) changes(from, to pix.Point) int {
	r := x.along(from, to)
	if !r.isEven() {
		return 0
	}
	return r.n
}

// A run tells how a line alternates, as far as it does: how often it changes, at which of its steps first and last, and
// its longest run and the shortest between two changes. The steps go to the end of the line.
type run struct{ n, steps, first, last, longest, shortest int }

// isEven says whether the runs are alike.
func (r *run) isEven() bool {
	mean := float64(r.last) / float64(max(1, r.n))
	return float64(r.longest) <= longestRun*mean && float64(r.shortest) >= shortestRun*mean
}

// along tells how a line alternates by the binary picture, or by luma where that is blurred.
func (x *picture) along(from, to pix.Point) run {
	if x.blurred {
		return x.waves(from, to)
	}
	return x.runs(from, to)
}

func (x *picture) runs(from, to pix.Point) (r run) {
	length := max(math.Abs(to.X-from.X), math.Abs(to.Y-from.Y))
	r.steps = int(length)
	if r.shortest = r.steps; r.steps < leastSide {
		return run{}
	}
	const one = 1 << 16 // a pixel
	px, py := int64(from.X*one), int64(from.Y*one)
	dx, dy := int64((to.X-from.X)/length*one), int64((to.Y-from.Y)/length*one)
	dark := func(i int) bool {
		return x.binary.Dark(int((px+int64(i)*dx)>>16), int((py+int64(i)*dy)>>16))
	}
	before, blank := dark(0), int(blankRun*length)
	for i := range int(beyond * length) {
		if dark(i) == before || i-r.last >= speck && dark(i+1) == before {
			if i-r.last > blank || r.n >= sureRuns && float64((i-r.last)*r.n) > longestRun*float64(r.last) {
				break
			}
			continue
		}
		if r.longest = max(r.longest, i-r.last); r.n > 0 {
			r.shortest = min(r.shortest, i-r.last)
		} else {
			r.first = i
		}
		r.n, r.last, before = r.n+1, i, !before
	}
	x.meter.Add(min(r.last+blank, r.steps))
	return r
}

// bundled says whether any line had changes that are alike.
func (x *picture) bundled() bool {
	for c := range x.bundles {
		if x.bundles[c].n > 0 {
			return true
		}
	}
	return false
}
