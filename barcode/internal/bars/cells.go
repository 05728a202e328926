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

	points []pix.Point // the cells of all regions since Reset
}

// Labels of cells of no region: what looks like bars, and what does not.
const unlabelled, plain = 0, -1

// looks are the columns and rows of a cell at which squares of two by two pixels begin. Half of them begin at odd ones:
// the edges of a symbol that was drawn may all lie at even ones, between two squares.
var looks = [3][2]int{{0, 0}, {1, 3}, {0, 6}}

// take measures the cells of a plane. What is left over at the right and the lower border belongs to none.
func (f *field) take(g *pix.Gray) {
	f.w, f.h = g.W/cellSide, g.H/cellSide
	n := f.w * f.h
	f.cells, f.sums, f.label = pix.Resize(f.cells, n), pix.Resize(f.sums, n), pix.Resize(f.label, n)
	for cy := range f.h {
		row := f.cells[cy*f.w : (cy+1)*f.w]
		clear(row)
		for _, p := range looks {
			upper, lower := g.Row(cy*cellSide+p[1]), g.Row(cy*cellSide+p[1]+1)
			gradients(row[:min(f.w, (g.W-p[0])/cellSide)], upper[p[0]:], lower[p[0]:])
		}
	}
	f.smooth()
}

// gradients adds those between two rows of pixels to a row of cells.
func gradients(cells []cell, upper, lower []byte) {
	for i := range cells {
		a, b := upper[i*cellSide:][:cellSide:cellSide], lower[i*cellSide:][:cellSide:cellSide]
		var xx, yy, xy int32
		for k := 0; k < cellSide; k += 2 {
			left, right := int32(a[k])+int32(b[k]), int32(a[k+1])+int32(b[k+1])
			x, y := right-left, left+right-2*(int32(a[k])+int32(a[k+1]))
			xx, yy, xy = xx+x*x, yy+y*y, xy+x*y
		}
		c := &cells[i]
		c.energy, c.along, c.slant = c.energy+xx+yy, c.along+xx-yy, c.slant+2*xy
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
			if out[x].hasBars() {
				label[x] = unlabelled
			}
		}
	}
}

func (f *field) row(y int) []cell { return f.cells[y*f.w : (y+1)*f.w] }

// What looks like bars: at least so steep in the mean, and most of it in one direction.
const (
	// steep is the least energy of nine cells: a gradient of 5 a pixel in every fourth square of two by two.
	steep = 9 * 12 * 25
	// coherent is the least share of the energy that points in one direction, squared, in 64ths: 0.45.
	coherent = 13
)

// hasBars says whether a sum of cells looks like bars.
func (c *cell) hasBars() bool {
	if c.energy < steep {
		return false
	}
	a, s, e := int64(c.along), int64(c.slant), int64(c.energy)
	return 64*(a*a+s*s) > coherent*e*e
}
