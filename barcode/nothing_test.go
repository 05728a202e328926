package barcode

import (
	"context"
	"flag"
	"image"
	"image/png"
	"maps"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/offlane/offlane/barcode/internal/pix"
	"github.com/stretchr/testify/require"
)

var howMany = flag.Int("decoys", 20, "how many pictures without a symbol to try; the whole set has 2000")

// TestNothingIsReadWhereThereIsNoSymbol tries pictures of all kinds of decoys at four rotations with both settings: a
// wrong read is money. The whole set takes long: go test ./barcode -run NoSymbol -decoys 2000 -timeout 2h
func TestNothingIsReadWhereThereIsNoSymbol(t *testing.T) {
	t.Parallel()
	scanners := map[string]*Scanner{"still": {}, "frame": {Frame: true, Budget: -1}}
	kinds := slices.Sorted(maps.Keys(decoys))
	for k := range uint64(*howMany) {
		seed := *firstSeed + k
		kind := kinds[seed%uint64(len(kinds))]
		picture := pretend(decoys[kind], seed)
		for turn := range 4 {
			for setting, s := range scanners {
				if (turn+int(seed))%thin() > 0 {
					continue
				}
				got, err := s.ScanPlane(context.Background(), Plane{Pix: picture.Pix, Width: picture.W, Height: picture.H,
					Stride: picture.Stride})
				require.NoError(t, err)
				if len(got) > 0 {
					t.Errorf("%s reads %v %q in %s, seed %d, turned %d times: %s",
						setting, got[0].Format, got[0].Text, kind, seed, turn, keep(t, picture, "decoy.png"))
				}
			}
			picture = picture.Turn()
		}
	}
}

// pretend takes a picture of a decoy: turned, by one seed in two a little, lit, blurred by the size of a pixel, noisy.
func pretend(d decoy, seed uint64) *pix.Gray {
	r := rand.New(rand.NewPCG(seed, 2))
	g := pix.NewGray(160+r.IntN(240), 120+r.IntN(180))
	angle := 0.0
	if r.IntN(2) == 0 {
		angle = r.NormFloat64() * 0.3
	}
	sin, cos := math.Sincos(angle)
	zoom, black, white, noise := 0.7+0.6*r.Float64(), 60*r.Float64(), 140+110*r.Float64(), 12*r.Float64()*r.Float64()
	light := d(r)
	for i := range g.Pix {
		v := 0.0
		for k := range 4 {
			x := (float64(i%g.W) + float64(k%2)/2 - float64(g.W)/2) / zoom
			y := (float64(i/g.W) + float64(k/2)/2 - float64(g.H)/2) / zoom
			v += light(x*cos-y*sin, x*sin+y*cos) / 4
		}
		g.Pix[i] = byte(max(0, min(255, black+v*(white-black)+noise*r.NormFloat64())))
	}
	return g
}

// keep writes a picture to look at beside the test's other artifacts (go test -artifacts).
func keep(t *testing.T, g *pix.Gray, name string) string {
	t.Helper()
	name = filepath.Join(t.ArtifactDir(), name)
	writePNG(t, g, name)
	return name
}

func writePNG(t *testing.T, g *pix.Gray, name string) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o755), "its folder")
	f, err := os.Create(name)
	require.NoError(t, err)
	defer f.Close()
	require.NoError(t, png.Encode(f, &image.Gray{Pix: g.Pix, Stride: g.Stride, Rect: image.Rect(0, 0, g.W, g.H)}))
}
