package barcode

import (
	"context"
	"image"
	"image/draw"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestEverySymbolOfASheetIsReadOnce holds up several symbols at the same time, as a receipt does. Data Matrix and
// Aztec are not among them: they are found in the middle of a picture alone.
func TestEverySymbolOfASheetIsReadOnce(t *testing.T) {
	t.Parallel()
	sheet := image.NewGray(image.Rect(0, 0, 900, 800))
	draw.Draw(sheet, sheet.Bounds(), image.White, image.Point{}, draw.Src)
	want := map[string]Format{"OFFER 1": QRCode, "OFFER 2": QRCode, "OFFER 3": Code128, "OFFER 4": Code128}
	places := map[string]image.Point{"OFFER 1": {40, 40}, "OFFER 2": {500, 60}, "OFFER 3": {60, 420},
		"OFFER 4": {420, 500}}
	for text, format := range want {
		d, err := Encode(format, text, Encoding{})
		require.NoError(t, err)
		scale := 8
		if format == Code128 {
			scale = 3
		}
		img := d.Image(scale)
		draw.Draw(sheet, img.Bounds().Add(places[text]), img, image.Point{}, draw.Src)
	}
	got, err := new(Scanner).Scan(context.Background(), sheet)
	require.NoError(t, err)
	assert.Len(t, got, len(want), "each once")
	for _, s := range got {
		assert.Equal(t, want[s.Text], s.Format, s.Text)
		middle, _ := middle(s.Corners)
		assert.InDelta(t, places[s.Text].X+120, middle.X, 130, s.Text)
		assert.InDelta(t, places[s.Text].Y+80, middle.Y, 130, s.Text)
	}
}
