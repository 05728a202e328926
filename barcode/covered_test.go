package barcode

import (
	"context"
	"flag"
	"fmt"
	"image"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/offlane/offlane/barcode/internal/pix"
	"github.com/stretchr/testify/require"
)

var coveredMany = flag.Int("covered", 64, "how many cut, covered or spoilt symbols to try; the whole set has 5000")

var oneSymbology = flag.String("symbology", "", "the name of the symbology to cut or cover; none: each in turn")

var firstSeed = flag.Uint64("first", 0, "the first of the seeds of covered symbols and of pictures without a symbol")

// TestACoveredSymbolIsReadRightOrNotAtAll cuts symbols and puts stickers over them: each is read as what it says or not
// at all. The whole set takes long: go test ./barcode -run Covered -covered 5000 -timeout 2h
func TestACoveredSymbolIsReadRightOrNotAtAll(t *testing.T) {
	t.Parallel()
	readRightOrNot(t, "covered", 3, damaged)
}

// readRightOrNot takes pictures of symbols that are spoilt and has them read.
func readRightOrNot(t *testing.T, kind string, stream uint64,
	spoil func(*image.Gray, *rand.Rand) (how string, picture *pix.Gray)) {
	t.Helper()
	scanners := map[string]*Scanner{"still": {}, "frame": {Frame: true, Budget: -1}}
	read := map[string]int{}
	for k := range uint64(*coveredMany) {
		seed := *firstSeed + k
		if int(seed)%thin() > 0 {
			continue
		}
		r := rand.New(rand.NewPCG(seed, stream))
		s := specimenOf(t, int(seed), r)
		how, picture := spoil(s.img, r)
		for setting, scanner := range scanners {
			got, err := scanner.ScanPlane(context.Background(), Plane{Pix: picture.Pix, Width: picture.W, Height: picture.H,
				Stride: picture.Stride})
			require.NoError(t, err)
			for _, symbol := range got {
				if !sameText(symbol, s.text) {
					t.Errorf("%s reads %v %q in %s, %s, seed %d, which says %q: %s", setting, symbol.Format, symbol.Text, s.name,
						how, seed, s.text, keep(t, picture, fmt.Sprintf("%s%d.png", kind, seed)))
				}
			}
			if len(got) > 0 {
				read[setting]++
			}
		}
	}
	t.Logf("of %d symbols were read: %v", *coveredMany/thin(), read)
}

// sameText lets an EAN-13 and the UPC-A in it pass for one another.
func sameText(s Symbol, text string) bool {
	return s.Text == text || s.Format == EAN13 && s.Text == "0"+text || s.Format == UPCA && "0"+s.Text == text
}

// A damage spoils a part of a picture.
type damage struct {
	name string
	do   func(img *image.Gray, r *rand.Rand) *image.Gray
}

var damages = []damage{
	{"cut", cut},
	{"cut and on paper", func(img *image.Gray, r *rand.Rand) *image.Gray { return onPaper(cut(img, r), 60) }},
	{"under white", func(img *image.Gray, r *rand.Rand) *image.Gray { return cover(img, r, plainSticker(255)) }},
	{"under gray", func(img *image.Gray, r *rand.Rand) *image.Gray {
		return cover(img, r, plainSticker(float64(40+r.IntN(200))))
	}},
	{"under black", func(img *image.Gray, r *rand.Rand) *image.Gray { return cover(img, r, plainSticker(0)) }},
	{"under text", over(text, 3)},
	{"under a fence", over(func(r *rand.Rand) func(x, y float64) float64 { return fence(r, 1, 2, 3) }, 2)},
	{"under fabric", over(fabric, 2)},
	{"under letters like bars", over(strokes, 2)},
	{"under a label", over(label, 3)},
	{"under moiré", shimmer},
	{"cut and under moiré", func(img *image.Gray, r *rand.Rand) *image.Gray { return shimmer(cut(img, r), r) }},
	{"under two stickers", func(img *image.Gray, r *rand.Rand) *image.Gray {
		return cover(cover(img, r, plainSticker(255)), r, plainSticker(255))
	}},
}

