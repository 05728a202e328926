package bars

import (
	"math"

	"github.com/offlane/offlane/barcode/internal/pix"
)

// A trail is how a symbol goes on along its bars, step by step of about a pixel: what its lines look like at the
// middles of its elements, and at zoneLooks places of each quiet zone.
type trail struct {
	sheet
	limit   float64 // by how much luma may differ
	astray  []bool  // of one step
	off     []int   // the steps in which a look was
	zones   [2]int  // those in which a look into a zone was
	steps   int
	between int      // those between the lines
	lumas   [][]byte // of each look, from the first line to the last
}

// The looks into a zone lie zoneStep modules apart. Beyond the outermost lines a line may at each step lie trailShift
// pixels farther to one side, as bars bend; the symbol ends where fewer than trailHolds of its elements are as they
// were.
const (
	zoneLooks, zoneStep = 5, 1.5
	trailShift          = 0.5
	trailHolds          = 0.75
)

// shares are where a line is looked at, as shares of the way from its beginning to its end.
func (v *vote) shares() (all []float64) {
	step := zoneStep * float64(v.figure.module/v.length)
	for k := range zoneLooks {
		all = append(all, step*float64(k-zoneLooks))
	}
	for _, m := range v.middles {
		all = append(all, float64(m))
	}
	for k := range zoneLooks {
		all = append(all, 1+step*float64(k+1))
	}
	return all
}

// ready makes room for so many looks, and says whether there are as many as before.
func (t *trail) ready(looks int) bool {
	if t.off == nil {
		t.off, t.astray, t.lumas = make([]int, looks), make([]bool, looks), make([][]byte, looks)
	}
	return looks == len(t.off)
}

// walk goes from one line to another, where nothing is astray. Nor is what lies between the luma of both.
func (t *trail) walk(a, b *vote) {
	sharesA, sharesB := a.shares(), b.shares()
	if !t.ready(len(sharesA)) || !t.ready(len(sharesB)) {
		return
	}
	far := pix.Distance(mid(a.from, a.to), mid(b.from, b.to)) / t.scale
	if far >= 0.5 {
		t.steps++
	}
	for i := range sharesA {
		t.lumas[i] = append(t.lumas[i], t.luma(interpolate(a.from, a.to, sharesA[i])))
	}
	for k := 1.0; k < far; k++ {
		for i := range sharesA {
			from, to := interpolate(a.from, a.to, sharesA[i]), interpolate(b.from, b.to, sharesB[i])
			low, high := float64(t.luma(from)), float64(t.luma(to))
			luma := t.luma(interpolate(from, to, k/far))
			t.lumas[i] = append(t.lumas[i], luma)
			v := float64(luma)
			t.astray[i] = (v < min(low, high)-t.limit || v > max(low, high)+t.limit) && t.contains(from) && t.contains(to)
		}
		t.note(t.astray)
	}
}

// note counts a step.
func (t *trail) note(astray []bool) {
	t.steps++
	var zones [2]int
	for i, is := range astray {
		if !is {
			continue
		}
		t.off[i]++
		if i < zoneLooks {
			zones[0] = 1
		}
		if i >= len(astray)-zoneLooks {
			zones[1] = 1
		}
	}
	t.zones[0] += zones[0]
	t.zones[1] += zones[1]
}

// extend goes on from line a beyond line b, until the symbol or the plane ends, and returns how far that is.
func (t *trail) extend(a, b *vote) (far float64) {
	shares := b.shares()
	n := pix.Distance(mid(a.from, a.to), mid(b.from, b.to)) / t.scale
	if n < 1 || !t.ready(len(shares)) {
		return 0 // lines that lie no pixel apart point nowhere
	}
	left, right, side := stride(a.from, b.from, n), stride(a.to, b.to, n), direction(b.from, b.to)
	expected := make([]float64, len(shares))
	for i, at := range shares {
		expected[i] = math.NaN() // nothing is astray of a place that is not on the plane
		if p := interpolate(b.from, b.to, at); t.contains(p) {
			expected[i] = float64(t.luma(p))
		}
	}
	best, shift, ok := make([]bool, len(shares)), 0.0, true
	for k := 1.0; ; k++ {
		from, to := move(b.from, left, k), move(b.to, right, k)
		if shift, ok = t.step(from, to, side, shares, expected, shift, best); !ok {
			return (k - 1) * t.scale
		}
		t.note(best)
	}
}

// stride is the way from one place to another, divided.
func stride(a, b pix.Point, n float64) pix.Point {
	return pix.Point{X: (b.X - a.X) / n, Y: (b.Y - a.Y) / n}
}

// step finds which looks on the line between two places are astray, with the shift that leaves the fewest; not ok where
// the symbol or the plane has ended.
func (t *trail) step(from, to, side pix.Point, shares, expected []float64, shift float64,
	best []bool) (found float64, ok bool) {
	least := len(shares) + 1
	for _, by := range [3]float64{0, -trailShift, trailShift} {
		a, b := move(from, side, (shift+by)*t.scale), move(to, side, (shift+by)*t.scale)
		if !t.contains(a) || !t.contains(b) {
			return 0, false
		}
		if n := t.compare(a, b, shares, expected); n < least {
			least, found = n, shift+by
			copy(best, t.astray)
		}
	}
	return found, float64(least) <= (1-trailHolds)*float64(len(shares)-2*zoneLooks)
}

// compare finds which looks on a line are astray, and how many of those at elements.
func (t *trail) compare(from, to pix.Point, shares, expected []float64) (n int) {
	for i, at := range shares {
		p := interpolate(from, to, at)
		t.astray[i] = math.Abs(float64(t.luma(p))-expected[i]) > t.limit && t.contains(p)
		if t.astray[i] && i >= zoneLooks && i < len(shares)-zoneLooks {
			n++
		}
	}
	return n
}
