package barcode

import (
	"context"
	"image"
	"strings"
	"testing"

	"github.com/boombuler/barcode/aztec"
	"github.com/boombuler/barcode/datamatrix"
	"github.com/offlane/offlane/barcode/internal/matrixtest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Programs draw symbols of a pixel a module, of every size, turned, in a mirror and light on dark. Without -long it is
// every fourth text.
func TestASymbolOfAPixelAModuleIsRead(t *testing.T) {
	t.Parallel()
	draw := map[Format]func(text string) (image.Image, error){
		DataMatrix: func(text string) (image.Image, error) { return datamatrix.Encode(text) },
		Aztec:      func(text string) (image.Image, error) { return aztec.Encode([]byte(text), 33, 0) },
	}
	scanners := []*Scanner{{}, {Frame: true, Budget: -1}}
	text, more := "", "OFFER 0123456789 - 10 % off. "
	if !*long {
		more = strings.Repeat(more, 4)
	}
	for len(text) < 300 {
		text += more
		for format, encode := range draw {
			img, err := encode(text)
			require.NoError(t, err, "%v: %d bytes are drawn", format, len(text))
			d := matrixtest.FromImage(img)
			for name, picture := range map[string]*image.Gray{
				"plain": d.Image(2, 1), "without a quiet zone": d.Image(0, 1), "in a mirror": d.Mirror().Image(2, 1),
				"light on dark": matrixtest.Negative(d.Image(2, 1)),
			} {
				for _, s := range scanners {
					got, err := s.Scan(context.Background(), picture)
					require.NoError(t, err, "%v, %d bytes, %s: it is scanned", format, len(text), name)
					if assert.Len(t, got, 1, "%v, %d bytes, %s, frame %t: symbols", format, len(text), name, s.Frame) {
						assert.Equal(t, text, got[0].Text, "%v, %d bytes, %s, frame %t: the text", format, len(text), name, s.Frame)
						assert.Equal(t, format, got[0].Format, "%d bytes, %s, frame %t: the format", len(text), name, s.Frame)
					}
				}
			}
		}
	}
}
