package zx

import (
	"errors"

	"github.com/makiuchi-d/gozxing"
	"github.com/offlane/offlane/barcode/internal/pix"
)

// A source lends a plane to gozxing without a copy where it can.
type source struct{ g *pix.Gray }

func (s source) GetRow(y int, row []byte) ([]byte, error) {
	if y < 0 || y >= s.g.H {
		return nil, errors.New("barcode: no such row")
	}
	if len(row) < s.g.W {
		row = make([]byte, s.g.W)
	}
	copy(row, s.g.Row(y))
	return row, nil
}

func (s source) GetMatrix() []byte {
	if s.g.Stride == s.g.W {
		return s.g.Pix
	}
	all := make([]byte, 0, s.g.W*s.g.H)
	for y := range s.g.H {
		all = append(all, s.g.Row(y)...)
	}
	return all
}

func (s source) GetWidth() int           { return s.g.W }
func (s source) GetHeight() int          { return s.g.H }
func (s source) IsCropSupported() bool   { return false }
func (s source) IsRotateSupported() bool { return false }
func (s source) String() string          { return "plane" }

func (s source) Invert() gozxing.LuminanceSource { return source{s.g.Inverted()} }

func (s source) Crop(int, int, int, int) (gozxing.LuminanceSource, error) {
	return nil, errors.New("barcode: cropping is not supported")
}

func (s source) RotateCounterClockwise() (gozxing.LuminanceSource, error) {
	return nil, errors.New("barcode: turning is not supported")
}

func (s source) RotateCounterClockwise45() (gozxing.LuminanceSource, error) {
	return nil, errors.New("barcode: turning is not supported")
}
