package barcode

import (
	"context"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/offlane/offlane/barcode/internal/degrade"
	"github.com/stretchr/testify/require"
)

func TestQualityTellsHowWellAQRCodeCouldBeRead(t *testing.T) {
	d, err := Encode(QRCode, "https://example.com/offer/42", Encoding{})
	require.NoError(t, err)
	quality := func(c degrade.Camera) Quality {
		s := Scanner{Formats: []Format{QRCode}}
		got, err := s.Scan(context.Background(), c.See(d.Image(8)))
		require.NoError(t, err)
		require.Len(t, got, 1, "%+v", c)
		return got[0].Quality
	}
	w, _ := d.Size()
	clear := quality(degrade.Camera{})
	require.InDelta(t, 300/float64(w), clear.Module, 0.1)
	require.InDelta(t, 190.0/255, clear.Contrast, 0.03)
	require.Greater(t, clear.Modulation, 0.6)
	require.Equal(t, 1.0, clear.UnusedCorrection)
	require.Zero(t, clear.Lines)

	require.InDelta(t, 200/float64(w), quality(degrade.Camera{Size: 200, Turn: 30}).Module, 0.15)
	require.Less(t, quality(degrade.Camera{Black: 60, White: 120}).Contrast, 0.3)
	require.Less(t, quality(degrade.Camera{Blur: 3.5}).Modulation, clear.Modulation-0.2)
	require.Less(t, quality(degrade.Camera{Cracks: 3, Seed: 2}).UnusedCorrection, 1.0)
}

// Till boxes have little memory: a camera that sees no symbol must not keep the garbage collector busy.
func TestAFrameWithoutASymbolAllocatesNextToNothing(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 3))
	p := Plane{Pix: make([]byte, 640*480), Width: 640, Height: 480}
	for i := range p.Pix {
		x, y := i%p.Width, i/p.Width
		p.Pix[i] = byte(60 + (x/23*y/31)%120 + random.IntN(20))
	}
	s := Scanner{Frame: true, Budget: -1, Formats: []Format{QRCode, MicroQR}}
	scan := func() {
		got, err := s.ScanPlane(context.Background(), p)
		require.NoError(t, err)
		require.Empty(t, got)
	}
	least := 1e9 // of ten times: under the race detector a pool forgets now and then
	for range 10 {
		least = min(least, testing.AllocsPerRun(1, scan))
	}
	require.LessOrEqual(t, least, 5.0)
}

func TestABudgetEndsAScanWithoutAnError(t *testing.T) {
	d, err := Encode(QRCode, "OFFER 42", Encoding{})
	require.NoError(t, err)
	s := Scanner{Budget: time.Nanosecond}
	got, err := s.Scan(context.Background(), d.Image(4))
	require.NoError(t, err)
	require.Empty(t, got)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = s.Scan(ctx, d.Image(4))
	require.ErrorIs(t, err, context.Canceled)
}
