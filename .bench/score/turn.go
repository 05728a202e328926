package main

import (
	"image"
	"image/color"

	"github.com/offlane/offlane/barcode"
)

// turned returns the luminance of img turned clockwise, and what turns a point of it back.
func turned(img image.Image, degrees int) (barcode.Plane, func(barcode.Point) barcode.Point) {
	b := img.Bounds()
	w, h := b.Dx(), b.Dy()
	p := barcode.Plane{Pix: make([]byte, w*h), Width: w, Height: h}
	if degrees%180 != 0 {
		p.Width, p.Height = h, w
	}
	for y := range h {
		for x := range w {
			tx, ty := x, y
			switch degrees {
			case 90:
				tx, ty = h-1-y, x
			case 180:
				tx, ty = w-1-x, h-1-y
			case 270:
				tx, ty = y, w-1-x
			}
			p.Pix[ty*p.Width+tx] = gray(img, b.Min.X+x, b.Min.Y+y)
		}
	}
	fw, fh := float64(w), float64(h)
	return p, func(q barcode.Point) barcode.Point {
		switch degrees {
		case 90:
			return barcode.Point{X: q.Y, Y: fh - q.X}
		case 180:
			return barcode.Point{X: fw - q.X, Y: fh - q.Y}
		case 270:
			return barcode.Point{X: fw - q.Y, Y: q.X}
		}
		return q
	}
}

// gray is the Y of a JPEG, and the luma of any other picture over white.
func gray(img image.Image, x, y int) byte {
	switch m := img.(type) {
	case *image.YCbCr:
		return m.Y[m.YOffset(x, y)]
	case *image.Gray:
		return m.GrayAt(x, y).Y
	}
	r, g, b, a := img.At(x, y).RGBA()
	white := 0xffff - a
	return color.GrayModel.Convert(color.RGBA64{
		R: uint16(r + white), G: uint16(g + white), B: uint16(b + white), A: 0xffff,
	}).(color.Gray).Y
}
