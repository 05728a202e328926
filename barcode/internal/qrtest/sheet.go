package qrtest

import (
	"image"
	"image/color"
	"math/rand/v2"
)

// A Sheet is paper with QR codes on it.
type Sheet struct {
	*image.Gray
	Codes []*Code
}

// NewSheet prints columns by rows of codes, so many pixels a module, with a quiet zone of four modules each; code makes
// them one after the other.
func NewSheet(columns, rows, scale int, code func() (*Code, error)) (*Sheet, error) {
	s := &Sheet{}
	side := 0
	for range columns * rows {
		c, err := code()
		if err != nil {
			return nil, err
		}
		s.Codes = append(s.Codes, c)
		side = max(side, c.Size+8)
	}
	s.Gray = image.NewGray(image.Rect(0, 0, columns*side*scale, rows*side*scale))
	for i := range s.Pix {
		x, y := i%s.Stride/scale, i/s.Stride/scale
		c := s.Codes[y/side*columns+x/side]
		off := (side - c.Size) / 2
		if !c.Dark(x%side-off, y%side-off) {
			s.Pix[i] = 255
		}
	}
	return s, nil
}

// Scratch draws so many lines of a width, dark and light in turn.
func (s *Sheet) Scratch(n int, width float64, random *rand.Rand) {
	for i := range n {
		x, y := random.Float64()*float64(s.Rect.Dx()), random.Float64()*float64(s.Rect.Dy())
		dx, dy := random.Float64()-0.5, random.Float64()-0.5
		for range 4 * s.Rect.Dx() {
			s.blot(x, y, width/2, color.Gray{Y: byte(i % 2 * 255)})
			x, y = x+dx, y+dy
		}
	}
}

// Stain draws so many round spots of a radius, each of a shade of its own.
func (s *Sheet) Stain(n int, radius float64, random *rand.Rand) {
	for range n {
		x, y := random.Float64()*float64(s.Rect.Dx()), random.Float64()*float64(s.Rect.Dy())
		s.blot(x, y, radius*(0.5+random.Float64()), color.Gray{Y: byte(random.IntN(256))})
	}
}

func (s *Sheet) blot(x, y, r float64, shade color.Gray) {
	for py := int(y - r); py <= int(y+r); py++ {
		for px := int(x - r); px <= int(x+r); px++ {
			if dx, dy := float64(px)-x, float64(py)-y; dx*dx+dy*dy <= r*r {
				s.SetGray(px, py, shade)
			}
		}
	}
}
