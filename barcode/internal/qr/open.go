package qr

import (
	"math"
	"slices"

	"github.com/offlane/offlane/barcode/internal/pix"
)

// openSide is how wide a column of open candidates is, in pixels. A sheet of squares of four pixels has some 30 in one:
// where all were in one list, those of 16 megapixels took four seconds to compare.
const openSide = 32

// Open are the candidates that a row to come may still meet, by the columns of the picture in which they are.
type open struct{ columns [][]int32 }

func (o *open) clear(width int) {
	n := width/openSide + 1
	for len(o.columns) < n {
		o.columns = append(o.columns, nil)
	}
	o.columns = o.columns[:n]
	for i := range o.columns {
		o.columns[i] = o.columns[i][:0]
	}
}

// column returns the number of the column of x; what lies beyond the border is of the nearest.
func (o *open) column(x float64) int {
	return max(0, min(int(x)/openSide, len(o.columns)-1))
}

func (o *open) add(i int32, x float64) {
	c := &o.columns[o.column(x)]
	*c = append(*c, i)
}

// move puts a candidate into the column where it is now.
func (o *open) move(i int32, from, to float64) {
	a, b := o.column(from), o.column(to)
	if a != b {
		c := o.columns[a]
		k := slices.Index(c, i)
		o.columns[a] = slices.Delete(c, k, k+1)
		o.columns[b] = append(o.columns[b], i)
	}
}

// near and like are how far two cuts of one finder pattern lie from each other, in modules of the first, and how their
// modules compare.
const openNear, openLike = 1.5, 1.6

// find returns the first of the open candidates that row y meets with a cut at a place, or -1. It leaves out those that
// the row has passed: the middle of what it confirms lies within four modules of the row, and within one and a half of
// the one that is counted.
func (o *open) find(all []finder, at pix.Point, module float64, y int) int32 {
	first := int32(-1)
	reach := openNear * openLike * module
	for c := o.column(at.X - reach); c <= o.column(at.X+reach); c++ {
		kept := o.columns[c][:0]
		for _, i := range o.columns[c] {
			f := &all[i]
			if float64(y) > f.at.Y+6*f.module+2 {
				continue
			}
			kept = append(kept, i)
			if (first < 0 || i < first) && f.meets(at, module) {
				first = i
			}
		}
		o.columns[c] = kept
	}
	return first
}

// meets says whether a cut at a place is of the same finder pattern.
func (f *finder) meets(at pix.Point, module float64) bool {
	return math.Abs(f.at.X-at.X) < openNear*f.module && math.Abs(f.at.Y-at.Y) < openNear*f.module &&
		module < openLike*f.module && f.module < openLike*module
}
