// Package zx keeps gozxing at arm's length: its readers take our planes, its panics become "nothing read", and what
// it returns becomes what a scanner transmits.
package zx

import (
	"strings"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/aztec"
	"github.com/makiuchi-d/gozxing/datamatrix"
	multi "github.com/makiuchi-d/gozxing/multi/qrcode"
	"github.com/makiuchi-d/gozxing/qrcode"
	"github.com/offlane/offlane/barcode/internal/found"
	"github.com/offlane/offlane/barcode/internal/pix"
)

// minSide is the least side of a plane that gozxing's local binarizer and detectors take.
const minSide = 40

// Binarizers are the ways that pixels become black or white.
var binarizers = []func(gozxing.LuminanceSource) gozxing.Binarizer{
	gozxing.NewHybridBinarizer, gozxing.NewGlobalHistgramBinarizer,
}

// Want says which formats to look for.
type Want struct{ QRCode, DataMatrix, Aztec bool }

// Read reads a plane with every reader wanted and both binarizers.
func Read(g *pix.Gray, want Want) []found.Symbol {
	if g.W < minSide || g.H < minSide {
		return nil
	}
	var all []found.Symbol
	for _, binarizer := range binarizers {
		all = append(all, read(g, want, binarizer)...)
	}
	return all
}

func read(g *pix.Gray, want Want, binarizer func(gozxing.LuminanceSource) gozxing.Binarizer) []found.Symbol {
	bitmap, err := gozxing.NewBinaryBitmap(binarizer(source{g}))
	if err != nil {
		return nil
	}
	var all []found.Symbol
	if want.QRCode {
		all = append(all, guard(func() []found.Symbol { return readQR(bitmap) })...)
	}
	if want.DataMatrix {
		all = append(all, guard(func() []found.Symbol { return one(datamatrix.NewDataMatrixReader(), bitmap) })...)
	}
	if want.Aztec {
		all = append(all, guard(func() []found.Symbol { return one(aztec.NewAztecReader(), bitmap) })...)
	}
	return all
}

// guard makes a panic below us into nothing read.
func guard(f func() []found.Symbol) (all []found.Symbol) {
	defer func() {
		if recover() != nil {
			all = nil
		}
	}()
	return f()
}

func readQR(bitmap *gozxing.BinaryBitmap) []found.Symbol {
	results, _ := multi.NewQRCodeMultiReader().DecodeMultiple(bitmap, nil)
	if len(results) == 0 {
		return one(qrcode.NewQRCodeReader(), bitmap)
	}
	var all []found.Symbol
	for _, r := range results {
		all = append(all, symbol(r))
	}
	return all
}

func one(reader gozxing.Reader, bitmap *gozxing.BinaryBitmap) []found.Symbol {
	r, err := reader.Decode(bitmap, map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_TRY_HARDER: true})
	if err != nil {
		return nil
	}
	return []found.Symbol{symbol(r)}
}

var names = map[gozxing.BarcodeFormat]string{
	gozxing.BarcodeFormat_QR_CODE: "qr_code", gozxing.BarcodeFormat_DATA_MATRIX: "data_matrix",
	gozxing.BarcodeFormat_AZTEC: "aztec",
}

var plainAIM = map[string]string{"qr_code": "]Q1", "data_matrix": "]d1", "aztec": "]z0"}

func symbol(r *gozxing.Result) found.Symbol {
	s := found.Symbol{Format: names[r.GetBarcodeFormat()], Text: r.GetText(), Raw: r.GetRawBytes()}
	s.AIM = plainAIM[s.Format]
	if id, ok := r.GetResultMetadata()[gozxing.ResultMetadataType_SYMBOLOGY_IDENTIFIER].(string); ok {
		s.AIM = id
	}
	if s.AIM == "]d2" || s.AIM == "]d5" {
		s.Text = strings.TrimPrefix(s.Text, "\x1d")
	}
	s.Text = found.UTF8(s.Text)
	s.Corners = corners(r)
	return s
}

// corners makes four corners of the points that gozxing gives: a QR code's finder centres (lower left, upper left,
// upper right), a Data Matrix's or Aztec code's corners.
func corners(r *gozxing.Result) [4]pix.Point {
	var p []pix.Point
	for _, q := range r.GetResultPoints() {
		p = append(p, pix.Point{X: q.GetX() + 0.5, Y: q.GetY() + 0.5})
	}
	switch {
	case r.GetBarcodeFormat() == gozxing.BarcodeFormat_QR_CODE && len(p) >= 3:
		return fromFinders(p[1], p[2], p[0])
	case len(p) >= 4:
		return [4]pix.Point{p[0], p[1], p[2], p[3]}
	}
	return [4]pix.Point{}
}

// fromFinders reckons a parallelogram half a finder wider than the finder centres, whose size the points do not tell:
// a quarter of the distance fits a symbol of version 2.
func fromFinders(ul, ur, ll pix.Point) [4]pix.Point {
	const out = 3.5 / 18
	at := func(u, v float64) pix.Point {
		return pix.Point{
			X: ul.X + u*(ur.X-ul.X) + v*(ll.X-ul.X),
			Y: ul.Y + u*(ur.Y-ul.Y) + v*(ll.Y-ul.Y),
		}
	}
	return [4]pix.Point{at(-out, -out), at(1+out, -out), at(1+out, 1+out), at(-out, 1+out)}
}
