package qr

import (
	"encoding/json"
	"flag"
	"fmt"
	"image"
	"image/png"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/offlane/offlane/barcode/internal/degrade"
	"github.com/offlane/offlane/barcode/internal/qrtest"
	"github.com/stretchr/testify/require"
)

var drawTo = flag.String("draw", "", "folder in which the pictures of every kind are drawn, with a manifest")

// A kind is a kind of pictures.
type kind struct {
	name     string
	pictures int
	draw     func(t *testing.T, random *rand.Rand) (image.Image, []string)
}

func sheetOf(t *testing.T, random *rand.Rand, columns, rows, scale, low, high int, levels string) *qrtest.Sheet {
	t.Helper()
	s, err := qrtest.NewSheet(columns, rows, scale, func() (*qrtest.Code, error) {
		return qrtest.Fill(low+random.IntN(high-low+1), levels[random.IntN(len(levels))], random)
	})
	require.NoError(t, err)
	return s
}

func texts(s *qrtest.Sheet) (all []string) {
	for _, c := range s.Codes {
		all = append(all, c.Text)
	}
	return all
}

func uniform(random *rand.Rand, low, high float64) float64 { return low + (high-low)*random.Float64() }

// hand is how a phone is held.
func hand(random *rand.Rand, w, h int, size float64) degrade.Camera {
	return degrade.Camera{Width: w, Height: h, Size: size, Turn: uniform(random, -25, 25), Tilt: uniform(random, 0, 0.12),
		Blur: uniform(random, 0.5, 1.2), Noise: 4, Shade: 0.3, Seed: random.Uint64(), JPEG: 80}
}

