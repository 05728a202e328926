package bars

import (
	"math"
	"slices"

	"github.com/offlane/offlane/barcode/internal/pix"
	"github.com/offlane/offlane/barcode/internal/symbol"
)

// A figure is how well one line could be read; package barcode says what it means.
type figure struct{ module, contrast, modulation float32 }

// quality tells how well the elements of a reading stand out. The luma in the middle of an element is what it reached.
func (s *widths) quality(from, to int) (f figure) {
	elements := slices.Clone(s.w[from:to])
	slices.Sort(elements)
	f.module = elements[len(elements)/6] // a third or more of every symbol's elements are narrow
	low, high := float32(255), float32(0)
	clear := elements[:0]
	for i := from; i < to; i++ {
		v := float32(s.luma((s.at[i] + s.at[i+1]) / 2))
		low, high = min(low, v), max(high, v)
		clear = append(clear, v)
	}
	f.contrast = (high - low) / 255
	var mean, weakest float32
	for i, v := range clear {
		clear[i] = max(v-(low+high)/2, (low+high)/2-v)
		mean += clear[i] / float32(len(clear))
	}
	slices.Sort(clear)
	tenth := (len(clear) + 9) / 10
	for _, v := range clear[:tenth] {
		weakest += v / float32(tenth)
	}
	if mean > 0 {
		f.modulation = weakest / mean
	}
	return f
}

// quality is the mean of the lines that agree.
func (g *group) quality() (q symbol.Quality) {
	n := float64(len(g.all))
	for _, v := range g.all {
		slant := pix.Distance(v.from, v.to) / math.Max(1e-9, float64(v.length))
		q.Module += float64(v.figure.module) * slant / n
		q.Contrast += float64(v.figure.contrast) / n
		q.Modulation += float64(v.figure.modulation) / n
	}
	q.Lines = g.lines
	return q
}
