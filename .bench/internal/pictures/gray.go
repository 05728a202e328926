package pictures

import (
	"image"
	"image/color"

	"github.com/offlane/offlane/barcode"
)

// Gray returns the luminance of img with no gap between rows: the Y of a JPEG, the luma of any other picture over
// white.
func Gray(img image.Image) barcode.Plane {
	b := img.Bounds()
	p := barcode.Plane{Pix: make([]byte, 0, b.Dx()*b.Dy()), Width: b.Dx(), Height: b.Dy()}
	for y := b.Min.Y; y < b.Max.Y; y++ {
		switch m := img.(type) {
		case *image.YCbCr:
			p.Pix = append(p.Pix, m.Y[m.YOffset(b.Min.X, y):][:b.Dx()]...)
			continue
		case *image.Gray:
			p.Pix = append(p.Pix, m.Pix[m.PixOffset(b.Min.X, y):][:b.Dx()]...)
			continue
		}
		for x := b.Min.X; x < b.Max.X; x++ {
			p.Pix = append(p.Pix, gray(img, x, y))
		}
	}
	return p
}

func gray(img image.Image, x, y int) byte {
	r, g, b, a := img.At(x, y).RGBA()
	white := 0xffff - a
	return color.GrayModel.Convert(color.RGBA64{
		R: uint16(r + white), G: uint16(g + white), B: uint16(b + white), A: 0xffff,
	}).(color.Gray).Y
}

// Turned returns a plane turned clockwise by 0, 90, 180 or 270 degrees.
func Turned(p barcode.Plane, degrees int) barcode.Plane {
	if degrees == 0 {
		return p
	}
	w, h := p.Width, p.Height
	out := barcode.Plane{Pix: make([]byte, w*h), Width: w, Height: h}
	if degrees%180 != 0 {
		out.Width, out.Height = h, w
	}
	for y := range h {
		for x := range w {
			tx, ty := w-1-x, h-1-y
			switch degrees {
			case 90:
				tx, ty = h-1-y, x
			case 270:
				tx, ty = y, w-1-x
			}
			out.Pix[ty*out.Width+tx] = p.Pix[y*w+x]
		}
	}
	return out
}

// Back returns where a point of a turned plane lies in the upright one, which is width by height.
func Back(q barcode.Point, degrees, width, height int) barcode.Point {
	w, h := float64(width), float64(height)
	switch degrees {
	case 90:
		return barcode.Point{X: q.Y, Y: h - q.X}
	case 180:
		return barcode.Point{X: w - q.X, Y: h - q.Y}
	case 270:
		return barcode.Point{X: w - q.Y, Y: q.X}
	}
	return q
}
