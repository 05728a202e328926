package barcode

import (
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/offlane/offlane/barcode/internal/pix"
	"github.com/stretchr/testify/require"
)

// frameOfDecoys draws a camera frame of 1280 by 720 pixels without a symbol: a patchwork of all kinds of decoys, each
// in a light of its own, with noise.
func frameOfDecoys(seed uint64) *pix.Gray {
	const side = 160
	r := rand.New(rand.NewPCG(seed, 3))
	kinds := slices.Sorted(maps.Keys(decoys))
	g := pix.NewGray(1280, 720)
	for y0 := 0; y0 < g.H; y0 += side {
		for x0 := 0; x0 < g.W; x0 += side {
			light := decoys[kinds[r.IntN(len(kinds))]](r)
			black, white := 80*r.Float64(), 120+120*r.Float64()
			for y := y0; y < min(g.H, y0+side); y++ {
				for x := x0; x < x0+side; x++ {
					v := light(float64(x-x0)-side/2, float64(y-y0)-side/2)
					g.Pix[y*g.W+x] = byte(max(0, min(255, black+v*(white-black)+4*r.NormFloat64())))
				}
			}
		}
	}
	return g
}

// BenchmarkFrameWithoutASymbol is what a till's camera sees most of the time.
func BenchmarkFrameWithoutASymbol(b *testing.B) {
	g := frameOfDecoys(1)
	for name, formats := range map[string][]Format{"QR": {QRCode}, "all": nil} {
		b.Run(name, func(b *testing.B) {
			s := Scanner{Frame: true, Budget: -1, Formats: formats}
			for b.Loop() {
				got, err := s.ScanPlane(b.Context(), Plane{Pix: g.Pix, Width: g.W, Height: g.H, Stride: g.Stride})
				require.NoError(b, err, "a frame without a symbol")
				require.Empty(b, got, "symbols where there are none")
			}
		})
	}
}
