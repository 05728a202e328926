// Package zx keeps gozxing's detector of Data Matrix at arm's length: it takes our binary pictures, its panics become
// "nothing found", and what it finds are modules that our own reader decodes.
package zx

import (
	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/datamatrix/detector"
	"github.com/offlane/offlane/barcode/internal/modules"
	"github.com/offlane/offlane/barcode/internal/pix"
)

// minSide is the least side of a picture that the detector takes, in pixels.
const minSide = 40

// A Detector lends binary pictures to gozxing. It keeps the copy in gozxing's own form; it is for one goroutine.
type Detector struct {
	bits *gozxing.BitMatrix
	row  *gozxing.BitArray
}

// Find returns the modules of the Data Matrix around the middle of a picture.
func (d *Detector) Find(b *pix.Binary) (m modules.Bitmap, ok bool) {
	if b.W < minSide || b.H < minSide || !d.copy(b) {
		return m, false
	}
	defer func() {
		if recover() != nil {
			ok = false
		}
	}()
	finder, err := detector.NewDetector(d.bits)
	if err != nil {
		return m, false
	}
	found, err := finder.Detect()
	if err != nil || len(found.GetPoints()) < len(m.Corners) {
		return m, false
	}
	bits := found.GetBits()
	m.Columns, m.Rows = bits.GetWidth(), bits.GetHeight()
	for i := range m.Columns * m.Rows {
		m.Dark = append(m.Dark, bits.Get(i%m.Columns, i/m.Columns))
	}
	for i, p := range found.GetPoints()[:len(m.Corners)] {
		m.Corners[i] = pix.Point{X: p.GetX() + 0.5, Y: p.GetY() + 0.5}
	}
	return m, true
}

func (d *Detector) copy(b *pix.Binary) bool {
	if d.bits == nil || d.bits.GetWidth() != b.W || d.bits.GetHeight() != b.H {
		bits, err := gozxing.NewBitMatrix(b.W, b.H)
		if err != nil {
			return false
		}
		d.bits, d.row = bits, gozxing.NewBitArray(b.W)
	}
	words := d.row.GetBitArray()
	for y := range b.H {
		for i := range words {
			words[i] = uint32(b.Word(i/2, y) >> (i % 2 * 32))
		}
		d.bits.SetRow(y, d.row)
	}
	return true
}
