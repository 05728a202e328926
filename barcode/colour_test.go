package barcode

import (
	"context"
	"image"
	"image/color"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestCodesInColoursAreRead(t *testing.T) {
	t.Parallel()
	d, err := Encode(QRCode, "OFFER 42 IN COLOURS", Encoding{Level: 'H'})
	require.NoError(t, err)
	drawn := d.Image(5)
	for name, c := range map[string][2]color.NRGBA{ // dark modules, light ones
		"brown on red": {{90, 40, 45, 255}, {230, 40, 45, 255}}, "red on brown": {{230, 40, 45, 255}, {90, 40, 45, 255}},
		"green on red": {{25, 95, 35, 255}, {200, 15, 25, 255}}, "red on green": {{200, 15, 25, 255}, {25, 95, 35, 255}},
		"violet on blue": {{60, 30, 90, 255}, {60, 30, 250, 255}},
		"blue on yellow": {{20, 60, 180, 255}, {250, 210, 40, 255}},
	} {
		img := image.NewNRGBA(drawn.Bounds())
		b := img.Rect
		for i := range b.Dx() * b.Dy() {
			x, y := b.Min.X+i%b.Dx(), b.Min.Y+i/b.Dx()
			shade := 1
			if r, _, _, _ := drawn.At(x, y).RGBA(); r < 0x8000 {
				shade = 0
			}
			img.SetNRGBA(x, y, c[shade])
			logo := image.Pt(x-b.Dx()/2, y-b.Dy()/2)
			if logo.X*logo.X+logo.Y*logo.Y < b.Dx()*b.Dx()/100 {
				img.SetNRGBA(x, y, color.NRGBA{R: 75, G: 170, B: 235, A: 255})
			}
		}
		s := Scanner{Formats: []Format{QRCode}}
		got, err := s.Scan(context.Background(), img)
		require.NoError(t, err, name)
		require.Len(t, got, 1, name)
		assert.Equal(t, "OFFER 42 IN COLOURS", got[0].Text, name)
	}
}
