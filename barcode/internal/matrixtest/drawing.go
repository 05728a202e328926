// Package matrixtest draws symbols of square modules, as they are and as printers and hands spoil them. Tests alone use
// it.
package matrixtest

import (
	"image"
	"math"
)

// A Drawing is the modules of a symbol without its quiet zone, row by row.
type Drawing struct {
	Columns, Rows int
	Dark          []bool
}

// FromImage takes the modules of a picture of one pixel a module, from the first dark one on each side to the last.
func FromImage(img image.Image) (d Drawing) {
	dark := func(x, y int) bool {
		v, _, _, _ := img.At(x, y).RGBA()
		return v < 0x8000
	}
	var all image.Rectangle
	b := img.Bounds()
	for i := range b.Dx() * b.Dy() {
		if x, y := b.Min.X+i%b.Dx(), b.Min.Y+i/b.Dx(); dark(x, y) {
			all = all.Union(image.Rect(x, y, x+1, y+1))
		}
	}
	d = Drawing{Columns: all.Dx(), Rows: all.Dy(), Dark: make([]bool, all.Dx()*all.Dy())}
	for i := range d.Dark {
		d.Dark[i] = dark(all.Min.X+i%d.Columns, all.Min.Y+i/d.Columns)
	}
	return d
}

// At says whether a module is dark; what lies outside is light.
func (d Drawing) At(x, y int) bool {
	return x >= 0 && y >= 0 && x < d.Columns && y < d.Rows && d.Dark[y*d.Columns+x]
}

// Image draws the modules with so many light ones around them, each of so many pixels.
func (d Drawing) Image(quiet, scale int) *image.Gray { return d.Dots(quiet, scale, 1) }

// Dots draws dark modules as dots whose diameter is a share of their side; with 1 they are squares.
func (d Drawing) Dots(quiet, scale int, share float64) *image.Gray {
	img := image.NewGray(image.Rect(0, 0, (d.Columns+2*quiet)*scale, (d.Rows+2*quiet)*scale))
	middle, radius := float64(scale-1)/2, share*float64(scale)/2
	for i := range img.Pix {
		x, y := i%img.Stride, i/img.Stride
		off := math.Hypot(float64(x%scale)-middle, float64(y%scale)-middle)
		if img.Pix[i] = 255; d.At(x/scale-quiet, y/scale-quiet) && (share >= 1 || off <= radius) {
			img.Pix[i] = 0
		}
	}
	return img
}

// Mirror swaps rows and columns about the upper left corner.
func (d Drawing) Mirror() Drawing {
	out := Drawing{d.Rows, d.Columns, make([]bool, len(d.Dark))}
	for i := range out.Dark {
		out.Dark[i] = d.Dark[i%d.Rows*d.Columns+i/d.Rows]
	}
	return out
}

// Spoil makes the modules within a rectangle light or dark, in a drawing of its own.
func (d Drawing) Spoil(r image.Rectangle, dark bool) Drawing {
	out := Drawing{d.Columns, d.Rows, append([]bool(nil), d.Dark...)}
	r = r.Intersect(image.Rect(0, 0, d.Columns, d.Rows))
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			out.Dark[y*d.Columns+x] = dark
		}
	}
	return out
}

// Negative swaps dark and light in a picture, in place.
func Negative(img *image.Gray) *image.Gray {
	for i := range img.Pix {
		img.Pix[i] = 255 - img.Pix[i]
	}
	return img
}
