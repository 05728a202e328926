// Package zx keeps gozxing at arm's length: its readers take our planes, its panics become "nothing read", and what
// it returns becomes what a scanner transmits.
package zx

import (
	"strings"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/datamatrix"
	"github.com/offlane/offlane/barcode/internal/pix"
	"github.com/offlane/offlane/barcode/internal/symbol"
)

// minSide is the least side of a plane that gozxing's local binarizer and detectors take.
const minSide = 40

// Binarizers are the ways that pixels become black or white.
var binarizers = []func(gozxing.LuminanceSource) gozxing.Binarizer{
	gozxing.NewHybridBinarizer, gozxing.NewGlobalHistgramBinarizer,
}

// Want says which formats to look for.
type Want struct{ DataMatrix bool }

// Read reads a plane with every reader wanted and both binarizers.
func Read(g *pix.Gray, want Want) []symbol.Symbol {
	if g.W < minSide || g.H < minSide {
		return nil
	}
	var all []symbol.Symbol
	for _, binarizer := range binarizers {
		all = append(all, read(g, want, binarizer)...)
	}
	return all
}

func read(g *pix.Gray, want Want, binarizer func(gozxing.LuminanceSource) gozxing.Binarizer) []symbol.Symbol {
	bitmap, err := gozxing.NewBinaryBitmap(binarizer(source{g}))
	if err != nil {
		return nil
	}
	return readBitmap(bitmap, want)
}

func readBitmap(bitmap *gozxing.BinaryBitmap, want Want) []symbol.Symbol {
	var all []symbol.Symbol
	if want.DataMatrix {
		all = append(all, guard(func() []symbol.Symbol { return one(datamatrix.NewDataMatrixReader(), bitmap) })...)
	}
	return all
}

// guard makes a panic below us into nothing read.
func guard(f func() []symbol.Symbol) (all []symbol.Symbol) {
	defer func() {
		if recover() != nil {
			all = nil
		}
	}()
	return f()
}

func one(reader gozxing.Reader, bitmap *gozxing.BinaryBitmap) []symbol.Symbol {
	r, err := reader.Decode(bitmap, map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_TRY_HARDER: true})
	if err != nil {
		return nil
	}
	return []symbol.Symbol{symbolOf(r)}
}

var names = map[gozxing.BarcodeFormat]symbol.Format{
	gozxing.BarcodeFormat_DATA_MATRIX: symbol.DataMatrix,
}

var plainAIM = map[symbol.Format]string{symbol.DataMatrix: "]d1"}

func symbolOf(r *gozxing.Result) symbol.Symbol {
	s := symbol.Symbol{Format: names[r.GetBarcodeFormat()], Text: r.GetText(), Raw: r.GetRawBytes()}
	s.AIM = plainAIM[s.Format]
	if id, ok := r.GetResultMetadata()[gozxing.ResultMetadataType_SYMBOLOGY_IDENTIFIER].(string); ok {
		s.AIM = id
	}
	if s.AIM == "]d2" || s.AIM == "]d5" {
		s.Text = strings.TrimPrefix(s.Text, "\x1d")
	}
	s.Text = symbol.UTF8(s.Text)
	s.Corners = corners(r)
	return s
}

// corners are the points that gozxing gives where there are four.
func corners(r *gozxing.Result) (out [4]pix.Point) {
	points := r.GetResultPoints()
	if len(points) < len(out) {
		return out
	}
	for i := range out {
		out[i] = pix.Point{X: points[i].GetX() + 0.5, Y: points[i].GetY() + 0.5}
	}
	return out
}
