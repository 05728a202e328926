package barcode

import (
	"context"
	"image"
	"strings"
	"testing"

	"github.com/offlane/offlane/barcode/internal/degrade"
	"github.com/stretchr/testify/require"
)

var views = map[string]degrade.Camera{
	"plain":          {},
	"turned":         {Turn: 33},
	"upside down":    {Turn: 180, Noise: 5},
	"tilted":         {Tilt: 0.15, Turn: 10},
	"strongly":       {Tilt: 0.22, Turn: -25},
	"bent":           {Bend: 0.03},
	"blurred":        {Blur: 2},
	"smeared":        {Motion: 6},
	"noisy":          {Noise: 25},
	"dim":            {Black: 10, White: 45, Noise: 2},
	"shaded":         {Shade: 0.8, Noise: 4},
	"moire":          {Moire: 35},
	"cracked":        {Cracks: 1, Seed: 2},
	"glare":          {Glare: 0.6, Seed: 9},
	"inverted":       {Inverted: true, Blur: 1},
	"compressed":     {JPEG: 15, Blur: 1},
	"small":          {Size: 110},
	"everything bit": {Turn: 12, Tilt: 0.08, Blur: 1.2, Noise: 8, Shade: 0.4, JPEG: 60, Moire: 8},
}

func TestQRCodesReadAsACameraSeesThem(t *testing.T) {
	d, err := Encode(QRCode, "https://example.com/offer/42", Encoding{})
	require.NoError(t, err)
	for name, camera := range views {
		for _, setting := range []Setting{Still, Frame} {
			s := Scanner{Setting: setting, Formats: []Format{QRCode}}
			got, err := s.Scan(context.Background(), camera.See(d.Image(8)))
			require.NoError(t, err)
			if setting == Frame && len(got) == 0 {
				continue // the next frame comes anyway; but it must not be wrong
			}
			require.Len(t, got, 1, name)
			require.Equal(t, "https://example.com/offer/42", got[0].Text, name)
		}
	}
}

func TestCornersLieOnTheSymbol(t *testing.T) {
	d, err := Encode(QRCode, "https://example.com/offer/42", Encoding{})
	require.NoError(t, err)
	s := Scanner{Formats: []Format{QRCode}}
	got, err := s.Scan(context.Background(), degrade.Camera{Turn: 90}.See(d.Image(8)))
	require.NoError(t, err)
	require.Len(t, got, 1)
	w, _ := d.Size()
	half := 150 * float64(w-8) / float64(w)
	for i, want := range [4]Point{{half, -half}, {half, half}, {-half, half}, {-half, -half}} {
		require.InDelta(t, 320+want.X, got[0].Corners[i].X, 2)
		require.InDelta(t, 240+want.Y, got[0].Corners[i].Y, 2)
	}
}

func TestLargeQRCodesAreReadInPerspective(t *testing.T) {
	for _, n := range []int{150, 300} {
		text := strings.Repeat("OFFER 42 ", n/9)
		d, err := Encode(QRCode, text, Encoding{})
		require.NoError(t, err)
		camera := degrade.Camera{Width: 960, Height: 720, Size: 690, Tilt: 0.05, Turn: 4, Blur: 0.7, Noise: 3}
		s := Scanner{Formats: []Format{QRCode}}
		got, err := s.Scan(context.Background(), camera.See(d.Image(6)))
		require.NoError(t, err)
		require.Len(t, got, 1, "%d characters", n)
		require.Equal(t, text, got[0].Text)
	}
}

func TestEachOfSeveralQRCodesIsReadOnce(t *testing.T) {
	sheet := image.NewGray(image.Rect(0, 0, 700, 700))
	for i := range sheet.Pix {
		sheet.Pix[i] = 255
	}
	texts := []string{"ONE", "TWO", "THREE", "TWO"}
	for i, text := range texts {
		d, err := Encode(QRCode, text, Encoding{})
		require.NoError(t, err)
		w, h := d.Size()
		for y := range 8 * h {
			for x := range 8 * w {
				if d.Dark(x/8, y/8) {
					sheet.Pix[(y+350*(i/2)+20)*sheet.Stride+x+350*(i%2)+20] = 0
				}
			}
		}
	}
	got, err := new(Scanner).Scan(context.Background(), sheet)
	require.NoError(t, err)
	var read []string
	for _, s := range got {
		read = append(read, s.Text)
	}
	require.ElementsMatch(t, texts, read)
}

func TestCode128ReadsAsACameraSeesIt(t *testing.T) {
	d, err := Encode(Code128, "01234567890123456789", Encoding{})
	require.NoError(t, err)
	for name, camera := range map[string]degrade.Camera{
		"plain":   {},
		"tilted":  {Tilt: 0.05, Turn: 7},
		"upright": {Turn: 90, Blur: 0.8},
		"blurred": {Blur: 1.2, Noise: 3},
		"noisy":   {Noise: 8},
		"light":   {Inverted: true},
		"shaded":  {Shade: 0.7},
	} {
		camera.Width, camera.Height, camera.Size = 600, 600, 560
		s := Scanner{Formats: []Format{Code128, ITF, Code39, EAN13}}
		got, err := s.Scan(context.Background(), camera.See(d.Image(6)))
		require.NoError(t, err)
		require.Len(t, got, 1, name)
		require.Equal(t, "01234567890123456789", got[0].Text, name)
	}
}
