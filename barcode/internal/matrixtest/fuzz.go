package matrixtest

import (
	"image"
	"testing"

	"github.com/offlane/offlane/barcode/internal/pix"
)

// mostAcross and mostDown bound the pictures of FuzzPictures, in pixels.
const mostAcross, mostDown = 1000, 200

// FuzzPictures hands a reader any bytes as pictures, beginning with those given, to be looked at in every so many rows.
func FuzzPictures(f *testing.F, read func(t *testing.T, g *pix.Gray, b *pix.Binary, step int), seeds ...*image.Gray) {
	f.Add([]byte("any"), uint16(60), byte(0))
	for _, img := range seeds {
		f.Add(img.Pix, uint16(img.Stride), byte(1))
	}
	f.Fuzz(func(t *testing.T, luma []byte, width uint16, step byte) {
		w := max(1, min(int(width), len(luma)))
		g := &pix.Gray{Pix: luma, W: w, H: min(mostDown, len(luma)/w), Stride: w}
		if g.H > 0 && w <= mostAcross {
			read(t, g, new(pix.Binarizer).Local(g), 1+int(step)%5)
		}
	})
}
