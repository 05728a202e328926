package qr

import (
	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode/decoder"
	"github.com/offlane/offlane/barcode/internal/found"
)

// A symbol may have been read in a mirror.
type symbol struct {
	found.Symbol
	mirrored bool
}

// decode corrects the errors of sampled modules and reads them.
func decode(modules [][]bool) (s symbol, ok bool) {
	defer func() {
		if recover() != nil {
			ok = false
		}
	}()
	bits, err := gozxing.ParseBoolMapToBitMatrix(modules)
	if err != nil {
		return s, false
	}
	r, err := decoder.NewDecoder().DecodeWithoutHint(bits)
	if err != nil {
		return s, false
	}
	s.Format, s.Text, s.Raw = "qr_code", found.UTF8(r.GetText()), r.GetRawBytes()
	s.AIM = "]Q" + string(rune('0'+r.GetSymbologyModifier()))
	if meta, isMeta := r.GetOther().(*decoder.QRCodeDecoderMetaData); isMeta {
		s.mirrored = meta.IsMirrored()
	}
	return s, s.Text != ""
}
