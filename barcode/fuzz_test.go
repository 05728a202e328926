package barcode

import (
	"context"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/oned"
	"github.com/stretchr/testify/require"
)

// FuzzScanPlane takes any bytes as a picture; both settings, since they go different ways. Corners are finite, and
// what says that it was read has a text.
func FuzzScanPlane(f *testing.F) {
	f.Add(uint16(60), uint16(50), make([]byte, 3000))
	f.Add(uint16(1), uint16(200), make([]byte, 200))
	f.Add(uint16(1000), uint16(2), make([]byte, 2000))
	for _, format := range []Format{QRCode, DataMatrix, Aztec, Code128} {
		d, err := Encode(format, "EXAMPLE 123", Encoding{})
		require.NoError(f, err)
		g := planeOf(d.Image(3))
		f.Add(uint16(g.W), uint16(g.H), g.Pix)
	}
	p := drawnLinear(f, oned.NewEAN13Writer(), gozxing.BarcodeFormat_EAN_13, "4006381333931", 0)
	middle := p.Height / 2
	f.Add(uint16(p.Width), uint16(40), p.Pix[(middle-20)*p.Width:(middle+20)*p.Width])
	f.Fuzz(func(t *testing.T, w, h uint16, pix []byte) {
		if int(w)*int(h) > len(pix) {
			return
		}
		for _, setting := range []scanSetting{stillSetting, frameSetting} {
			s := Scanner{Frame: setting == frameSetting}
			got, err := s.ScanPlane(context.Background(), Plane{Pix: pix, Width: int(w), Height: int(h)})
			require.NoError(t, err)
			for _, symbol := range got {
				require.NotEmpty(t, symbol.AIM)
				for _, c := range symbol.Corners {
					require.InDelta(t, 0, c.X, 1e6)
					require.InDelta(t, 0, c.Y, 1e6)
				}
			}
		}
	})
}