func plainSticker(luma float64) func(x, y float64) float64 {
	return func(_, _ float64) float64 { return luma }
}

// damaged spoils a symbol and takes a picture of it.
func damaged(img *image.Gray, r *rand.Rand) (how string, g *pix.Gray) {
	d := damages[r.IntN(len(damages))]
	return d.name, photographed(d.do(img, r), r)
}

// cut leaves a part of a picture: what is left of one to three cuts.
func cut(img *image.Gray, r *rand.Rand) *image.Gray {
	left := img.Rect
	for range 1 + r.IntN(3) {
		share := func(length int) int { return int(float64(length) * (0.02 + 0.6*r.Float64()*r.Float64())) }
		switch r.IntN(6) {
		case 0, 1:
			left.Min.X += share(left.Dx())
		case 2, 3:
			left.Max.X -= share(left.Dx())
		case 4:
			left.Min.Y += share(left.Dy())
		default:
			left.Max.Y -= share(left.Dy())
		}
	}
	out := image.NewGray(image.Rect(0, 0, left.Dx(), left.Dy()))
	for i := range out.Pix {
		out.Pix[i] = img.GrayAt(left.Min.X+i%out.Stride, left.Min.Y+i/out.Stride).Y
	}
	return out
}

// cover puts a sticker over a part of a picture: over one end from top to bottom, or anywhere.
func cover(img *image.Gray, r *rand.Rand, luma func(x, y float64) float64) *image.Gray {
	w, h := float64(img.Rect.Dx()), float64(img.Rect.Dy())
	size := (0.05 + 0.5*r.Float64()) * w
	x, y, height := r.Float64()*w, h/2, 4*h
	switch r.IntN(4) {
	case 0:
		x = size/2 - 20*r.Float64()
	case 1:
		x = w - size/2 + 20*r.Float64()
	case 2:
		y, height = r.Float64()*h, (0.2+r.Float64())*h
	}
	slant := 0.0
	if r.IntN(3) == 0 {
		slant = r.NormFloat64() * 0.2
	}
	sin, cos := math.Sincos(slant)
	out := image.NewGray(img.Rect)
	for i := range out.Pix {
		dx, dy := float64(i%out.Stride)-x, float64(i/out.Stride)-y
		u, v := dx*cos+dy*sin, dy*cos-dx*sin
		out.Pix[i] = img.Pix[i]
		if math.Abs(u) < size/2 && math.Abs(v) < height/2 {
			out.Pix[i] = byte(luma(u, v))
		}
	}
	return out
}

// photographed makes a picture smaller, by one seed in two blurs it a little, lights and turns it.
func photographed(img *image.Gray, r *rand.Rand) *pix.Gray {
	zoom := 4 / (1.6 + 2.4*r.Float64()) // pixels of the drawing to one of the picture
	g := pix.NewGray(max(1, int(float64(img.Rect.Dx())/zoom)), max(1, int(float64(img.Rect.Dy())/zoom)))
	reach := zoom / 2 * (1 + float64(r.IntN(2))*r.Float64())
	black, white, noise := 50*r.Float64(), 150+100*r.Float64(), 6*r.Float64()*r.Float64()
	for i := range g.Pix {
		x, y := (float64(i%g.W)+0.5)*zoom, (float64(i/g.W)+0.5)*zoom
		v := boxMean(img, x, y, reach) / 255
		g.Pix[i] = byte(max(0, min(255, black+v*(white-black)+noise*r.NormFloat64())))
	}
	for range r.IntN(4) {
		g = g.Turn()
	}
	return g
}

// boxMean is the mean luma of a square around a place.
func boxMean(img *image.Gray, x, y, reach float64) float64 {
	x0, x1 := max(0, int(x-reach)), min(img.Rect.Dx(), int(x+reach)+1)
	y0, y1 := max(0, int(y-reach)), min(img.Rect.Dy(), int(y+reach)+1)
	sum, n := 0, 0
	for row := y0; row < y1; row++ {
		for _, v := range img.Pix[row*img.Stride+x0 : row*img.Stride+x1] {
			sum += int(v)
			n++
		}
	}
	return float64(sum) / float64(max(1, n))
}
