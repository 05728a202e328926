package barcode

import (
	"context"
	"image"
	"strings"
	"testing"

	"github.com/offlane/offlane/barcode/internal/degrade"
	"github.com/stretchr/testify/require"
)

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
