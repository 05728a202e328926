package modules

import (
	"github.com/offlane/offlane/barcode/internal/pix"
	"github.com/offlane/offlane/barcode/internal/symbol"
)

// A Bitmap is the modules of a symbol, row by row; of a light symbol on dark those are dark that are light. Its corners
// begin with the upper left one and go on clockwise.
type Bitmap struct {
	Columns, Rows int
	Dark          []bool
	Corners       [4]pix.Point
	// Drawn says that each module is so many whole pixels, dark or light and nothing between, as programs draw it.
	Drawn bool
	// Module is the side of a module, in pixels, and Contrast how much lighter the light ones are, 0 to 1; zero: not
	// known.
	Module, Contrast float64
}

// Grade has the figures of a bitmap stand in those of its symbol.
func (b *Bitmap) Grade(q *symbol.Quality) {
	if b.Drawn {
		q.Module, q.Contrast, q.Modulation = b.Module, b.Contrast, 1
	}
}

const (
	// leastSpan is how much lighter light pixels must be than dark ones, in luma.
	leastSpan = 64
	// between is the share of that by which a pixel may be darker or lighter than its kind. A photograph has a pixel
	// that is neither among its first.
	between = 4
	// leastSide and mostSide are how many modules the symbols have along a side.
	leastSide, mostSide = 8, 151
)

// A tally makes a picture of two kinds of pixels.
type tally struct {
	gray      *pix.Gray
	low, high byte
}

// Drawn returns the dark and the light symbol that may be drawn, alone, in a picture; none where it has other pixels.
func Drawn(gray *pix.Gray) (all []Bitmap) {
	t := tally{gray, 255, 0}
	for y := range gray.H {
		for _, v := range gray.Row(y) {
			t.low, t.high = min(t.low, v), max(t.high, v)
		}
	}
	if int(t.high)-int(t.low) < leastSpan || !t.isPlain() {
		return nil
	}
	for _, light := range [2]bool{false, true} {
		if b, ok := t.bitmap(light); ok {
			all = append(all, b)
		}
	}
	return all
}

// isPlain says whether each pixel is dark or light.
func (t *tally) isPlain() bool {
	most := (t.high - t.low) / between
	for y := range t.gray.H {
		for _, v := range t.gray.Row(y) {
			if v > t.low+most && v < t.high-most {
				return false
			}
		}
	}
	return true
}

func (t *tally) isDark(x, y int) bool {
	return int(t.gray.Row(y)[x]) < (int(t.low)+int(t.high))/2
}

// bitmap is the symbol between the outermost dark pixels, or the outermost light ones.
func (t *tally) bitmap(light bool) (b Bitmap, ok bool) {
	x0, y0, x1, y1 := t.gray.W, t.gray.H, 0, 0
	for y := range t.gray.H {
		for x := range t.gray.W {
			if t.isDark(x, y) != light {
				x0, y0, x1, y1 = min(x0, x), min(y0, y), max(x1, x+1), max(y1, y+1)
			}
		}
	}
	if x1 <= x0 {
		return b, false
	}
	m := t.module(x0, y0, x1, y1)
	if min(x1-x0, y1-y0) < leastSide*m || max(x1-x0, y1-y0) > mostSide*m {
		return b, false
	}
	b = Bitmap{Columns: (x1 - x0) / m, Rows: (y1 - y0) / m, Drawn: true, Module: float64(m),
		Contrast: float64(t.high-t.low) / 255}
	for i := range b.Columns * b.Rows {
		b.Dark = append(b.Dark, t.isDark(x0+i%b.Columns*m, y0+i/b.Columns*m) != light)
	}
	left, top, right, bottom := float64(x0), float64(y0), float64(x1), float64(y1)
	b.Corners = [4]pix.Point{{X: left, Y: top}, {X: right, Y: top}, {X: right, Y: bottom}, {X: left, Y: bottom}}
	return b, true
}

// module is the side of the modules between two corners: the greatest length of which all others are multiples.
func (t *tally) module(x0, y0, x1, y1 int) int {
	m := divisor(x1-x0, y1-y0)
	for y := y0; y < y1 && m > 1; y++ {
		for x := x0; x < x1; x++ {
			if x > x0 && t.isDark(x, y) != t.isDark(x-1, y) {
				m = divisor(m, x-x0)
			}
			if y > y0 && t.isDark(x, y) != t.isDark(x, y-1) {
				m = divisor(m, y-y0)
			}
		}
	}
	return m
}

// divisor is the greatest common one.
func divisor(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// Poses are the ways to look at a bitmap: turned by right angles, and in a mirror.
func (b Bitmap) Poses() (all []Bitmap) {
	for range 2 {
		for range 4 {
			all = append(all, b)
			b = b.turned()
		}
		b = b.mirrored()
	}
	return all
}

// turned is the bitmap turned clockwise: its lower left corner is the upper left one.
func (b Bitmap) turned() Bitmap {
	out := b
	out.Columns, out.Rows, out.Dark = b.Rows, b.Columns, make([]bool, len(b.Dark))
	for i := range out.Dark {
		x, y := i%out.Columns, i/out.Columns
		out.Dark[i] = b.Dark[(b.Rows-1-x)*b.Columns+y]
	}
	for i := range out.Corners {
		out.Corners[i] = b.Corners[(i+3)%4]
	}
	return out
}

// mirrored swaps left and right.
func (b Bitmap) mirrored() Bitmap {
	out := b
	out.Dark = make([]bool, len(b.Dark))
	for i := range out.Dark {
		out.Dark[i] = b.Dark[i/b.Columns*b.Columns+b.Columns-1-i%b.Columns]
	}
	c := b.Corners
	out.Corners = [4]pix.Point{c[1], c[0], c[3], c[2]}
	return out
}