var kinds = []kind{
	{"sheet-40", 4, func(t *testing.T, r *rand.Rand) (image.Image, []string) {
		s := sheetOf(t, r, 8, 5, 4, 1, 4, "LMQ")
		return hand(r, 1600, 1200, uniform(r, 1200, 1450)).See(s), texts(s)
	}},
	{"sheet-60", 4, func(t *testing.T, r *rand.Rand) (image.Image, []string) {
		s := sheetOf(t, r, 10, 6, 4, 2, 3, "LM")
		return hand(r, 2000, 1500, uniform(r, 1500, 1800)).See(s), texts(s)
	}},
	{"sheet-100", 4, func(t *testing.T, r *rand.Rand) (image.Image, []string) {
		s := sheetOf(t, r, 10, 10, 4, 1, 3, "LMQH")
		return hand(r, 2200, 1900, uniform(r, 1500, 1800)).See(s), texts(s)
	}},
	{"sheet-bent", 4, func(t *testing.T, r *rand.Rand) (image.Image, []string) {
		s := sheetOf(t, r, 8, 5, 4, 1, 4, "LMQ")
		c := hand(r, 1600, 1200, uniform(r, 1200, 1450))
		c.Bend, c.Curl = uniform(r, 0.01, 0.06), uniform(r, 10, 90)
		return c.See(s), texts(s)
	}},
	{"sheet-turned", 4, func(t *testing.T, r *rand.Rand) (image.Image, []string) {
		s := sheetOf(t, r, 8, 8, 4, 1, 3, "LMQ")
		c := hand(r, 1600, 1600, uniform(r, 1050, 1150))
		c.Turn = uniform(r, 30, 60)
		return c.See(s), texts(s)
	}},
	{"sheet-tilted", 4, func(t *testing.T, r *rand.Rand) (image.Image, []string) {
		s := sheetOf(t, r, 8, 5, 4, 1, 4, "LMQ")
		c := hand(r, 1600, 1200, uniform(r, 1200, 1450))
		c.Tilt = uniform(r, 0.17, 0.27)
		return c.See(s), texts(s)
	}},
	{"sheet-small", 4, func(t *testing.T, r *rand.Rand) (image.Image, []string) {
		s := sheetOf(t, r, 10, 8, 4, 1, 2, "LMQ")
		c := hand(r, 1000, 800, uniform(r, 750, 850))
		c.Blur = uniform(r, 0.4, 0.8)
		return c.See(s), texts(s)
	}},
	{"sheet-spoilt", 4, func(t *testing.T, r *rand.Rand) (image.Image, []string) {
		s := sheetOf(t, r, 8, 5, 4, 1, 4, "MQH")
		s.Scratch(6, 5, r)
		s.Stain(25, 14, r)
		c := hand(r, 1600, 1200, uniform(r, 1200, 1450))
		c.Glare = uniform(r, 0.5, 2)
		return c.See(s), texts(s)
	}},
	{"high", 16, func(t *testing.T, r *rand.Rand) (image.Image, []string) {
		s := sheetOf(t, r, 1, 1, 6, 25, 40, "LM")
		c := hand(r, 1600, 1200, uniform(r, 4, 6.5)*float64(s.Codes[0].Size+8))
		c.Blur = uniform(r, 0.5, 0.9)
		return c.See(s), texts(s)
	}},
	{"high-bent", 16, func(t *testing.T, r *rand.Rand) (image.Image, []string) {
		s := sheetOf(t, r, 1, 1, 6, 25, 40, "LMQ")
		c := hand(r, 1600, 1200, uniform(r, 4.5, 6.5)*float64(s.Codes[0].Size+8))
		c.Bend, c.Curl, c.Blur = uniform(r, 0.005, 0.03), uniform(r, 10, 60), uniform(r, 0.5, 0.9)
		return c.See(s), texts(s)
	}},
	{"medium-bent", 16, func(t *testing.T, r *rand.Rand) (image.Image, []string) {
		s := sheetOf(t, r, 1, 1, 6, 7, 24, "LMQ")
		c := hand(r, 1280, 960, uniform(r, 4.5, 8)*float64(s.Codes[0].Size+8))
		c.Bend, c.Curl = uniform(r, 0.01, 0.06), uniform(r, 10, 80)
		return c.See(s), texts(s)
	}},
	{"glare", 16, func(t *testing.T, r *rand.Rand) (image.Image, []string) {
		s := sheetOf(t, r, 1, 1, 8, 1, 8, "LMQH")
		c := hand(r, 1000, 750, uniform(r, 350, 600))
		c.Glare, c.Noise = uniform(r, 0.5, 3), 3
		return c.See(s), texts(s)
	}},
	{"scratched", 16, func(t *testing.T, r *rand.Rand) (image.Image, []string) {
		s := sheetOf(t, r, 1, 1, 8, 1, 8, "LMQH")
		s.Scratch(2+r.IntN(7), uniform(r, 4, 12), r)
		return hand(r, 1000, 750, uniform(r, 250, 600)).See(s), texts(s)
	}},
	{"stained", 16, func(t *testing.T, r *rand.Rand) (image.Image, []string) {
		s := sheetOf(t, r, 1, 1, 8, 2, 8, "LMQH")
		s.Stain(2+r.IntN(5), uniform(r, 10, 40), r)
		return hand(r, 1000, 750, uniform(r, 250, 600)).See(s), texts(s)
	}},
	{"blurred", 16, func(t *testing.T, r *rand.Rand) (image.Image, []string) {
		s := sheetOf(t, r, 1, 1, 8, 1, 10, "LMQ")
		m := uniform(r, 3, 7)
		c := hand(r, 1000, 750, m*float64(s.Codes[0].Size+8))
		c.Blur = m * uniform(r, 0.4, 0.75)
		return c.See(s), texts(s)
	}},
	{"edge-inverted", 16, func(t *testing.T, r *rand.Rand) (image.Image, []string) {
		s := sheetOf(t, r, 1, 1, 2+r.IntN(4), 1, 8, "LMQH")
		scale := s.Rect.Dx() / (s.Codes[0].Size + 8)
		in := s.Rect.Inset((4 - r.IntN(2)) * scale)
		img := image.NewGray(image.Rect(0, 0, in.Dx(), in.Dy()))
		for i := range img.Pix {
			img.Pix[i] = 255 - s.Pix[(in.Min.Y+i/img.Stride)*s.Stride+in.Min.X+i%img.Stride]
		}
		return img, texts(s)
	}},
}

// TestKindsAreDrawn draws pictures for .bench/score, which shows them to other readers as well. Without -draw it draws
// those of the smallest kind, which nobody keeps.
func TestKindsAreDrawn(t *testing.T) {
	folder, drawn := *drawTo, kinds
	if folder == "" {
		folder, drawn = t.TempDir(), kinds[len(kinds)-1:]
	}
	manifest, err := os.Create(filepath.Join(folder, "manifest.jsonl"))
	require.NoError(t, err)
	defer manifest.Close()
	for _, k := range drawn {
		require.NoError(t, os.MkdirAll(filepath.Join(folder, k.name), 0o755))
		for i := range k.pictures {
			img, says := k.draw(t, rand.New(rand.NewPCG(uint64(i), 42)))
			require.NotEmpty(t, says, "%s: the picture has symbols", k.name)
			name := fmt.Sprintf("%s/%03d.png", k.name, i)
			save(t, filepath.Join(folder, name), img)
			line, err := json.Marshal(map[string]any{"file": name, "format": "qr_code", "texts": says})
			require.NoError(t, err)
			_, err = manifest.Write(append(line, '\n'))
			require.NoError(t, err)
		}
	}
}

func save(t *testing.T, name string, img image.Image) {
	t.Helper()
	f, err := os.Create(name)
	require.NoError(t, err)
	defer f.Close()
	require.NoError(t, (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(f, img))
}
