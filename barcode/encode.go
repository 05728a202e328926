package barcode

import (
	"errors"
	"fmt"
	"image"
	"strings"

	"github.com/boombuler/barcode/aztec"
	"github.com/boombuler/barcode/code128"
	"github.com/boombuler/barcode/datamatrix"
	"github.com/boombuler/barcode/qr"
)

// Encoding says how [Encode] draws. The zero value is what a shop needs.
type Encoding struct {
	// Level is the error correction of a QR code (ISO/IEC 18004, 7.5.1): 'L' repairs about 7 % of the codewords, 'M' 15,
	// 'Q' 25 and 'H' 30. Zero: 'M'. Other formats have one of their own.
	Level byte
	// Height is the height of the bars of a one-dimensional symbol in modules. Zero: 15 % of its length, as
	// ISO/IEC 15417 recommends for reading by hand, at least 32.
	Height int
}

// maxText bounds what Encode looks at: no format holds more (7,089 digits in a QR code of version 40).
const maxText = 7089

// Encode draws text as a symbol of format QRCode, Code128, DataMatrix or Aztec.
//
// The text may begin with the AIM identifier of a GS1 symbol (]C1 or ]d2): then the symbol has FNC1 in first place, and
// every GS (0x1D) in the text is an FNC1. A QR code is drawn in numeric or alphanumeric mode where the text permits it,
// Code 128 in code set C where there are digits. Aztec and Data Matrix hold ISO 8859-1, Code 128 holds ASCII.
// It fails for a text that the format cannot hold and for a format it does not draw.
func Encode(format Format, text string, how Encoding) (*Drawing, error) {
	d, err := encode(format, text, how)
	if err != nil {
		return nil, fmt.Errorf("barcode: text of %d bytes as %v: %w", len(text), format, err)
	}
	return d, nil
}

func encode(format Format, text string, how Encoding) (d *Drawing, err error) {
	defer func() {
		if r := recover(); r != nil {
			d, err = nil, fmt.Errorf("the encoder failed: %v", r)
		}
	}()
	switch {
	case text == "":
		return nil, errors.New("there is no text")
	case len(text) > maxText:
		return nil, fmt.Errorf("no symbol holds more than %d characters", maxText)
	}
	switch format {
	case QRCode:
		return encodeQR(text, how.Level)
	case DataMatrix:
		return encodeDataMatrix(text)
	case Aztec:
		return encodeAztec(text)
	case Code128:
		return encodeCode128(text, how.Height)
	}
	return nil, errors.New("this format is only read, not drawn")
}

func encodeQR(text string, level byte) (*Drawing, error) {
	levels := map[byte]qr.ErrorCorrectionLevel{'L': qr.L, 0: qr.M, 'M': qr.M, 'Q': qr.Q, 'H': qr.H}
	l, ok := levels[level]
	if !ok {
		return nil, fmt.Errorf("there is no error correction level %q", level)
	}
	if strings.HasPrefix(text, "]Q3") {
		return nil, errors.New("GS1 QR codes are not drawn; a GS1 Digital Link needs no FNC1")
	}
	img, err := qr.Encode(text, l, qr.Auto)
	if err != nil {
		return nil, err
	}
	return newDrawing(img, 4, 0), nil
}

// encodeDataMatrix gives the encoder bytes of ISO 8859-1, which it takes one by one; its FNC1 is the byte 232.
func encodeDataMatrix(text string) (*Drawing, error) {
	body, gs1 := strings.CutPrefix(text, "]d2")
	data, err := latin1(body)
	if err != nil {
		return nil, err
	}
	raw, fnc1 := string(data), string([]byte{datamatrix.FNC1})
	switch {
	case strings.Contains(raw, fnc1) && (gs1 || raw[0] == datamatrix.FNC1):
		return nil, errors.New("\"è\" cannot be told from FNC1 here")
	case gs1:
		raw = fnc1 + strings.ReplaceAll(raw, "\x1d", fnc1)
	}
	img, err := datamatrix.Encode(raw)
	if err != nil {
		return nil, err
	}
	return newDrawing(img, 1, 0), nil
}

func encodeAztec(text string) (*Drawing, error) {
	data, err := latin1(text)
	if err != nil {
		return nil, err
	}
	const repair = 33 // percent of check words; ISO/IEC 24778 recommends 23 % and 3 words, screens deserve more
	img, err := aztec.Encode(data, repair, aztec.DEFAULT_LAYERS)
	if err != nil {
		return nil, err
	}
	// The standard asks for no quiet zone; two modules keep a symbol off a dark edge.
	return newDrawing(img, 2, 0), nil
}

// encodeCode128 takes ASCII only: the encoder gives some letters beyond it the meaning of function characters.
func encodeCode128(text string, height int) (*Drawing, error) {
	body, gs1 := strings.CutPrefix(text, "]C1")
	for i := range len(body) {
		if body[i] > 127 {
			return nil, fmt.Errorf("byte %d is not ASCII", i+1)
		}
	}
	if gs1 {
		body = string(code128.FNC1) + strings.ReplaceAll(body, "\x1d", string(code128.FNC1))
	}
	img, err := code128.Encode(body)
	if err != nil {
		return nil, err
	}
	if height <= 0 {
		height = max(32, img.Bounds().Dx()*15/100)
	}
	return newDrawing(img, 10, height), nil
}

func latin1(text string) ([]byte, error) {
	data := make([]byte, 0, len(text))
	for i, r := range text {
		if r > 255 {
			return nil, fmt.Errorf("%q at byte %d is not in ISO 8859-1", r, i+1)
		}
		data = append(data, byte(r))
	}
	if len(data) == 0 {
		return nil, errors.New("there is no text")
	}
	return data, nil
}

// dark says what an encoder below us drew.
func dark(img image.Image, x, y int) bool {
	r, _, _, _ := img.At(x, y).RGBA()
	return r < 0x8000
}
