package pdf417

import (
	"math"

	"github.com/offlane/offlane/barcode/internal/pix"
)

// A line is the luma along a row of a symbol and the edges on it, in pixels from where it begins.
type line struct {
	luma, sharp []byte
	edges       []float64 // a dark element begins at those with an even index
	step        float64   // between two samples, in pixels
	from, to    pix.Point // the direction is from one to the other
	// bow is how far, in pixels, the line goes to the right of its direction in the middle between the row indicators,
	// which are a margin away from its ends.
	bow, margin float64
}

// A measure is how edges are looked for.
type measure struct {
	share int  // of the range of the luma that an edge spans at least, as one divided by it
	sharp bool // after sharpening
}

// Lines that lie side by side are measured differently: what one does not resolve another may.
var measures = [...]measure{{6, false}, {6, true}, {10, false}}

// lay samples the line from one place to another, a module being so many pixels.
func (l *line) lay(g *pix.Gray, from, to pix.Point, module float64, negative bool) {
	l.from, l.to = from, to
	length := math.Hypot(to.X-from.X, to.Y-from.Y)
	l.step = max(1, module/finest)
	n := int(length / l.step)
	l.luma = l.luma[:0]
	if n < 2 || n > longestLine {
		return
	}
	dx, dy := (to.X-from.X)/length*l.step, (to.Y-from.Y)/length*l.step
	flip := byte(0)
	if negative {
		flip = 0xff
	}
	for i := range n {
		t := float64(i) + 0.5
		off := l.bowOffset(t*l.step, length) / l.step
		l.luma = append(l.luma, flip^g.Interpolate(from.X+t*dx-off*dy, from.Y+t*dy+off*dx))
	}
}

const (
	finest      = 5       // samples to a module
	longestLine = 1 << 15 // samples
	leastSpan   = 16      // the range of the luma of a line with bars
)

// measure finds the edges: one between each light and dark extreme that differ by more than a share of the range.
func (l *line) measure(m measure) {
	l.edges = l.edges[:0]
	luma := l.luma
	if len(luma) < 3 {
		return
	}
	if m.sharp {
		luma = l.sharpen()
	}
	low, high := luma[0], luma[0]
	for _, v := range luma {
		low, high = min(low, v), max(high, v)
	}
	if int(high)-int(low) < leastSpan {
		return
	}
	swing := max(6, (int(high)-int(low))/m.share)
	l.walk(luma, swing)
}

// walk goes from extreme to extreme.
func (l *line) walk(luma []byte, swing int) {
	low, high := 0, 0 // where the extremes since the last edge are
	falling, begun := false, false
	last := 0
	for i, v := range luma {
		if v < luma[low] {
			low = i
		}
		if v > luma[high] {
			high = i
		}
		switch {
		case (!begun || falling) && int(v)-int(luma[low]) >= swing:
			if begun {
				l.edge(luma, last, low, true)
			}
			begun, falling, last, high = true, false, low, i
		case (!begun || !falling) && int(luma[high])-int(v) >= swing:
			if begun {
				l.edge(luma, last, high, false)
			}
			begun, falling, last, low = true, true, high, i
		}
	}
	if !begun {
		return
	}
	if falling {
		l.edge(luma, last, low, true)
	} else {
		l.edge(luma, last, high, false)
	}
}

// edge notes the edge between two extremes: where the line passes their mean; with noise there, the middle between the
// first and the last time.
func (l *line) edge(luma []byte, a, b int, falling bool) {
	if len(l.edges)%2 == 0 != falling {
		return // the first must be the beginning of a dark element
	}
	level := (float64(luma[a]) + float64(luma[b])) / 2
	first, last := -1.0, -1.0
	for i := a; i < b; i++ {
		u, v := float64(luma[i]), float64(luma[i+1])
		if (u > level) == (v > level) || (u > level) != falling {
			continue
		}
		last = float64(i) + (level-u)/(v-u) + 0.5
		if first < 0 {
			first = last
		}
	}
	if first < 0 {
		first = float64(a+b+1) / 2
		last = first
	}
	l.edges = append(l.edges, (first+last)/2*l.step)
}

// sharpen returns the luma with what blur takes from narrow elements given back.
func (l *line) sharpen() []byte {
	l.sharp = l.sharp[:0]
	for i, v := range l.luma {
		before, after := l.luma[max(0, i-1)], l.luma[min(len(l.luma)-1, i+1)]
		l.sharp = append(l.sharp, byte(max(0, min(255, (4*int(v)-int(before)-int(after))/2))))
	}
	return l.sharp
}

// at returns the place so many pixels from where the line begins.
func (l *line) at(x float64) pix.Point {
	n := math.Hypot(l.to.X-l.from.X, l.to.Y-l.from.Y)
	dx, dy, off := (l.to.X-l.from.X)/n, (l.to.Y-l.from.Y)/n, l.bowOffset(x, n)
	return pix.Point{X: l.from.X + x*dx - off*dy, Y: l.from.Y + x*dy + off*dx}
}

// bowOffset is how far the bow leads away so many pixels from where the line begins.
func (l *line) bowOffset(x, length float64) float64 {
	if l.bow == 0 {
		return 0
	}
	u := (x - l.margin) / (length - 2*l.margin)
	return l.bow * 4 * u * (1 - u)
}

// nearest returns the index of the edge at which a dark element begins that lies nearest to x, at most reach away; -1
// where there is none.
func (l *line) nearest(x, reach float64) int {
	best := -1
	for i := 0; i < len(l.edges); i += 2 {
		if d := math.Abs(l.edges[i] - x); d <= reach {
			best, reach = i, d
		} else if l.edges[i] > x {
			break
		}
	}
	return best
}
