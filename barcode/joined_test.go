package barcode

import (
	"context"
	"fmt"
	"image"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/oned"
	"github.com/offlane/offlane/barcode/internal/pix"
	"github.com/stretchr/testify/require"
)

// A seam is where symbols of a kind may be joined: before one bar and every so many behind it, or there alone.
type seam struct {
	name       string
	first, bar int
	make       func(t *testing.T, r *rand.Rand) (text string, img image.Image)
}

var seams = []seam{
	{"ean13", 15, 0, makerOf("ean13")},
	{"upca", 15, 0, makerOf("upca")},
	{"ean8", 11, 0, makerOf("ean8")},
	{"itf", 2, 5, linearMaker(oned.NewITFWriter(), gozxing.BarcodeFormat_ITF, digits, 10, 10)},
	{"code39", 0, 5, makerOf("code39")},
	{"codabar", 0, 4, makerOf("codabar")},
	{"code128", 0, 3, makerOf("code128")},
	{"code93", 0, 3, makerOf("code93")},
	{"upce", 2, 2, makerOf("upce")},
}

func makerOf(name string) func(*testing.T, *rand.Rand) (string, image.Image) {
	return makers[slices.IndexFunc(makers, func(m maker) bool { return m.name == name })].make
}

// A joint is how the right part of a symbol lies beside the left one of another: how many modules aside and how many
// times as large, where it begins and how high it is as shares of the height, and its ink and paper.
type joint struct {
	name                     string
	aside, times, from, high float64
	ink, paper               float64
}

var flush = joint{"flush", 0, 1, 0, 1, 0, 255}

var joints = []func(r *rand.Rand, j *joint){
	func(r *rand.Rand, j *joint) { j.name, j.times = "larger", 1.12+0.1*r.Float64() },
	func(r *rand.Rand, j *joint) { j.name, j.times = "smaller", 0.8+0.08*r.Float64() },
	func(r *rand.Rand, j *joint) { j.name, j.aside = "aside", 0.5 },
	func(r *rand.Rand, j *joint) { j.name, j.ink = "in gray ink", 80+40*r.Float64() },
	func(r *rand.Rand, j *joint) { j.name, j.paper = "on gray paper", 140+30*r.Float64() },
	func(r *rand.Rand, j *joint) { j.name, j.from = "lower", 0.3+0.4*r.Float64() },
	func(r *rand.Rand, j *joint) { j.name, j.high = "less high", 0.3+0.3*r.Float64() },
}

// barAt is where a bar of a drawing begins, or below zero.
func barAt(img *image.Gray, bar int) int {
	row := img.Pix[img.Rect.Dy()/2*img.Stride:][:img.Rect.Dx()]
	for x := 1; x < len(row); x++ {
		if row[x] < 128 && row[x-1] >= 128 {
			if bar--; bar < 0 {
				return x
			}
		}
	}
	return -1
}

// cut is a place where a symbol of the kind may be joined, two characters from its ends where it has as many.
func (s seam) cut(img *image.Gray, r *rand.Rand) int {
	if s.bar == 0 {
		return barAt(img, s.first)
	}
	n := 0
	for barAt(img, s.first+(n+4)*s.bar) >= 0 {
		n++
	}
	return barAt(img, s.first+(2+r.IntN(max(1, n)))*s.bar)
}

// join lays the part of one drawing from a place on beside the part of another before a place.
func (j joint) join(a, b *image.Gray, cutA, cutB int) *image.Gray {
	const module = 4
	high := float64(b.Rect.Dy())
	begin := float64(cutA) + module*min(0, j.aside)
	wide := cutA + int(j.times*float64(b.Rect.Dx()-cutB)) + 2*module
	out := image.NewGray(image.Rect(0, 0, wide, int(high*max(1, j.from+j.high))))
	for i := range out.Pix {
		x, y := float64(i%out.Stride), float64(i/out.Stride)
		switch v := (y - j.from*high) / high; {
		case x < begin && y < high:
			out.Pix[i] = a.GrayAt(int(x), int(y)).Y
		case x < begin:
			out.Pix[i] = 255
		default:
			from := float64(cutB) + (x-float64(cutA)-module*j.aside)/j.times
			light := 255.0
			if v >= 0 && v < j.high && from >= float64(cutB) {
				light = lumaAt(b, from, high/2)
			}
			out.Pix[i] = byte(j.ink + light/255*(j.paper-j.ink))
		}
	}
	return out
}

// closeUp is a picture of four pixels a module in focus, of any light and turned.
func closeUp(img *image.Gray, r *rand.Rand) *pix.Gray {
	black, white := 50*r.Float64(), 150+100*r.Float64()
	g := planeOf(img)
	for i, v := range g.Pix {
		g.Pix[i] = byte(max(0, min(255, black+float64(v)/255*(white-black)+2*r.NormFloat64())))
	}
	for range r.IntN(4) {
		g = g.Turn()
	}
	return g
}

// TestPartsOfTwoSymbolsAreNotRead joins parts of two symbols of a kind, where a reader cannot tell that it is wrong but
// by the joint.
func TestPartsOfTwoSymbolsAreNotRead(t *testing.T) {
	t.Parallel()
	frame := &Scanner{Frame: true, Budget: -1}
	texts := func(g *pix.Gray) (all []string) {
		got, err := frame.ScanPlane(context.Background(), Plane{Pix: g.Pix, Width: g.W, Height: g.H, Stride: g.Stride})
		require.NoError(t, err)
		for _, s := range got {
			all = append(all, s.Text)
		}
		return all
	}
	tried, read := map[string]int{}, map[string]int{}
	for k := range uint64(*coveredMany) {
		seed := *firstSeed + k
		if int(seed)%thin() > 0 {
			continue
		}
		r := rand.New(rand.NewPCG(seed, 41))
		s := seams[seed%uint64(len(seams))]
		if *oneSymbology != "" && *oneSymbology != s.name {
			continue
		}
		for range 20 {
			textA, a := s.make(t, r)
			textB, b := s.make(t, r)
			left, right := planeImage(a), planeImage(b)
			cutA, cutB := s.cut(left, r), s.cut(right, r)
			plain := texts(planeOf(flush.join(left, right, cutA, cutB)))
			if len(plain) == 0 || slices.Contains(plain, textA) || slices.Contains(plain, textB) {
				continue
			}
			j := flush
			joints[r.IntN(len(joints))](r, &j)
			picture := closeUp(j.join(left, right, cutA, cutB), r)
			name := s.name + " " + j.name
			tried[name]++
			if got := texts(picture); len(got) > 0 {
				read[name]++
				t.Errorf("%q is read of %q and %q, %s, seed %d: %s", got, textA, textB, name, seed,
					keep(t, picture, fmt.Sprintf("joined%d.png", seed)))
			}
			break
		}
	}
	t.Logf("of %v joints were read %v", tried, read)
}
