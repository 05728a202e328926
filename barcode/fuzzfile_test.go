package barcode

import (
	"bytes"
	"context"
	"image"
	_ "image/gif" // formats of the files
	_ "image/jpeg"
	"image/png"
	"testing"

	"github.com/offlane/offlane/barcode/internal/degrade"
	"github.com/stretchr/testify/require"
)

// fuzzSide bounds the pictures, so that one costs milliseconds.
const fuzzSide = 400

// samples are a picture of each format that we draw, as a camera sees it.
func samples(f *testing.F) (all []*image.Gray) {
	for format, text := range map[Format]string{
		QRCode: "OFFER 42", Code128: "12345678", DataMatrix: "offer", Aztec: "offer",
	} {
		d, err := Encode(format, text, Encoding{})
		require.NoError(f, err)
		all = append(all, degrade.Camera{Width: 200, Height: 160, Size: 150, Noise: 3}.See(d.Image(3)))
	}
	return all
}

// sane checks what must hold of anything that was read.
func sane(t *testing.T, got []Symbol) {
	for _, s := range got {
		require.NotEmpty(t, s.Text)
		require.Len(t, s.AIM, 3)
		require.NotEqual(t, Format(0), s.Format)
		for _, p := range s.Corners {
			require.False(t, p.X != p.X || p.Y != p.Y, "corners of %+v", s)
		}
		q := s.Quality
		for _, v := range []float64{q.Contrast, q.Modulation, q.UnusedCorrection} {
			require.True(t, v >= 0 && v <= 1, "quality of %+v", s)
		}
		require.GreaterOrEqual(t, q.Module, 0.0)
	}
}

// FuzzScanFile takes files, whole and cut short, as a program that reads pictures does: size first.
func FuzzScanFile(f *testing.F) {
	for _, img := range samples(f) {
		var file bytes.Buffer
		require.NoError(f, png.Encode(&file, img))
		f.Add(file.Bytes())
		f.Add(file.Bytes()[:file.Len()*3/4])
	}
	f.Add([]byte("GIF89a\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, file []byte) {
		s := Scanner{Frame: true, MaxPixels: fuzzSide * fuzzSide}
		config, _, err := image.DecodeConfig(bytes.NewReader(file))
		if err != nil || s.CheckSize(config.Width, config.Height) != nil {
			return
		}
		img, _, err := image.Decode(bytes.NewReader(file))
		if err != nil {
			return
		}
		got, err := s.Scan(context.Background(), img)
		require.NoError(t, err)
		sane(t, got)
	})
}
