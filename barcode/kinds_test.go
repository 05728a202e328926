package barcode

import (
	"image"
	"math/rand/v2"
	"testing"

	"github.com/offlane/offlane/barcode/internal/datamatrix/layout"
	"github.com/offlane/offlane/barcode/internal/degrade"
	"github.com/offlane/offlane/barcode/internal/matrixtest"
	"github.com/offlane/offlane/barcode/internal/pdf417/pdf417test"
	"github.com/stretchr/testify/require"
	"golang.org/x/image/draw"
)

// A scene is a symbol and the camera before it.
type scene struct {
	*rand.Rand
	format Format
	text   string
	symbol matrixtest.Drawing
	quiet  int     // modules
	dots   float64 // the diameter of a dark module in modules; 1: it is a square
	module float64 // the side of a module in the picture, in pixels
	ground byte    // the luma around the quiet zone
	camera degrade.Camera
}

// between is a random number in a range.
func (s *scene) between(low, high float64) float64 { return low + (high-low)*s.Float64() }

// newScene draws a random text as a hand shows it to a camera.
func newScene(t *testing.T, format Format, seed uint64) *scene {
	r := rand.New(rand.NewPCG(seed, uint64(format)))
	s := &scene{Rand: r, format: format, quiet: 3, dots: 1, ground: 255}
	s.text = random(r, anything, 5+r.IntN(40))
	s.draw(t)
	s.module = s.between(3, 6)
	if format == PDF417 {
		s.module = s.between(2, 3.5)
	}
	s.camera = degrade.Camera{Turn: s.between(-25, 25), Tilt: s.between(0, 0.1), Blur: s.module * s.between(0.1, 0.25),
		Noise: 4, Shade: 0.3, JPEG: 80, Seed: r.Uint64()}
	return s
}

func (s *scene) draw(t *testing.T) {
	if s.format == PDF417 {
		p := pdf417test.Symbol{Columns: 2 + s.IntN(5), Level: 2 + s.IntN(2), Scale: 1, Compact: s.IntN(4) == 0}
		img, err := p.Make(pdf417test.Text(s.text))
		require.NoError(t, err, "%q is drawn", s.text)
		s.symbol = matrixtest.FromImage(img)
		return
	}
	d, err := Encode(s.format, s.text, Encoding{})
	require.NoError(t, err, "%q is drawn", s.text)
	s.symbol = matrixtest.FromImage(d.Image(1))
}

// oblong draws digits as a rectangular Data Matrix.
func (s *scene) oblong(t *testing.T) {
	z := &layout.Sizes[0]
	for z.Rows == z.Columns {
		z = &layout.Sizes[s.IntN(len(layout.Sizes))]
	}
	s.text = random(s.Rand, digits, min(z.Data, 20))
	words := []byte(s.text)
	for i := range words {
		words[i]++
	}
	var err error
	s.symbol, err = matrixtest.DataMatrix(z, words)
	require.NoError(t, err, "%q is drawn", s.text)
}

// frame is what the camera sees.
func (s *scene) frame() *image.Gray {
	const scale = 8
	img := s.symbol.Dots(s.quiet, scale, s.dots)
	if s.ground != 255 {
		table := image.NewGray(img.Rect.Inset(-img.Rect.Dx() / 5))
		for i := range table.Pix {
			table.Pix[i] = s.ground
		}
		draw.Draw(table, img.Rect, img, image.Point{}, draw.Src)
		img = table
	}
	s.camera.Size = s.module * float64(max(img.Rect.Dx(), img.Rect.Dy())) / scale
	s.camera.Width = int(1.4*s.camera.Size) + 30
	s.camera.Height = s.camera.Width
	return s.camera.See(img)
}

// A kind spoils scenes in one way.
type kind struct {
	name string
	do   func(t *testing.T, s *scene)
}

