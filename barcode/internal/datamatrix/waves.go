package datamatrix

import (
	"math"

	"github.com/offlane/offlane/barcode/internal/pix"
)

// Blur leaves too little of an alternating side for a binary picture. Its luma still rises and falls.
const (
	// swing is the share of the range of the luma on a line by which it rises and falls from dark to light at least.
	swing = 0.25
	// leastSwing is the least such difference in luma: less is noise.
	leastSwing = 4
)

// waves is runs by luma.
func (x *picture) waves(from, to pix.Point) (r run) {
	length := max(math.Abs(to.X-from.X), math.Abs(to.Y-from.Y))
	r.steps = int(length)
	if r.shortest = r.steps; r.steps < leastSide {
		return run{}
	}
	x.sample(from, to, int(beyond*length))
	x.meter.Add(len(x.luma))
	low, high := byte(255), byte(0)
	for _, v := range x.luma[:min(r.steps, len(x.luma))] {
		low, high = min(low, v), max(high, v)
	}
	if high > low {
		x.follow(&r, max(leastSwing, int(swing*float64(high-low))), int(blankRun*length))
	}
	return r
}

// sample takes the luma of so many steps on a line, each of a pixel across or down: mixed of the two pixels between
// which the line passes.
func (x *picture) sample(from, to pix.Point, n int) {
	x.luma = pix.Resize(x.luma, n)
	dx, dy := to.X-from.X, to.Y-from.Y
	g, next, last := x.gray, x.gray.Stride, x.gray.H-2 // the other pixel lies below
	at, way, along, step := from.Y-0.5, dy/math.Abs(dx), from.X, math.Copysign(1, dx)
	upright := math.Abs(dy) > math.Abs(dx)
	if upright {
		next, last = 1, x.gray.W-2
		at, way, along, step = from.X-0.5, dx/math.Abs(dy), from.Y, math.Copysign(1, dy)
	}
	end := g.W - 1
	if upright {
		end = g.H - 1
	}
	const one = 1 << 16 // a pixel
	off, drift := int(at*one), int(way*one)
	for i := range x.luma {
		a := max(0, min(int(along)+i*int(step), end))
		b, mix := off>>16, off>>8&255
		if b < 0 || b > last {
			b, mix = max(0, min(b, last)), 256*min(1, max(0, b-last))
		}
		off += drift
		k := b*g.Stride + a
		if upright {
			k = a*g.Stride + b
		}
		x.luma[i] = byte((int(g.Pix[k])*(256-mix) + int(g.Pix[k+next])*mix) >> 8)
	}
}

// follow goes from extreme to extreme of the luma and notes the changes between them, until a run is too long.
func (x *picture) follow(r *run, swing, blank int) {
	way, top, bottom, last := 0, 0, 0, 0 // way is above zero where the luma rises
	for i, v := range x.luma {
		if v > x.luma[top] {
			top = i
		}
		if v < x.luma[bottom] {
			bottom = i
		}
		if i-max(top, bottom, last) > blank {
			break
		}
		turned, at := 0, 0
		switch {
		case way >= 0 && int(x.luma[top])-int(v) >= swing:
			turned, at = -1, top
		case way <= 0 && int(v)-int(x.luma[bottom]) >= swing:
			turned, at = 1, bottom
		default:
			continue
		}
		if way != 0 && !x.change(r, last, at) {
			return
		}
		way, last, top, bottom = turned, at, i, i
	}
	switch { // the last one goes on
	case way > 0:
		x.change(r, last, top)
	case way < 0:
		x.change(r, last, bottom)
	}
}

// change notes the change between two extremes, where the luma passes their mean; false: the run before it is too long.
func (x *picture) change(r *run, from, to int) bool {
	level := (int(x.luma[from]) + int(x.luma[to]) + 1) / 2
	at := from
	for up := x.luma[to] > x.luma[from]; at < to && (int(x.luma[at]) >= level) != up; at++ {
	}
	long := at - r.last
	if r.n >= sureRuns && float64(long*r.n) > longestRun*float64(r.last) {
		return false
	}
	r.change(at)
	return true
}
