package modules

import (
	"image"

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
	gray             *pix.Gray
	low, level, high byte // dark pixels are below the level
}

// Bitmaps returns the dark and the light symbol that may be drawn, alone, in a picture; none where it has other pixels.
func Bitmaps(gray *pix.Gray) (all []Bitmap) {
	t := tally{gray: gray, low: 255}
	for y := range gray.H {
		for _, v := range gray.Row(y) {
			t.low, t.high = min(t.low, v), max(t.high, v)
		}
	}
	t.level = byte((int(t.low) + int(t.high)) / 2)
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
	dark, light := t.low+most, t.high-most
	for y := range t.gray.H {
		for _, v := range t.gray.Row(y) {
			if v > dark && v < light {
				return false
			}
		}
	}
	return true
}

// bitmap is the symbol between the outermost dark pixels, or the outermost light ones.
func (t *tally) bitmap(light bool) (b Bitmap, ok bool) {
	r := t.bounds(light)
	if r.Empty() {
		return b, false
	}
	m := t.module(r)
	if min(r.Dx(), r.Dy()) < leastSide*m || max(r.Dx(), r.Dy()) > mostSide*m {
		return b, false
	}
	b = Bitmap{Columns: r.Dx() / m, Rows: r.Dy() / m, Drawn: true, Module: float64(m),
		Contrast: float64(t.high-t.low) / 255}
	b.Dark = make([]bool, 0, b.Columns*b.Rows)
	for y := r.Min.Y; y < r.Max.Y; y += m {
		row := t.gray.Row(y)
		for x := r.Min.X; x < r.Max.X; x += m {
			b.Dark = append(b.Dark, row[x] < t.level != light)
		}
	}
	left, top, right, bottom := float64(r.Min.X), float64(r.Min.Y), float64(r.Max.X), float64(r.Max.Y)
	b.Corners = [4]pix.Point{{X: left, Y: top}, {X: right, Y: top}, {X: right, Y: bottom}, {X: left, Y: bottom}}
	return b, true
}

// bounds are those of all dark pixels, or of all light ones.
func (t *tally) bounds(light bool) (r image.Rectangle) {
	for y := range t.gray.H {
		row := t.gray.Row(y)
		from, to := 0, len(row)
		for from < to && (row[from] < t.level == light) {
			from++
		}
		for to > from && (row[to-1] < t.level == light) {
			to--
		}
		r = r.Union(image.Rect(from, y, to, y+1))
	}
	return r
}

// module is the side of the modules between two corners: the greatest length of which all others are multiples.
func (t *tally) module(r image.Rectangle) int {
	m := divisor(r.Dx(), r.Dy())
	above := t.gray.Row(r.Min.Y)
	for y := r.Min.Y; y < r.Max.Y && m > 1; y++ {
		row := t.gray.Row(y)
		for x := r.Min.X; x < r.Max.X; x++ {
			is := row[x] < t.level
			if is != (row[max(r.Min.X, x-1)] < t.level) {
				m = divisor(m, x-r.Min.X)
			}
			if is != (above[x] < t.level) {
				m = divisor(m, y-r.Min.Y)
			}
		}
		above = row
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
			b = b.turn()
		}
		b = b.mirror()
	}
	return all
}

// turn returns the bitmap turned clockwise: its lower left corner is the upper left one.
func (b Bitmap) turn() Bitmap {
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

// mirror swaps left and right.
func (b Bitmap) mirror() Bitmap {
	out := b
	out.Dark = make([]bool, len(b.Dark))
	for i := range out.Dark {
		out.Dark[i] = b.Dark[i/b.Columns*b.Columns+b.Columns-1-i%b.Columns]
	}
	c := b.Corners
	out.Corners = [4]pix.Point{c[1], c[0], c[3], c[2]}
	return out
}