// kinds are what tills meet, each worse than most of what they meet.
var kinds = []kind{
	{"hand", func(*testing.T, *scene) {}},
	{"all around", func(_ *testing.T, s *scene) { s.camera.Turn = s.between(0, 360) }},
	{"perspective", func(_ *testing.T, s *scene) { s.camera.Tilt = s.between(0.12, 0.2) }},
	{"small", func(_ *testing.T, s *scene) { s.module, s.camera.Blur = s.between(1.6, 2.6), s.between(0.3, 0.6) }},
	{"blurred", func(_ *testing.T, s *scene) { s.camera.Blur = s.module * s.between(0.35, 0.5) }},
	{"smeared", func(_ *testing.T, s *scene) { s.camera.Motion = s.module * s.between(0.6, 1.2) }},
	{"noisy", func(_ *testing.T, s *scene) { s.camera.Noise = s.between(15, 30) }},
	{"low contrast", func(_ *testing.T, s *scene) {
		s.camera.Black, s.camera.White, s.camera.Noise = s.between(5, 20), s.between(35, 60), 2
	}},
	{"uneven light", func(_ *testing.T, s *scene) {
		s.camera.Shade, s.camera.Glare = s.between(0.5, 0.9), s.between(0, 0.7)
	}},
	{"finder damaged", damageFinder},
	{"spots", func(_ *testing.T, s *scene) {
		for range s.symbol.Columns * s.symbol.Rows / 120 {
			x, y := s.IntN(s.symbol.Columns), s.IntN(s.symbol.Rows)
			s.symbol = s.symbol.Spoil(image.Rect(x, y, x+2, y+2), s.IntN(2) == 0)
		}
	}},
	{"cracked", func(_ *testing.T, s *scene) { s.camera.Cracks = 1 + s.IntN(3) }},
	{"inverted", func(_ *testing.T, s *scene) { s.camera.Inverted = true }},
	{"mirrored", func(_ *testing.T, s *scene) { s.symbol = s.symbol.Mirror() }},
	{"oblong", func(t *testing.T, s *scene) {
		if s.format == DataMatrix {
			s.oblong(t)
		}
	}},
	{"bent", func(_ *testing.T, s *scene) { s.camera.Bend, s.camera.Curl = s.between(0.01, 0.04), s.between(0, 50) }},
	{"dotted", func(_ *testing.T, s *scene) { s.dots = s.between(0.8, 0.99) }},
	{"no quiet zone", func(_ *testing.T, s *scene) { s.quiet, s.ground = 1, byte(60+s.IntN(60)) }},
}

// damageFinder covers a part of what a symbol is found by: a tenth of the left side of a Data Matrix, a corner of an
// Aztec's bull's-eye, a quarter of the start or the stop pattern of a PDF417.
func damageFinder(_ *testing.T, s *scene) {
	w, h := s.symbol.Columns, s.symbol.Rows
	tenth := max(1, h/10)
	r := image.Rect(0, 0, 1, tenth).Add(image.Pt(0, 1+s.IntN(h-tenth-2)))
	switch s.format {
	case Aztec:
		r = image.Rect(0, 0, 2, 2).Add(image.Pt(w/2-4+7*s.IntN(2), h/2-4+7*s.IntN(2)))
	case PDF417:
		r = image.Rect(0, 0, 17, h/4).Add(image.Pt(s.IntN(2)*(w-17), s.IntN(h-h/4)))
	}
	s.symbol = s.symbol.Spoil(r, s.IntN(2) == 0)
}

// leastRead is how many of drawnSeeds Still and Frame read when that was last measured: of Data Matrix, of Aztec and of
// PDF417.
var leastRead = map[string][3][2]int{
	"hand":           {{24, 24}, {24, 24}, {19, 19}},
	"all around":     {{24, 24}, {23, 23}, {18, 18}},
	"perspective":    {{24, 24}, {24, 20}, {15, 15}},
	"small":          {{22, 20}, {20, 17}, {19, 19}},
	"blurred":        {{19, 11}, {8, 3}, {19, 19}},
	"smeared":        {{24, 24}, {24, 23}, {19, 19}},
	"noisy":          {{18, 5}, {21, 18}, {17, 17}},
	"low contrast":   {{23, 23}, {20, 17}, {19, 19}},
	"uneven light":   {{24, 24}, {21, 21}, {19, 19}},
	"finder damaged": {{24, 24}, {24, 22}, {18, 18}},
	"spots":          {{24, 23}, {21, 20}, {19, 19}},
	"cracked":        {{23, 23}, {23, 22}, {19, 19}},
	"inverted":       {{24, 20}, {24, 24}, {20, 20}},
	"mirrored":       {{24, 24}, {24, 24}, {18, 18}},
	"oblong":         {{19, 18}, {24, 24}, {19, 19}},
	"bent":           {{22, 20}, {23, 23}, {19, 19}},
	"dotted":         {{23, 22}, {12, 8}, {2, 2}},
	"no quiet zone":  {{24, 23}, {24, 24}, {22, 22}},
}
