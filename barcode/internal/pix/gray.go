// Package pix is the front end that all formats share: luminance planes, their pyramid, and pixels made black or white.
package pix

import (
	"encoding/binary"
	"image"
	"image/color"
)

// A Gray is a luminance plane, 0 black, 255 white.
type Gray struct {
	Pix          []byte
	W, H, Stride int
}

// NewGray makes a plane.
func NewGray(w, h int) *Gray { return &Gray{Pix: make([]byte, w*h), W: w, H: h, Stride: w} }

// Row returns row y.
func (g *Gray) Row(y int) []byte { return g.Pix[y*g.Stride : y*g.Stride+g.W] }

// FromImage returns the luminance of img: the very plane of image.Gray and image.YCbCr, a copy of any other. What is
// transparent is white.
func FromImage(img image.Image) *Gray {
	b := img.Bounds()
	switch m := img.(type) {
	case *image.Gray:
		return &Gray{Pix: m.Pix[m.PixOffset(b.Min.X, b.Min.Y):], W: b.Dx(), H: b.Dy(), Stride: m.Stride}
	case *image.YCbCr:
		return &Gray{Pix: m.Y[m.YOffset(b.Min.X, b.Min.Y):], W: b.Dx(), H: b.Dy(), Stride: m.YStride}
	}
	g := NewGray(b.Dx(), b.Dy())
	switch m := img.(type) {
	case *image.RGBA:
		for y := range g.H {
			convertPremultiplied(g.Row(y), m.Pix[m.PixOffset(b.Min.X, b.Min.Y+y):])
		}
	case *image.NRGBA:
		for y := range g.H {
			straight(g.Row(y), m.Pix[m.PixOffset(b.Min.X, b.Min.Y+y):])
		}
	case *image.Paletted:
		convertPaletted(g, m)
	default:
		for y := range g.H {
			row := g.Row(y)
			for x := range row {
				row[x] = luminance(img.At(b.Min.X+x, b.Min.Y+y))
			}
		}
	}
	return g
}

// weigh is the luma of ITU-R BT.601 as image/color reckons it.
func weigh(r, g, b uint32) byte { return byte((19595*r + 38470*g + 7471*b + 1<<15) >> 16) }

func convertPremultiplied(row, pix []byte) {
	for x := range row {
		p := pix[4*x : 4*x+4 : 4*x+4]
		row[x] = byte(min(255, uint32(weigh(uint32(p[0]), uint32(p[1]), uint32(p[2])))+255-uint32(p[3])))
	}
}

func straight(row, pix []byte) {
	for x := range row {
		p := pix[4*x : 4*x+4 : 4*x+4]
		l, a := uint32(weigh(uint32(p[0]), uint32(p[1]), uint32(p[2]))), uint32(p[3])
		row[x] = byte((l*a + 255*(255-a) + 127) / 255)
	}
}

func convertPaletted(g *Gray, m *image.Paletted) {
	var table [256]byte
	for i, c := range m.Palette {
		if i < len(table) {
			table[i] = luminance(c)
		}
	}
	for y := range g.H {
		row := g.Row(y)
		for x, i := range m.Pix[y*m.Stride : y*m.Stride+g.W] {
			row[x] = table[i]
		}
	}
}

func luminance(c color.Color) byte {
	r, g, b, a := c.RGBA()
	return byte(min(255, uint32(weigh(r>>8, g>>8, b>>8))+255-a>>8))
}

// Half fills and returns dst with src at half the size, each pixel the mean of four. A nil dst is made.
func Half(dst, src *Gray) *Gray {
	w, h := src.W/2, src.H/2
	if dst == nil || cap(dst.Pix) < w*h {
		dst = NewGray(w, h)
	}
	dst.Pix, dst.W, dst.H, dst.Stride = dst.Pix[:w*h], w, h, w
	for y := range h {
		a, b, row := src.Row(2*y), src.Row(2*y+1), dst.Row(y)
		a, b = a[:2*w], b[:2*w]
		x := 0
		for ; x+4 <= w; x += 4 {
			binary.LittleEndian.PutUint32(row[x:], fours(binary.LittleEndian.Uint64(a[2*x:]),
				binary.LittleEndian.Uint64(b[2*x:])))
		}
		for ; x < w; x++ {
			row[x] = byte((uint(a[2*x]) + uint(a[2*x+1]) + uint(b[2*x]) + uint(b[2*x+1]) + 2) >> 2)
		}
	}
	return dst
}

// Double fills and returns dst with src at twice the size, mixed between its pixels. A nil dst is made.
func Double(dst, src *Gray) *Gray {
	w, h := 2*src.W, 2*src.H
	if dst == nil || cap(dst.Pix) < w*h {
		dst = NewGray(w, h)
	}
	dst.Pix, dst.W, dst.H, dst.Stride = dst.Pix[:w*h], w, h, w
	for y := range h {
		near := src.Row(y / 2)
		doubleRow(dst.Row(y), near, src.Row(max(0, min((y-1)/2+y%2, src.H-1))))
	}
	return dst
}

// doubleRow fills a row of twice the size: three quarters of each pixel are of the nearer row and column.
func doubleRow(out, near, far []byte) {
	far = far[:len(near)]
	before := 3*int(near[0]) + int(far[0])
	here := before
	for x := range near {
		after := here
		if x+1 < len(near) {
			after = 3*int(near[x+1]) + int(far[x+1])
		}
		pair := out[2*x : 2*x+2 : 2*x+2]
		pair[0], pair[1] = byte((before+3*here)>>4), byte((3*here+after)>>4)
		before, here = here, after
	}
}

// Negative returns a negative copy.
func (g *Gray) Negative() *Gray {
	n := NewGray(g.W, g.H)
	for y := range g.H {
		row := n.Row(y)
		for x, p := range g.Row(y) {
			row[x] = 255 - p
		}
	}
	return n
}

// Turn returns a copy turned by 90 degrees: its row x is the column x of g, from the bottom up.
func (g *Gray) Turn() *Gray {
	n := NewGray(g.H, g.W)
	for y := range g.H {
		for x, p := range g.Row(y) {
			n.Pix[x*n.Stride+g.H-1-y] = p
		}
	}
	return n
}

// Interpolate returns the luminance at x, y, mixed of the four pixels around; the border's beyond it.
func (g *Gray) Interpolate(x, y float64) byte {
	x, y = x-0.5, y-0.5
	if !(x >= 0 && y >= 0 && x < float64(g.W-1) && y < float64(g.H-1)) {
		x, y = max(0, min(x, float64(g.W-1))), max(0, min(y, float64(g.H-1)))
	}
	x256, y256 := int(256*x), int(256*y)
	fx, fy := x256&255, y256&255
	x0, y0 := x256>>8, y256>>8
	x1, y1 := min(x0+1, g.W-1), min(y0+1, g.H-1)
	a, b := g.Pix[y0*g.Stride:], g.Pix[y1*g.Stride:]
	return mix(a[x0], a[x1], b[x0], b[x1], fx, fy)
}

// mix weighs the pixels of a square by how far a place lies to the right and below of the first, in 256ths.
func mix(a, b, c, d byte, right, below int) byte {
	top := int(a)<<8 + (int(b)-int(a))*right
	low := int(c)<<8 + (int(d)-int(c))*right
	return byte((top<<8 + (low-top)*below) >> 16)
}
