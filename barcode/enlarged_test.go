package barcode

import (
	"context"
	"image"
	"image/color"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/image/draw"
)

// A picture with few boxes is enlarged for a symbol of small modules; Frame leaves a picture with many as it is: text
// and QR codes have as many corners.
func TestAPictureWithFewCornersIsEnlarged(t *testing.T) {
	d, err := Encode(DataMatrix, "OFFER 42", Encoding{})
	require.NoError(t, err, "the symbol")
	for boxes, want := range map[int]map[scanSetting]bool{
		0:  {stillSetting: true, frameSetting: true},
		4:  {stillSetting: true, frameSetting: true},
		64: {stillSetting: true, frameSetting: false},
	} {
		for setting, enlarged := range want {
			looked, read := enlarges(t, setting, boxed(d.Image(1), boxes))
			assert.Equal(t, enlarged, looked, "setting %d enlarges a picture with %d boxes", setting, boxes)
			assert.Equal(t, enlarged, len(read) == 1, "setting %d reads the symbol beside %d boxes: %v", setting, boxes, read)
		}
	}
}

// enlarges says whether a setting looks at the picture at twice its size, and what it reads.
func enlarges(t *testing.T, setting scanSetting, img image.Image) (looked bool, read []Symbol) {
	t.Helper()
	s := Scanner{Frame: setting == frameSetting, Budget: -1, Formats: []Format{DataMatrix}}
	s.Trace = func(step string, _ []Symbol) { looked = looked || step == "data matrix enlarged" }
	read, err := s.Scan(context.Background(), img)
	require.NoError(t, err, "the scan")
	return looked, read
}

// boxed has a symbol stand above so many boxes. A gray pixel makes it no drawing of a symbol alone.
func boxed(symbol image.Image, boxes int) *image.Gray {
	img := image.NewGray(image.Rect(0, 0, 300, 300))
	draw.Draw(img, img.Rect, image.White, image.Point{}, draw.Src)
	draw.Draw(img, image.Rect(140, 40, 300, 300), symbol, symbol.Bounds().Min, draw.Src)
	img.SetGray(0, 0, color.Gray{Y: 128})
	for i := range boxes {
		at := image.Pt(8+24*(i%12), 120+24*(i/12))
		draw.Draw(img, image.Rect(0, 0, 16, 16).Add(at), image.NewUniform(color.Gray{}), image.Point{}, draw.Src)
	}
	return img
}
