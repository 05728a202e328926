package qrtest

import (
	"fmt"
	"math/rand/v2"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode/decoder"
	"github.com/makiuchi-d/gozxing/qrcode/encoder"
)

// A Code is the modules of a QR code and what they say.
type Code struct {
	Text string
	// Size is how many modules a side has.
	Size int
	dark []bool
}

// Dark says whether a module is dark; those outside the symbol are not.
func (c *Code) Dark(x, y int) bool {
	return min(x, y) >= 0 && max(x, y) < c.Size && c.dark[y*c.Size+x]
}

// Fill makes a QR code of a version, 1 to 40, and of a level, one of "LMQH", that random letters and digits fill.
func Fill(version int, level byte, random *rand.Rand) (*Code, error) {
	v, err := decoder.Version_GetVersionForNumber(version)
	if err != nil {
		return nil, fmt.Errorf("qrtest: version %d: %w", version, err)
	}
	l, err := decoder.ErrorCorrectionLevel_ValueOf(string(level))
	if err != nil {
		return nil, fmt.Errorf("qrtest: level %q: %w", level, err)
	}
	words := v.GetTotalCodewords() - v.GetECBlocksForLevel(l).GetTotalECCodewords()
	const letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
	text := make([]byte, (8*words-4-13)*2/11) // after the mode and the longest count
	for i := range text {
		text[i] = letters[random.IntN(len(letters))]
	}
	text[0] = 'A' // a text of digits alone would have another mode
	return encode(string(text), version, l)
}

func encode(text string, version int, level decoder.ErrorCorrectionLevel) (*Code, error) {
	drawn, err := encoder.Encoder_encode(text, level, map[gozxing.EncodeHintType]any{
		gozxing.EncodeHintType_QR_VERSION: version,
	})
	if err != nil {
		return nil, fmt.Errorf("qrtest: version %d: %w", version, err)
	}
	m := drawn.GetMatrix()
	c := &Code{Text: text, Size: m.GetWidth()}
	for i := range c.Size * c.Size {
		c.dark = append(c.dark, m.Get(i%c.Size, i/c.Size) == 1)
	}
	return c, nil
}
