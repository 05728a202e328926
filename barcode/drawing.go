package barcode

import (
	"bufio"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
)

// A Drawing is a symbol as modules, its quiet zone included. It is safe for use by several goroutines.
type Drawing struct {
	width, height int // modules
	quiet         int // modules on each side; a one-dimensional symbol has it left and right only
	linear        bool
	dark          []bool // row by row, without the quiet zone; a linear symbol has one row
}

func newDrawing(img image.Image, quiet, bars int) *Drawing {
	b := img.Bounds()
	d := &Drawing{width: b.Dx(), height: b.Dy(), quiet: quiet}
	rows := d.height
	if bars > 0 {
		d.height, d.linear, rows = bars, true, 1
	}
	for y := range rows {
		for x := range d.width {
			d.dark = append(d.dark, dark(img, b.Min.X+x, b.Min.Y+y))
		}
	}
	return d
}

// Size returns the size in modules, quiet zone included.
func (d *Drawing) Size() (width, height int) {
	if d.linear {
		return d.width + 2*d.quiet, d.height
	}
	return d.width + 2*d.quiet, d.height + 2*d.quiet
}

// Dark says whether the module at x, y is dark; 0, 0 is the upper left one of the quiet zone.
func (d *Drawing) Dark(x, y int) bool {
	x -= d.quiet
	if d.linear {
		return x >= 0 && x < d.width && y >= 0 && y < d.height && d.dark[x]
	}
	y -= d.quiet
	return x >= 0 && x < d.width && y >= 0 && y < d.height && d.dark[y*d.width+x]
}

// maxDrawn bounds a drawn picture, in pixels.
const maxDrawn = 64 << 20

// Image draws every module as scale by scale pixels, black on white. Zero: 8. It draws smaller where the picture would
// have more than 64 million pixels.
func (d *Drawing) Image(scale int) image.Image {
	w, h := d.Size()
	if scale <= 0 {
		scale = 8
	}
	for scale > 1 && scale > maxDrawn/(w*h*scale) {
		scale--
	}
	img := image.NewPaletted(image.Rect(0, 0, w*scale, h*scale), color.Palette{color.White, color.Black})
	for y := range h * scale {
		for x := range w * scale {
			if d.Dark(x/scale, y/scale) {
				img.Pix[y*img.Stride+x] = 1
			}
		}
	}
	return img
}

// PNG writes Image(scale) as PNG.
func (d *Drawing) PNG(w io.Writer, scale int) error {
	if err := png.Encode(w, d.Image(scale)); err != nil {
		return fmt.Errorf("barcode: writing PNG: %w", err)
	}
	return nil
}

// SVG writes the drawing as an SVG 1.1 document whose user unit is one module, scale pixels wide. Zero: 8.
func (d *Drawing) SVG(w io.Writer, scale int) error {
	if scale <= 0 {
		scale = 8
	}
	mw, mh := d.Size()
	out := bufio.NewWriter(w)
	fmt.Fprintf(out, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" `+
		`shape-rendering="crispEdges"><path fill="#fff" d="M0 0h%dv%dH0z"/><path d="`, mw*scale, mh*scale, mw, mh, mw, mh)
	d.path(out)
	fmt.Fprint(out, "\"/></svg>\n")
	if err := out.Flush(); err != nil {
		return fmt.Errorf("barcode: writing SVG: %w", err)
	}
	return nil
}

// path writes each run of dark modules as one rectangle.
func (d *Drawing) path(out io.Writer) {
	w, h := d.Size()
	step := 1
	if d.linear {
		step = h
	}
	for y := 0; y < h; y += step {
		for x := 0; x < w; x++ {
			from := x
			for x < w && d.Dark(x, y) {
				x++
			}
			if x > from {
				fmt.Fprintf(out, "M%d %dh%dv%dh-%dz", from, y, x-from, step, x-from)
			}
		}
	}
}
