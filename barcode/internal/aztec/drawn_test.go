package aztec

import (
	"image"
	"math/rand/v2"
	"testing"

	encoder "github.com/boombuler/barcode/aztec"
	"github.com/offlane/offlane/barcode/internal/degrade"
	"github.com/offlane/offlane/barcode/internal/matrixtest"
	"github.com/offlane/offlane/barcode/internal/modules"
	"github.com/offlane/offlane/barcode/internal/pix"
	"github.com/offlane/offlane/barcode/internal/symbol"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// drawn has an encoder draw a text, with so many percent of check words; compact ones have layers below zero, and with
// zero the encoder chooses.
func drawn(t testing.TB, text string, repair, layers int) matrixtest.Drawing {
	t.Helper()
	img, err := encoder.Encode([]byte(text), repair, layers)
	require.NoError(t, err, "%d layers are to hold %d bytes", layers, len(text))
	return matrixtest.FromImage(img)
}

// see reads a picture.
func see(img image.Image) []symbol.Symbol {
	var z pix.Binarizer
	var r Reader
	g := pix.FromImage(img)
	return r.Read(g, z.Local(g), modules.Effort{Step: 1, Tune: true}, nil)
}

const offer = "OFFER 0123456789 - 10 % off"

func TestSymbolsAreReadAsACameraSeesThem(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]degrade.Camera{
		"plain":         {},
		"turned by 20":  {Turn: 20},
		"turned by 45":  {Turn: 45, Noise: 4},
		"upside down":   {Turn: 180, Blur: 0.8},
		"tilted":        {Tilt: 0.12, Turn: 10},
		"blurred":       {Blur: 1.6, Noise: 2},
		"noisy":         {Noise: 20},
		"in low light":  {Black: 12, White: 40, Noise: 1},
		"shaded":        {Shade: 0.7},
		"compressed":    {JPEG: 25},
		"light on dark": {Inverted: true, Turn: -12},
		"cracked":       {Cracks: 1, Seed: 3},
		"bent":          {Bend: 0.01},
	} {
		for kind, layers := range map[string]int{"compact": -4, "full": 5} {
			c.Width, c.Height, c.Size = 240, 240, 170
			got := see(c.See(drawn(t, offer, 33, layers).Image(2, 6)))
			if assert.Len(t, got, 1, "%s, %s: one symbol is read", kind, name) {
				assert.Equal(t, offer, got[0].Text, "%s, %s: the text", kind, name)
				across := map[string]float64{"compact": 27, "full": 37}[kind]
				assert.InDelta(t, c.Size/(across+4), got[0].Quality.Module, 0.6, "%s, %s: a module's side", kind, name)
				assert.Positive(t, got[0].Quality.Contrast, "%s, %s: the contrast", kind, name)
			}
		}
	}
}

func TestSymbolsOfEverySizeAreReadInPictures(t *testing.T) {
	t.Parallel()
	for _, layers := range []int{-1, -2, -3, -4, 4, 9, 16, 24, 32} {
		text := "AB 12"
		d := drawn(t, text, 33, layers)
		side := 3 * (d.Columns + 4)
		c := degrade.Camera{Width: side + 48, Height: side + 48, Size: float64(side), Tilt: 0.04, Turn: 5}
		got := see(c.See(d.Image(2, 4)))
		if assert.Len(t, got, 1, "%d layers: one symbol is read", layers) {
			assert.Equal(t, text, got[0].Text, "%d layers: the text", layers)
		}
	}
}

func TestCornersFollowTheSymbolInAMirror(t *testing.T) {
	t.Parallel()
	d := drawn(t, offer, 33, -4)
	for name, c := range map[string]struct {
		matrixtest.Drawing
		want [4]pix.Point
	}{
		"upright":     {d, [4]pix.Point{{X: 12, Y: 12}, {X: 174, Y: 12}, {X: 174, Y: 174}, {X: 12, Y: 174}}},
		"in a mirror": {d.Mirror(), [4]pix.Point{{X: 12, Y: 12}, {X: 12, Y: 174}, {X: 174, Y: 174}, {X: 174, Y: 12}}},
	} {
		got := see(c.Image(2, 6))
		require.Len(t, got, 1, "%s: one symbol is read", name)
		assert.Equal(t, offer, got[0].Text, "%s: the text", name)
		for i := range c.want {
			assert.InDelta(t, c.want[i].X, got[0].Corners[i].X, 1.5, "%s: corner %d, across", name, i)
			assert.InDelta(t, c.want[i].Y, got[0].Corners[i].Y, 1.5, "%s: corner %d, down", name, i)
		}
	}
}

func TestTwoSymbolsInAPictureAreBothRead(t *testing.T) {
	t.Parallel()
	one, other := drawn(t, "ONE 1111", 33, 0).Image(2, 5), drawn(t, "OTHER 22", 33, 0).Image(2, 5)
	img := image.NewGray(image.Rect(0, 0, one.Rect.Dx()+other.Rect.Dx(), max(one.Rect.Dy(), other.Rect.Dy())))
	for i := range img.Pix {
		x, y := i%img.Stride, i/img.Stride
		img.Pix[i] = 255
		if image.Pt(x, y).In(one.Rect) {
			img.Pix[i] = one.GrayAt(x, y).Y
		} else if p := image.Pt(x-one.Rect.Dx(), y); p.In(other.Rect) {
			img.Pix[i] = other.GrayAt(p.X, p.Y).Y
		}
	}
	var texts []string
	for _, s := range see(img) {
		texts = append(texts, s.Text)
	}
	assert.ElementsMatch(t, []string{"ONE 1111", "OTHER 22"}, texts, "what is read")
}

func TestDamageIsRepairedOrNothingIsRead(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(5, 5))
	read := 0
	for n := range 60 {
		d := drawn(t, offer, 33, 0)
		for range n { // spots beyond the core, up to all of the symbol
			x, y := random.IntN(d.Columns-1), random.IntN(d.Columns-1)
			if max(x-d.Columns/2, d.Columns/2-x-1, y-d.Columns/2, d.Columns/2-y-1) < 6 {
				continue
			}
			for k := range 4 {
				d.Dark[(y+k/2)*d.Columns+x+k%2] = random.IntN(2) == 0
			}
		}
		for _, s := range see(d.Image(2, 4)) {
			assert.Equal(t, offer, s.Text, "with %d spots", n)
			read++
		}
	}
	assert.Greater(t, read, 8, "symbols with few spots are read")
	assert.Less(t, read, 40, "symbols with many spots are not")
}
