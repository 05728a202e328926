package barcode

import (
	"context"
	"image"
	"image/color"
	"strings"
	"testing"

	"github.com/offlane/offlane/barcode/internal/degrade"
	"github.com/stretchr/testify/require"
	"golang.org/x/image/draw"
)

// covered is a drawing with a gray patch over so many modules of it.
func covered(d *Drawing, patch image.Rectangle) image.Image {
	const scale = 8
	src := d.Image(scale)
	img := image.NewGray(src.Bounds())
	draw.Draw(img, img.Rect, src, image.Point{}, draw.Src)
	patch = image.Rect(scale*patch.Min.X, scale*patch.Min.Y, scale*patch.Max.X, scale*patch.Max.Y)
	draw.Draw(img, patch, image.NewUniform(color.Gray{Y: 160}), image.Point{}, draw.Src)
	return img
}

func TestQRWithADamagedOrMissingFinderIsRead(t *testing.T) {
	t.Parallel()
	for _, level := range []byte{'Q', 'H'} {
		d, err := Encode(QRCode, "OFFER 42 ABCDEFGHIJ", Encoding{Level: level})
		require.NoError(t, err)
		w, _ := d.Size()
		far := w - 4 - 7
		for name, patch := range map[string]image.Rectangle{
			"corner gone": image.Rect(4, 4, 11, 11), "right gone": image.Rect(far, 4, far+7, 11),
			"below gone": image.Rect(4, far, 11, far+7), "corner's half gone": image.Rect(0, 0, 8, 12),
			"right's half gone": image.Rect(far+3, 0, w, 12), "below's half gone": image.Rect(0, far+3, 12, w),
		} {
			for i, turn := range []float64{0, 90, 180, 270, 25} {
				if (i+len(name))%thin() > 0 {
					continue
				}
				s := Scanner{Formats: []Format{QRCode}}
				got, err := s.Scan(context.Background(), degrade.Camera{Turn: turn, Tilt: 0.04, Noise: 4}.See(covered(d, patch)))
				require.NoError(t, err)
				require.Len(t, got, 1, "%s, level %d, turned by %.0f", name, level, turn)
				require.Equal(t, "OFFER 42 ABCDEFGHIJ", got[0].Text)
			}
		}
	}
}

func TestQRInAMirrorIsRead(t *testing.T) {
	d, err := Encode(QRCode, "MIRROR 42", Encoding{})
	require.NoError(t, err)
	for _, setting := range []scanSetting{stillSetting, frameSetting} {
		s := Scanner{Frame: setting == frameSetting, Budget: -1}
		got, err := s.Scan(context.Background(), degrade.Camera{Turn: 20}.See(mirrored(d.Image(8))))
		require.NoError(t, err)
		require.Len(t, got, 1)
		require.Equal(t, "MIRROR 42", got[0].Text)
	}
}

func TestQRWithPixelsThatAreNotSquareIsRead(t *testing.T) {
	d, err := Encode(QRCode, "https://example.com/offer/42", Encoding{})
	require.NoError(t, err)
	src := d.Image(8)
	for _, size := range []image.Point{{320, 160}, {160, 320}, {300, 200}, {200, 300}} {
		for _, setting := range []scanSetting{stillSetting, frameSetting} {
			img := image.NewGray(image.Rectangle{Max: size})
			draw.BiLinear.Scale(img, img.Rect, src, src.Bounds(), draw.Src, nil)
			s := Scanner{Frame: setting == frameSetting, Budget: -1}
			got, err := s.Scan(context.Background(), img)
			require.NoError(t, err)
			require.Len(t, got, 1, "%v", size)
			require.Equal(t, "https://example.com/offer/42", got[0].Text)
		}
	}
}

// What a till meets, with the share of pictures that must be read.
func TestHardQRCodesAreRead(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text   string
		level  byte
		camera degrade.Camera
		least  int // of six seeds
	}{
		"bent":      {"https://example.com/offer/42", 'M', degrade.Camera{Bend: 0.06, Turn: 5, Noise: 3}, 6},
		"bent more": {"https://example.com/offer/42", 'M', degrade.Camera{Bend: 0.1, Noise: 3}, 5},
		"900 characters": {strings.Repeat("OFFER 42 ", 100), 'L', degrade.Camera{Width: 1280, Height: 960, Size: 900,
			Tilt: 0.06, Turn: 4, Blur: 0.6, Noise: 3}, 6},
		"three cracks": {"https://example.com/offer/42", 'M', degrade.Camera{Cracks: 3, Noise: 3}, 5},
		"glare":        {"https://example.com/offer/42", 'M', degrade.Camera{Glare: 0.8, Noise: 3}, 5},
	} {
		d, err := Encode(QRCode, c.text, Encoding{Level: c.level})
		require.NoError(t, err)
		read := 0
		for seed := range uint64(6) {
			if (int(seed)+len(name))%thin() > 0 {
				continue
			}
			c.camera.Seed = seed
			s := Scanner{Formats: []Format{QRCode}}
			got, err := s.Scan(context.Background(), c.camera.See(d.Image(6)))
			require.NoError(t, err)
			for _, symbol := range got {
				require.Equal(t, c.text, symbol.Text, name)
				read++
			}
		}
		t.Logf("%s: %d of 6", name, read)
		if thin() == 1 && read < c.least {
			t.Errorf("%s: %d of 6 were read, not %d", name, read, c.least)
		}
	}
}
