package barcode

import (
	"image"
	"image/color"
	"image/draw"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// besides are symbols of several kinds, and how large their modules are, in pixels.
var besides = []struct {
	format Format
	text   string
	scale  int
}{
	{QRCode, "first", 8},
	{DataMatrix, "second", 3},
	{Code128, "third", 3},
	{DataMatrix, "fourth and larger", 5},
	{Aztec, "fifth", 5},
	{Code128, "sixth", 2},
}

// A symbol that was read early ends nothing for those beside it, whatever their kind.
func TestSymbolsOfSeveralKindsBesideOneAnotherAreRead(t *testing.T) {
	sheet := image.NewGray(image.Rect(0, 0, 1200, 700))
	draw.Draw(sheet, sheet.Rect, image.NewUniform(color.White), image.Point{}, draw.Src)
	for i, b := range besides {
		d, err := Encode(b.format, b.text, Encoding{})
		require.NoError(t, err, b.text)
		img := d.Image(b.scale)
		at := image.Pt(40+i%3*390, 40+i/3*330)
		draw.Draw(sheet, img.Bounds().Add(at), img, image.Point{}, draw.Src)
	}
	all, err := new(Scanner).Scan(t.Context(), sheet)
	require.NoError(t, err)
	read := map[string]Format{}
	for _, s := range all {
		read[s.Text] = s.Format
	}
	for _, b := range besides {
		assert.Equal(t, b.format, read[b.text], "format of %q among %d symbols", b.text, len(all))
	}
	assert.Len(t, all, len(besides), "nothing else is read")
}
