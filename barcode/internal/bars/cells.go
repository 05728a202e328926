package bars

import (
	"github.com/offlane/offlane/barcode/internal/pix"
)

// cellSide is the side of a cell, in pixels.
const cellSide = 8

// A cell is how steep the luma of a square is and in which direction, as sums over the gradients (x, y) of its squares
// of two by two pixels. Doubling the angle makes opposite gradients add up: those of bars all point one way or the
// other.
type cell struct {
	energy int32 // of x² + y²
	along  int32 // of x² - y²
	slant  int32 // of 2xy
}

// A field is the cells of a plane, row by row, each with those around it.
type field struct {
	w, h  int
	cells []cell
	sums  []cell  // of three by three cells
	label []int32 // the region of a cell, counted from 1; or one of those below

	stack, members, counts []int32
}

// Labels of cells of no region: what looks like bars, and what does not.
const unlabelled, plain = 0, -1

// looks are the columns at which a cell's squares of two by two pixels begin, two in each row. All rows and all columns
// have two: the edges of a symbol that was drawn may all lie between the same two of eight, whichever way it stands.
// They lie on no diagonal, for those of a symbol that stands on its corner.
var looks = [2][cellSide]int{{0, 3, 6, 1, 4, 7, 2, 5}, {3, 6, 1, 4, 7, 2, 5, 0}}

// take measures the cells of a plane. What is left over at the right and the lower border belongs to none.
func (f *field) take(g *pix.Gray) {
	f.w, f.h = g.W/cellSide, g.H/cellSide
	n := f.w * f.h
	f.cells, f.sums, f.label = pix.Sized(f.cells, n), pix.Sized(f.sums, n), pix.Sized(f.label, n)
	for cy := range f.h {
		row := f.row(cy)
		clear(row)
		for y := cy * cellSide; y < min((cy+1)*cellSide, g.H-1); y++ {
			for _, columns := range looks {
				x := columns[y%cellSide]
				gradients(row[:min(f.w, (g.W-x+cellSide-2)/cellSide)], g.Row(y)[x:], g.Row(y + 1)[x:])
			}
		}
	}
	f.smooth()
}

// gradients adds that between two rows of pixels at the beginning of each cell to a row of cells.
func gradients(cells []cell, upper, lower []byte) {
	for i := range cells {
		a, b := upper[i*cellSide:][:2:2], lower[i*cellSide:][:2:2]
		left, right := int32(a[0])+int32(b[0]), int32(a[1])+int32(b[1])
		x, y := right-left, left+right-2*(int32(a[0])+int32(a[1]))
		c := &cells[i]
		c.energy, c.along, c.slant = c.energy+x*x+y*y, c.along+x*x-y*y, c.slant+2*x*y
	}
}

func (c *cell) add(o *cell, times int32) {
	c.energy, c.along, c.slant = c.energy+times*o.energy, c.along+times*o.along, c.slant+times*o.slant
}

// smooth sums three by three cells, where those beyond the border are as the nearest, and labels what they are.
func (f *field) smooth() {
	if f.w == 0 || f.h == 0 {
		return
	}
	columns := make([]cell, f.w)
	for y := range f.h {
		up, here, down := f.row(max(0, y-1)), f.row(y), f.row(min(f.h-1, y+1))
		for x := range columns {
			columns[x] = here[x]
			columns[x].add(&up[x], 1)
			columns[x].add(&down[x], 1)
		}
		out, label := f.sums[y*f.w:(y+1)*f.w], f.label[y*f.w:(y+1)*f.w]
		for x := range out {
			out[x] = columns[x]
			out[x].add(&columns[max(0, x-1)], 1)
			out[x].add(&columns[min(f.w-1, x+1)], 1)
			label[x] = plain
			if out[x].barred() {
				label[x] = unlabelled
			}
		}
	}
}

func (f *field) row(y int) []cell { return f.cells[y*f.w : (y+1)*f.w] }

// What looks like bars: at least so steep in the mean, and most of it in one direction.
const (
	// steep is the least energy of nine cells: a gradient of 5 a pixel in every fourth square of two by two.
	steep = 9 * 2 * cellSide * 25
	// coherent is the least share of the energy that points in one direction, squared, in 64ths: 0.45.
	coherent = 13
)

// barred says whether a sum of cells looks like bars.
func (c *cell) barred() bool {
	if c.energy < steep {
		return false
	}
	a, s, e := int64(c.along), int64(c.slant), int64(c.energy)
	return 64*(a*a+s*s) > coherent*e*e
}
