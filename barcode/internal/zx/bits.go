package zx

import (
	"errors"

	"github.com/makiuchi-d/gozxing"
	"github.com/offlane/offlane/barcode/internal/pix"
	"github.com/offlane/offlane/barcode/internal/symbol"
)

// A Reader lends binary pictures to gozxing, so that the front end makes a picture binary once for all formats. It
// keeps the copy in gozxing's own form; it is for one goroutine.
type Reader struct {
	bits *gozxing.BitMatrix
	row  *gozxing.BitArray
}

// Read reads a binary picture with every reader wanted.
func (r *Reader) Read(b *pix.Binary, want Want) []symbol.Symbol {
	if b.W < minSide || b.H < minSide || !r.copy(b) {
		return nil
	}
	bitmap, err := gozxing.NewBinaryBitmap(ready{r.bits})
	if err != nil {
		return nil
	}
	return readBitmap(bitmap, want)
}

func (r *Reader) copy(b *pix.Binary) bool {
	if r.bits == nil || r.bits.GetWidth() != b.W || r.bits.GetHeight() != b.H {
		bits, err := gozxing.NewBitMatrix(b.W, b.H)
		if err != nil {
			return false
		}
		r.bits, r.row = bits, gozxing.NewBitArray(b.W)
	}
	words := r.row.GetBitArray()
	for y := range b.H {
		for i := range words {
			words[i] = b.Half(i, y)
		}
		r.bits.SetRow(y, r.row)
	}
	return true
}

// ready is a binarizer that has done its work.
type ready struct{ bits *gozxing.BitMatrix }

func (z ready) GetBlackMatrix() (*gozxing.BitMatrix, error) { return z.bits, nil }
func (z ready) GetWidth() int                               { return z.bits.GetWidth() }
func (z ready) GetHeight() int                              { return z.bits.GetHeight() }
func (z ready) GetLuminanceSource() gozxing.LuminanceSource { return nil }

func (z ready) CreateBinarizer(gozxing.LuminanceSource) gozxing.Binarizer { return z }

func (z ready) GetBlackRow(y int, row *gozxing.BitArray) (*gozxing.BitArray, error) {
	if y < 0 || y >= z.bits.GetHeight() {
		return nil, errors.New("barcode: no such row")
	}
	return z.bits.GetRow(y, row), nil
}
