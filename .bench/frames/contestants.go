package main

import (
	"context"
	"fmt"
	"image"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/aztec"
	"github.com/makiuchi-d/gozxing/datamatrix"
	"github.com/makiuchi-d/gozxing/oned"
	"github.com/makiuchi-d/gozxing/oned/rss"
	"github.com/makiuchi-d/gozxing/qrcode"
	"github.com/offlane/offlane/barcode"
	"github.com/offlane/offlane/bench/internal/zbar"
)

// A contestant reads a frame.
type contestant struct {
	name string
	read func(barcode.Plane)
}

// The names that the ratios are reckoned with.
const (
	oursQR, oursAll         = "ours, QR only", "ours, all formats"
	zxQR, zxAll             = "gozxing's QR reader", "a loop over gozxing's readers"
	zxQRReadme, zxAllReadme = zxQR + ", from an image", zxAll + ", each from an image"
	zxAllHarder             = zxAll + ", TRY_HARDER"
	zbarQR, zbarAll         = "zbar, QR only", "zbar, all symbologies"
)

func contestants() []contestant {
	all := []contestant{
		{oursQR, ours(barcode.QRCode)}, {zxQR, zx(nil, qrcode.NewQRCodeReader)},
		{zxQRReadme, zxReadme(qrcode.NewQRCodeReader)},
		{oursAll, ours()}, {zxAll, zx(nil, zxReaders...)}, {zxAllReadme, zxReadme(zxReaders...)},
		{zxAllHarder, zx(harder, zxReaders...)},
	}
	for name, formats := range map[string][]string{zbarQR: {"qr_code"}, zbarAll: nil} {
		s, err := zbar.New(formats...)
		if err != nil {
			fmt.Printf("left out: %s: %v\n", name, err)
			continue
		}
		all = append(all, contestant{name, func(p barcode.Plane) {
			if _, err := s.Scan(p); err != nil {
				panic(err)
			}
		}})
	}
	return all
}

func ours(formats ...barcode.Format) func(barcode.Plane) {
	s := &barcode.Scanner{Frame: true, Formats: formats}
	return func(p barcode.Plane) {
		if _, err := s.ScanPlane(context.Background(), p); err != nil {
			panic(err)
		}
	}
}

// zxReaders are all that gozxing has. They are made anew for each frame: the one for DataBar keeps what it read before.
var zxReaders = []func() gozxing.Reader{
	qrcode.NewQRCodeReader,
	func() gozxing.Reader { return datamatrix.NewDataMatrixReader() },
	func() gozxing.Reader { return aztec.NewAztecReader() },
	func() gozxing.Reader { return oned.NewMultiFormatUPCEANReader(nil) },
	oned.NewCode128Reader, oned.NewCode39Reader, oned.NewCode93Reader, oned.NewCodaBarReader, oned.NewITFReader,
	rss.NewRSS14Reader,
}

var harder = map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_TRY_HARDER: true}

// zx shows a frame's bytes to readers through one hybrid binarizer, which makes its bits once: the least that gozxing
// can do.
func zx(hints map[gozxing.DecodeHintType]any, readers ...func() gozxing.Reader) func(barcode.Plane) {
	return func(p barcode.Plane) {
		source, err := gozxing.NewPlanarYUVLuminanceSource(p.Pix, p.Width, p.Height, 0, 0, p.Width, p.Height, false)
		if err != nil {
			panic(err)
		}
		bitmap, err := gozxing.NewBinaryBitmap(gozxing.NewHybridBinarizer(source))
		if err != nil {
			panic(err)
		}
		for _, reader := range readers {
			_, _ = reader().Decode(bitmap, hints) // nothing found is an error to it
		}
	}
}

// zxReadme shows a frame to readers as gozxing's README does: each makes a bitmap of the image.
func zxReadme(readers ...func() gozxing.Reader) func(barcode.Plane) {
	return func(p barcode.Plane) {
		img := &image.Gray{Pix: p.Pix, Stride: p.Width, Rect: image.Rect(0, 0, p.Width, p.Height)}
		for _, reader := range readers {
			bitmap, err := gozxing.NewBinaryBitmapFromImage(img)
			if err != nil {
				panic(err)
			}
			_, _ = reader().Decode(bitmap, nil) // nothing found is an error to it
		}
	}
}
