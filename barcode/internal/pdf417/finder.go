package pdf417

import (
	"math"
	"math/bits"

	"github.com/offlane/offlane/barcode/internal/pix"
)

// The elements of the patterns at both ends of every row, as they are read, in modules (ISO/IEC 15438, 5.3.2).
var (
	startElements = []int32{8, 1, 1, 1, 1, 1, 1, 3}
	stopElements  = []int32{7, 1, 1, 3, 1, 1, 1, 2, 1}
)

// A kind says how a pattern was met: only those that are alike make a column.
type kind struct {
	stop bool
	// columnwise says that the line it was met on is a column of the picture and not a row.
	columnwise bool
	// backwards says that the symbol is read against the line's direction.
	backwards bool
	// negative says that the wide bar is light.
	negative bool
}

// A hit is one pattern on one line.
type hit struct {
	at           float64 // the line: a row or a column of the picture
	outer, inner float64 // where on it the symbol begins and where the row indicator does
	module       float64 // along the line
}

// A finder looks for start and stop patterns along the rows and the columns of a binary picture.
type finder struct {
	edges   []int32
	columns [64][]int32
	all     []*column
	open    []*column
	work    int
}

// find gathers the columns of patterns along every so many rows and columns.
func (f *finder) find(b *pix.Binary, step int) []*column {
	f.all, f.open = f.all[:0], f.open[:0]
	for y := step / 2; y < b.H; y += step {
		f.edges = b.Edges(f.edges[:0], y)
		f.line(f.edges, y, step, false)
	}
	f.open = f.open[:0]
	for i := range b.Stride {
		f.upright(b, i, step)
	}
	return f.all
}

// upright looks at every so many of the 64 columns of the picture that are in one word of a row, all at a time.
func (f *finder) upright(b *pix.Binary, word, step int) {
	first := (step/2 - 64*word%step + step) % step
	mask := uint64(0)
	for k := first; k < 64 && 64*word+k < b.W; k += step {
		mask |= 1 << k
		f.columns[k] = f.columns[k][:0]
	}
	before := uint64(0)
	for y := range b.H {
		w := b.Word(word, y)
		for t := (w ^ before) & mask; t != 0; t &= t - 1 {
			k := bits.TrailingZeros64(t)
			f.columns[k] = append(f.columns[k], int32(y))
		}
		before = w
	}
	for t := mask; t != 0; t &= t - 1 {
		k := bits.TrailingZeros64(t)
		if len(f.columns[k])%2 == 1 {
			f.columns[k] = append(f.columns[k], int32(b.H))
		}
		f.line(f.columns[k], 64*word+k, step, true)
	}
}

// line looks for patterns on a line, given where it becomes dark and light in turn. What is wide enough to be a wide
// bar is told by the six or eight elements beside it.
func (f *finder) line(e []int32, at, step int, columnwise bool) {
	f.work += len(e)
	for k := 0; k+1 < len(e); k++ {
		wide := e[k+1] - e[k]
		if k+9 < len(e) {
			if s := e[k+7] - e[k+1]; 2*s > wide && 8*s < 9*wide {
				f.try(e[k:], startElements, 1, hit{at: float64(at)}, kind{false, columnwise, false, k%2 == 1}, step)
			}
			if s := e[k+9] - e[k+1]; 5*s > 6*wide && s < 2*wide {
				f.try(e[k:], stopElements, 1, hit{at: float64(at)}, kind{true, columnwise, false, k%2 == 1}, step)
			}
		}
		if k >= 8 {
			if s := e[k] - e[k-6]; 2*s > wide && 8*s < 9*wide {
				f.try(e[:k+2], startElements, -1, hit{at: float64(at)}, kind{false, columnwise, true, k%2 == 1}, step)
			}
			if s := e[k] - e[k-8]; 5*s > 6*wide && s < 2*wide {
				f.try(e[:k+2], stopElements, -1, hit{at: float64(at)}, kind{true, columnwise, true, k%2 == 1}, step)
			}
		}
	}
}

// The places of edges in a picture made binary are off by up to a pixel, and blur makes dark elements wider or narrower
// than light ones. In the even pictures and in drawings down to 1.1 pixels a module all patterns are within these.
const (
	slackModules = 0.45
	slackPixels  = 0.75
	leastModule  = 0.9 // in pixels
)

// try compares elements from the first edge on, or back from the last, with a pattern.
func (f *finder) try(e []int32, elements []int32, dir int, h hit, k kind, step int) {
	n := len(elements)
	edge := func(i int) float64 {
		if dir < 0 {
			return float64(e[len(e)-1-i])
		}
		return float64(e[i])
	}
	total := 0
	for _, w := range elements {
		total += int(w)
	}
	first, last := edge(0), edge(n)
	module := math.Abs(last-first) / float64(total)
	if module < leastModule {
		return
	}
	x := first
	for i, w := range elements {
		next := edge(i + 1)
		if math.Abs(math.Abs(next-x)-float64(w)*module) > slackModules*module+slackPixels {
			return
		}
		x = next
	}
	h.outer, h.inner, h.module = first, last, module
	if k.stop {
		h.outer, h.inner = last, first
	}
	f.join(h, k, step)
}

// join puts a hit on the column that it goes on, or begins one.
func (f *finder) join(h hit, k kind, step int) {
	open := f.open[:0]
	var home *column
	for _, c := range f.open {
		last := &c.hits[len(c.hits)-1]
		if h.at-last.at > 3*float64(step)+4*last.module {
			continue // no hit goes on from there any more
		}
		open = append(open, c)
		if home == nil && c.kind == k && c.goesOn(&h) {
			home = c
		}
	}
	f.open = open
	if home == nil {
		home = &column{kind: k}
		f.open, f.all = append(f.open, home), append(f.all, home)
	}
	home.hits = append(home.hits, h)
}
