package pdf417

import (
	"image"
	"math"
	"testing"

	"github.com/offlane/offlane/barcode/internal/degrade"
	"github.com/offlane/offlane/barcode/internal/matrixtest"
	"github.com/offlane/offlane/barcode/internal/pdf417/pdf417test"
	"github.com/offlane/offlane/barcode/internal/pix"
	"github.com/offlane/offlane/barcode/internal/symbol"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// thorough is more than any setting asks for.
var thorough = Effort{Step: 1, Columns: 24, Lines: []int{3, 5, 7}, Hard: true}

// readIn reads what is in a picture.
func readIn(img *image.Gray) []symbol.Symbol {
	g := pix.FromImage(img)
	return new(Reader).Read(g, new(pix.Binarizer).Local(g), thorough, nil)
}

// drawn draws a text.
func drawn(t *testing.T, s pdf417test.Symbol, text string) *image.Gray {
	t.Helper()
	img, err := s.Make(pdf417test.Text(text))
	require.NoError(t, err, "%q is drawn", text)
	return img
}

const offer = "OFFER 0123456789 abc"

func TestDrawnSymbolsOfAllShapes(t *testing.T) {
	for name, s := range map[string]pdf417test.Symbol{
		"one column":           {Columns: 1, Level: 1},
		"three rows":           {Columns: 8, Rows: 3, Level: 1},
		"low rows":             {Columns: 4, Level: 2, RowHeight: 1},
		"one pixel a module":   {Columns: 4, Level: 2, Scale: 1},
		"two pixels a module":  {Columns: 5, Level: 2, Scale: 2},
		"high rows":            {Columns: 3, Level: 2, RowHeight: 9},
		"without a correction": {Columns: 6, Level: 0},
		"much correction":      {Columns: 10, Level: 5, Scale: 2},
		"thirty columns":       {Columns: 30, Level: 4, Scale: 2},
		"ninety rows":          {Columns: 2, Rows: 90, Level: 5, Scale: 2},
		"truncated":            {Columns: 4, Level: 2, Compact: true},
		"a truncated column":   {Columns: 1, Level: 1, Compact: true},
	} {
		got := readIn(drawn(t, s, offer))
		require.Len(t, got, 1, "%s: symbols", name)
		assert.Equal(t, offer, got[0].Text, name)
		assert.Equal(t, "]L2", got[0].AIM, name)
	}
}

// turnedBy is a picture turned by quarters, mirrored or inverted.
func turnedBy(img *image.Gray, quarters int, mirrored, inverted bool) *image.Gray {
	g := pix.FromImage(img)
	for range quarters {
		g = g.Turn()
	}
	out := image.NewGray(image.Rect(0, 0, g.W, g.H))
	for i := range out.Pix {
		x, y := i%g.W, i/g.W
		if mirrored {
			x = g.W - 1 - x
		}
		if out.Pix[i] = g.Pix[y*g.Stride+x]; inverted {
			out.Pix[i] ^= 0xff
		}
	}
	return out
}

func TestASymbolIsReadFromEverySide(t *testing.T) {
	img := drawn(t, pdf417test.Symbol{Columns: 3, Level: 2}, offer)
	for quarters := range 4 {
		for _, mirrored := range []bool{false, true} {
			for _, inverted := range []bool{false, true} {
				got := readIn(turnedBy(img, quarters, mirrored, inverted))
				require.Len(t, got, 1, "%d quarters, mirrored %v, inverted %v", quarters, mirrored, inverted)
				assert.Equal(t, offer, got[0].Text, "%d quarters", quarters)
			}
		}
	}
}

func TestCornersFollowTheSymbol(t *testing.T) {
	s := pdf417test.Symbol{Columns: 3, Level: 2, Scale: 4}
	img := drawn(t, s, offer)
	w, h := float64(img.Rect.Dx()), float64(img.Rect.Dy())
	const e = 8.0 // the quiet zone
	want := [4]pix.Point{{X: e, Y: e}, {X: w - e, Y: e}, {X: w - e, Y: h - e}, {X: e, Y: h - e}}
	got := readIn(img)
	require.Len(t, got, 1, "symbols")
	for i, c := range got[0].Corners {
		assert.Less(t, math.Hypot(c.X-want[i].X, c.Y-want[i].Y), 6.0, "corner %d is at %v, not %v", i, c, want[i])
	}
	q := got[0].Quality
	assert.InDelta(t, 4, q.Module, 0.1, "pixels a module")
	assert.InDelta(t, 1, q.Contrast, 0.05, "black on white")
	assert.InDelta(t, 1, q.UnusedCorrection, 1e-9, "nothing was wrong")
	assert.Greater(t, q.Modulation, 0.9, "all modules stand out")

	got = readIn(turnedBy(img, 2, false, false))
	require.Len(t, got, 1, "symbols")
	assert.Greater(t, got[0].Corners[0].X, got[0].Corners[1].X, "upside down, the upper left corner is on the right")
	assert.Greater(t, got[0].Corners[0].Y, got[0].Corners[3].Y, "and below")
}

// coveredBy paints a part of a picture, given as shares of its sides, in a luma.
func coveredBy(img *image.Gray, x0, y0, x1, y1 float64, luma byte) *image.Gray {
	out := image.NewGray(img.Rect)
	copy(out.Pix, img.Pix)
	w, h := float64(img.Rect.Dx()), float64(img.Rect.Dy())
	for y := int(y0 * h); y < int(y1*h); y++ {
		for x := int(x0 * w); x < int(x1*w); x++ {
			out.Pix[y*out.Stride+x] = luma
		}
	}
	return out
}

func TestDamagedSymbolsAreReadFromOneSide(t *testing.T) {
	img := drawn(t, pdf417test.Symbol{Columns: 4, Level: 4}, offer)
	for name, damaged := range map[string]*image.Gray{
		"without a start":                    coveredBy(img, 0, 0, 0.13, 1, 255),
		"without a stop":                     coveredBy(img, 0.87, 0, 1, 1, 255),
		"without a start and its indicators": coveredBy(img, 0, 0, 0.24, 1, 255),
		"without a stop and its indicators":  coveredBy(img, 0.76, 0, 1, 1, 0),
		"with a hole":                        coveredBy(img, 0.4, 0.3, 0.6, 0.7, 255),
		"with half a start":                  coveredBy(img, 0, 0.5, 0.14, 1, 255),
		"with half a start and half a stop":  coveredBy(coveredBy(img, 0, 0.5, 0.14, 1, 255), 0.86, 0, 1, 0.4, 255),
	} {
		got := readIn(damaged)
		require.Len(t, got, 1, "%s: symbols", name)
		assert.Equal(t, offer, got[0].Text, name)
	}
}

func TestTooMuchDamageIsNotRead(t *testing.T) {
	img := drawn(t, pdf417test.Symbol{Columns: 4, Level: 1}, offer)
	for share := 0.5; share < 1; share += 0.1 {
		assert.Empty(t, readIn(coveredBy(img, 0.2, 0, 0.8, share, 255)), "%.1f of the data are covered", share)
	}
}

func TestSymbolsAsACameraSeesThem(t *testing.T) {
	img := drawn(t, pdf417test.Symbol{Columns: 4, Level: 3, Scale: 6}, offer)
	for name, c := range map[string]degrade.Camera{
		"turned":         {Turn: 33},
		"turned by more": {Turn: 58},
		"tilted":         {Tilt: 0.1, Turn: 10},
		"bent":           {Bend: 0.15},
		"on a cup":       {Curl: 90},
		"blurred":        {Blur: 1},
		"noisy":          {Noise: 15},
		"dim":            {Black: 10, White: 45, Noise: 1},
		"shaded":         {Shade: 0.8},
		"moire":          {Moire: 12},
		"compressed":     {JPEG: 25},
	} {
		c.Width, c.Height, c.Size = 480, 360, 330
		got := readIn(c.See(img))
		if assert.Len(t, got, 1, "%s: symbols", name) {
			assert.Equal(t, offer, got[0].Text, name)
		}
	}
}

func TestALargeBentSymbol(t *testing.T) {
	text := "A long offer on bent paper: 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789"
	img := drawn(t, pdf417test.Symbol{Columns: 6, Level: 4, Scale: 4}, text)
	c := degrade.Camera{Width: 640, Height: 400, Size: 430, Bend: 0.2, Tilt: 0.04, Turn: 3, Blur: 0.6, Noise: 3}
	got := readIn(c.See(img))
	require.Len(t, got, 1, "symbols")
	assert.Equal(t, text, got[0].Text, "its rows are bows of several rows")
}

func TestSeveralSymbolsInAPicture(t *testing.T) {
	a := drawn(t, pdf417test.Symbol{Columns: 3, Level: 2, Scale: 2}, offer)
	b := drawn(t, pdf417test.Symbol{Columns: 2, Level: 2, Scale: 2}, "another")
	sheet := image.NewGray(image.Rect(0, 0, 500, 300))
	for i := range sheet.Pix {
		sheet.Pix[i] = 255
	}
	for img, at := range map[*image.Gray]image.Point{a: {20, 20}, b: {240, 20}} {
		for y := range img.Rect.Dy() {
			copy(sheet.Pix[(at.Y+y)*sheet.Stride+at.X:], img.Pix[y*img.Stride:(y+1)*img.Stride])
		}
	}
	var texts []string
	for _, s := range readIn(sheet) {
		texts = append(texts, s.Text)
	}
	assert.ElementsMatch(t, []string{offer, "another"}, texts, "both are read, each once")
}

// FuzzRead takes a picture.
func FuzzRead(f *testing.F) {
	var seeds []*image.Gray
	for _, s := range []pdf417test.Symbol{{Columns: 1, Scale: 1}, {Columns: 3, Level: 1, Scale: 1, RowHeight: 1}} {
		img, err := s.Make(pdf417test.Text("Ab"))
		require.NoError(f, err, "a symbol is drawn")
		seeds = append(seeds, img)
	}
	matrixtest.FuzzPictures(f, func(t *testing.T, g *pix.Gray, b *pix.Binary, step int) {
		r := new(Reader)
		for _, s := range r.Read(g, b, Effort{Step: step, Columns: 8, Lines: []int{2}}, nil) {
			require.NotZero(t, s.Quality.Module, "what is read has a size")
		}
		require.Less(t, r.Work(), 1<<24, "the work is bounded")
	}, seeds...)
}

// TestALineOfOneStripSaysNothingOfTheNext holds that the bow of a strip between patterns that are not of one symbol
// does not spoil the next one.
func TestALineOfOneStripSaysNothingOfTheNext(t *testing.T) {
	r := &Reader{gray: pix.NewGray(50, 50)}
	r.line.bow, r.line.margin = 20, 3
	r.lay(pix.Point{X: 5, Y: 25}, pix.Point{X: 45, Y: 25}, 2, false)
	require.InDelta(t, 25, r.line.at(20).Y, 1e-9, "a line of row indicators is straight")
}
