package datamatrix

import (
	"image"
	"math/rand/v2"
	"testing"

	encoder "github.com/boombuler/barcode/datamatrix"
	"github.com/offlane/offlane/barcode/internal/datamatrix/layout"
	"github.com/offlane/offlane/barcode/internal/degrade"
	"github.com/offlane/offlane/barcode/internal/matrixtest"
	"github.com/offlane/offlane/barcode/internal/modules"
	"github.com/offlane/offlane/barcode/internal/pix"
	"github.com/offlane/offlane/barcode/internal/symbol"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// drawn has an encoder draw a text as a square symbol.
func drawn(t testing.TB, text string) matrixtest.Drawing {
	t.Helper()
	img, err := encoder.Encode(text)
	require.NoError(t, err, "%q is drawn", text)
	return matrixtest.FromImage(img)
}

// placed draws data codewords as a symbol of a size.
func placed(t *testing.T, z *layout.Size, data ...byte) matrixtest.Drawing {
	t.Helper()
	d, err := matrixtest.DataMatrix(z, data)
	require.NoError(t, err, "%d codewords are drawn", len(data))
	return d
}

// see reads a picture.
func see(img image.Image) []symbol.Symbol {
	var z pix.Binarizer
	var r Reader
	g := pix.FromImage(img)
	return r.Read(g, z.Local(g), modules.Effort{Step: 3, Tune: true}, nil)
}

const offer = "OFFER 0123456789 - 10 % off"

func TestSymbolsAreReadAsACameraSeesThem(t *testing.T) {
	t.Parallel()
	oblong := placed(t, sizeOf(t, 12, 36), 'O'+1, 'K'+1, 142, 164)
	for name, c := range map[string]degrade.Camera{
		"plain":         {},
		"turned by 20":  {Turn: 20},
		"turned by 45":  {Turn: 45, Noise: 4},
		"upside down":   {Turn: 180, Blur: 0.8},
		"tilted":        {Tilt: 0.08, Turn: 10},
		"blurred":       {Blur: 1.4, Noise: 2},
		"noisy":         {Noise: 12},
		"in low light":  {Black: 12, White: 50, Noise: 1},
		"shaded":        {Shade: 0.6},
		"compressed":    {JPEG: 30},
		"light on dark": {Inverted: true, Turn: -12},
	} {
		for kind, d := range map[string]matrixtest.Drawing{offer: drawn(t, offer), "OK1234": oblong} {
			c.Width, c.Height, c.Size = 260, 260, float64(5*(d.Columns+4))
			got := see(c.See(d.Image(2, 6)))
			if assert.Len(t, got, 1, "%s, %s: one symbol is read", kind, name) {
				assert.Equal(t, kind, got[0].Text, "%s: the text", name)
				assert.InDelta(t, 5, got[0].Quality.Module, 0.6, "%s, %s: a module's side", kind, name)
				assert.Positive(t, got[0].Quality.Contrast, "%s, %s: the contrast", kind, name)
			}
		}
	}
}

func sizeOf(t *testing.T, rows, columns int) *layout.Size {
	t.Helper()
	for i := range layout.Sizes {
		if layout.Sizes[i].Rows == rows && layout.Sizes[i].Columns == columns {
			return &layout.Sizes[i]
		}
	}
	require.Fail(t, "no such size", "%d x %d", rows, columns)
	return nil
}

func TestSymbolsOfEverySizeAreReadInAnyPosture(t *testing.T) {
	t.Parallel()
	for i := range layout.Sizes {
		z := &layout.Sizes[i]
		d := placed(t, z, 142, 164, 186)
		for name, d := range map[string]matrixtest.Drawing{"upright": d, "in a mirror": d.Mirror()} {
			for kind, img := range map[string]*image.Gray{"dark": d.Image(2, 3), "light": matrixtest.Negative(d.Image(2, 3))} {
				got := see(img)
				if assert.Len(t, got, 1, "%d x %d, %s, %s: one symbol is read", z.Rows, z.Columns, name, kind) {
					assert.Equal(t, "123456", got[0].Text, "%d x %d, %s, %s: the text", z.Rows, z.Columns, name, kind)
				}
			}
		}
	}
}

func TestCornersFollowTheSymbolInAMirror(t *testing.T) {
	t.Parallel()
	d := placed(t, sizeOf(t, 12, 26), 142, 164, 186)
	for name, c := range map[string]struct {
		matrixtest.Drawing
		want [4]pix.Point
	}{
		"upright":     {d, [4]pix.Point{{X: 12, Y: 12}, {X: 168, Y: 12}, {X: 168, Y: 84}, {X: 12, Y: 84}}},
		"in a mirror": {d.Mirror(), [4]pix.Point{{X: 12, Y: 12}, {X: 12, Y: 168}, {X: 84, Y: 168}, {X: 84, Y: 12}}},
	} {
		got := see(c.Image(2, 6))
		require.Len(t, got, 1, "%s: one symbol is read", name)
		for i := range c.want {
			assert.InDelta(t, c.want[i].X, got[0].Corners[i].X, 1.5, "%s: corner %d, across", name, i)
			assert.InDelta(t, c.want[i].Y, got[0].Corners[i].Y, 1.5, "%s: corner %d, down", name, i)
		}
	}
}

func TestSymbolsOfAnotherProgramAreDecoded(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 1))
	for n := 1; n < 1500; n += 1 + n/4 {
		text := make([]byte, n)
		for i := range text {
			text[i] = byte(' ' + random.IntN(95))
		}
		d := drawn(t, string(text))
		var r Reader
		s, ok := r.decode(sizeOf(t, d.Rows, d.Columns), d.Dark)
		require.True(t, ok, "%d characters: the symbol is decoded", n)
		assert.Equal(t, string(text), s.Text, "%d characters: the text", n)
		assert.InDelta(t, 1, s.Quality.UnusedCorrection, 0, "%d characters: nothing is wrong", n)
	}
}

func TestDamageIsRepairedOrNothingIsRead(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(5, 5))
	read := 0
	for n := range 60 {
		d := drawn(t, offer)
		for range n { // spots within the patterns
			x, y := 1+random.IntN(d.Columns-3), 1+random.IntN(d.Rows-3)
			for k := range 4 {
				d.Dark[(y+k/2)*d.Columns+x+k%2] = random.IntN(2) == 0
			}
		}
		for _, s := range see(d.Image(2, 4)) {
			assert.Equal(t, offer, s.Text, "with %d spots", n)
			read++
		}
	}
	assert.Greater(t, read, 4, "symbols with few spots are read")
	assert.Less(t, read, 40, "symbols with many spots are not")
}
