package datamatrix

import (
	"math"

	"github.com/offlane/offlane/barcode/internal/pix"
)

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
	r := x.readRun(from, to)
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

// readRun tells how a line alternates by the binary picture, or by luma where that is blurred.
func (x *picture) readRun(from, to pix.Point) run {
	if x.blurred {
		return x.waves(from, to)
	}
	return x.runs(from, to)
}

// runs is along by the binary picture.
func (x *picture) runs(from, to pix.Point) (r run) {
	length := max(math.Abs(to.X-from.X), math.Abs(to.Y-from.Y))
	r.steps = int(length)
	if r.shortest = r.steps; r.steps < leastSide {
		return run{}
	}
	blank := int(blankRun * length)
	r.walk(x.binary, &way{
		int64(from.X * onePixel), int64(from.Y * onePixel),
		int64((to.X - from.X) / length * onePixel), int64((to.Y - from.Y) / length * onePixel),
	}, int(beyond*length), blank)
	x.meter.Add(min(r.last+blank, r.steps))
	return r
}

// onePixel is the side of a pixel on a way.
const onePixel = 1 << 16

// A way is where a line begins and goes with each step.
type way struct{ x, y, dx, dy int64 }

// clip tells which of n steps lie within a picture: from the first to before the end.
func (w *way) clip(b *pix.Binary, n int) (first, end int) {
	left, right := clipAxis(w.x, w.dx, int64(b.W)*onePixel, n)
	top, bottom := clipAxis(w.y, w.dy, int64(b.H)*onePixel, n)
	return max(left, top), min(right, bottom)
}

// clipAxis tells which of n steps by d from p on lie between 0 and a limit.
func clipAxis(p, d, limit int64, n int) (first, end int) {
	if d < 0 {
		p, d = limit-1-p, -d
	}
	last := p + int64(n-1)*d
	if p >= limit || last < 0 {
		return 0, 0
	}
	if end = n; last >= limit {
		end = int((limit-1-p)/d) + 1
	}
	if p < 0 {
		first = int((d - 1 - p) / d)
	}
	return first, end
}

// walk notes the changes on the first n steps of a way, until a run is longer than a blank or than the others. Beyond
// the border all is light.
func (r *run) walk(b *pix.Binary, w *way, n, blank int) {
	first, end := w.clip(b, n)
	if end <= first || first-1 > blank {
		return
	}
	words, stride, light := b.Words, b.Stride, !b.Negative()
	x, y := w.x+int64(first)*w.dx, w.y+int64(first)*w.dy
	before, stop := first == 0 && b.Dark(int(x>>16), int(y>>16)), blank
	for i := first; i < end; i++ {
		dark := (words[int(y>>16)*stride+int(x>>22)]>>(uint(x>>16)&63)&1 != 0) == light
		x, y = x+w.dx, y+w.dy
		if dark == before || i-r.last >= speck && b.Dark(int(x>>16), int(y>>16)) == before {
			if i > stop {
				return
			}
			continue
		}
		r.change(i)
		before, stop = !before, i+r.longestNext(blank)
	}
	if before && end < n {
		r.change(end)
	}
}

// longestNext is how long the next run may be.
func (r *run) longestNext(blank int) int {
	if r.n < sureRuns {
		return blank
	}
	return min(blank, int(longestRun*float64(r.last))/r.n)
}

// change notes a change at a step.
func (r *run) change(step int) {
	if r.longest = max(r.longest, step-r.last); r.n > 0 {
		r.shortest = min(r.shortest, step-r.last)
	} else {
		r.first = step
	}
	r.n, r.last = r.n+1, step
}
