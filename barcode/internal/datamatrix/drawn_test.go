package datamatrix

import (
	"image"
	"math/rand/v2"
	"testing"

	encoder "github.com/boombuler/barcode/datamatrix"
	"github.com/makiuchi-d/gozxing/common/reedsolomon"
	"github.com/offlane/offlane/barcode/internal/degrade"
	"github.com/offlane/offlane/barcode/internal/modules"
	"github.com/offlane/offlane/barcode/internal/pix"
	"github.com/offlane/offlane/barcode/internal/symbol"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A drawing is the modules of a symbol, row by row.
type drawing struct {
	columns, rows int
	dark          []bool
}

// drawn has an encoder draw a text as a square symbol.
func drawn(t *testing.T, text string) drawing {
	t.Helper()
	img, err := encoder.Encode(text)
	require.NoError(t, err)
	d := drawing{columns: img.Bounds().Dx(), rows: img.Bounds().Dy()}
	for i := range d.columns * d.rows {
		c, _, _, _ := img.At(i%d.columns, i/d.columns).RGBA()
		d.dark = append(d.dark, c < 0x8000)
	}
	return d
}

// placed draws data codewords as a symbol of a size.
func placed(t *testing.T, z *size, data []byte) drawing {
	t.Helper()
	all := make([]int, z.data+z.check)
	for i := range z.data {
		switch {
		case i < len(data):
			all[i] = int(data[i])
		case i == len(data):
			all[i] = pad
		default: // disguised by its place
			all[i] = (pad+149*(i+1)%253)%254 + 1
		}
	}
	for b := range z.blocks {
		var words []int
		for i := b; i < z.data; i += z.blocks {
			words = append(words, all[i])
		}
		words = append(words, make([]int, z.check/z.blocks)...)
		encoder := reedsolomon.NewReedSolomonEncoder(reedsolomon.GenericGF_DATA_MATRIX_FIELD_256)
		require.NoError(t, encoder.Encode(words, z.check/z.blocks))
		for i, k := b, 0; i < len(all); i, k = i+z.blocks, k+1 {
			all[i] = words[k]
		}
	}
	d := drawing{z.columns, z.rows, make([]bool, z.columns*z.rows)}
	for i, at := range z.order() {
		d.dark[at] = all[i/8]>>(7-i%8)&1 != 0
	}
	for _, m := range z.marks(false) {
		d.dark[int(m.Row)*z.columns+int(m.Column)] = m.Dark
	}
	return d
}

// image draws the modules with so many light ones around them, each of so many pixels.
func (d drawing) image(quiet, scale int) *image.Gray {
	img := image.NewGray(image.Rect(0, 0, (d.columns+2*quiet)*scale, (d.rows+2*quiet)*scale))
	for i := range img.Pix {
		x, y := i%img.Stride/scale-quiet, i/img.Stride/scale-quiet
		if x < 0 || y < 0 || x >= d.columns || y >= d.rows || !d.dark[y*d.columns+x] {
			img.Pix[i] = 255
		}
	}
	return img
}

// mirrored swaps rows and columns about the upper left corner.
func (d drawing) mirrored() drawing {
	out := drawing{d.rows, d.columns, make([]bool, len(d.dark))}
	for i := range out.dark {
		out.dark[i] = d.dark[i%d.rows*d.columns+i/d.rows]
	}
	return out
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
	oblong := placed(t, sizeOf(t, 12, 36), []byte{'O' + 1, 'K' + 1, 142, 164})
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
		for kind, d := range map[string]drawing{offer: drawn(t, offer), "OK1234": oblong} {
			c.Width, c.Height, c.Size = 260, 260, float64(5*(d.columns+4))
			got := see(c.See(d.image(2, 6)))
			if assert.Len(t, got, 1, "%s, %s: one symbol is read", kind, name) {
				assert.Equal(t, kind, got[0].Text, "%s: the text", name)
				assert.InDelta(t, 5, got[0].Quality.Module, 0.6, "%s, %s: a module's side", kind, name)
				assert.Positive(t, got[0].Quality.Contrast, "%s, %s: the contrast", kind, name)
			}
		}
	}
}

func sizeOf(t *testing.T, rows, columns int) *size {
	t.Helper()
	for i := range sizes {
		if sizes[i].rows == rows && sizes[i].columns == columns {
			return &sizes[i]
		}
	}
	require.Fail(t, "no such size", "%d x %d", rows, columns)
	return nil
}

func TestSymbolsOfEverySizeAreReadInAnyPosture(t *testing.T) {
	t.Parallel()
	for i := range sizes {
		z := &sizes[i]
		d := placed(t, z, []byte{142, 164, 186})
		for name, d := range map[string]drawing{"upright": d, "in a mirror": d.mirrored()} {
			for kind, img := range map[string]*image.Gray{"dark": d.image(2, 3), "light": negative(d.image(2, 3))} {
				got := see(img)
				if assert.Len(t, got, 1, "%d x %d, %s, %s: one symbol is read", z.rows, z.columns, name, kind) {
					assert.Equal(t, "123456", got[0].Text, "%d x %d, %s, %s: the text", z.rows, z.columns, name, kind)
				}
			}
		}
	}
}

func negative(img *image.Gray) *image.Gray {
	for i := range img.Pix {
		img.Pix[i] = 255 - img.Pix[i]
	}
	return img
}

func TestCornersFollowTheSymbolInAMirror(t *testing.T) {
	t.Parallel()
	d := placed(t, sizeOf(t, 12, 26), []byte{142, 164, 186})
	for name, c := range map[string]struct {
		drawing
		want [4]pix.Point
	}{
		"upright":     {d, [4]pix.Point{{X: 12, Y: 12}, {X: 168, Y: 12}, {X: 168, Y: 84}, {X: 12, Y: 84}}},
		"in a mirror": {d.mirrored(), [4]pix.Point{{X: 12, Y: 12}, {X: 12, Y: 168}, {X: 84, Y: 168}, {X: 84, Y: 12}}},
	} {
		got := see(c.image(2, 6))
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
		s, ok := r.decode(sizeOf(t, d.rows, d.columns), d.dark)
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
			x, y := 1+random.IntN(d.columns-3), 1+random.IntN(d.rows-3)
			for k := range 4 {
				d.dark[(y+k/2)*d.columns+x+k%2] = random.IntN(2) == 0
			}
		}
		for _, s := range see(d.image(2, 4)) {
			assert.Equal(t, offer, s.Text, "with %d spots", n)
			read++
		}
	}
	assert.Greater(t, read, 4, "symbols with few spots are read")
	assert.Less(t, read, 40, "symbols with many spots are not")
}
