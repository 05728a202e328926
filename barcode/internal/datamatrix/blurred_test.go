package datamatrix

import (
	"image"
	"testing"

	"github.com/offlane/offlane/barcode/internal/degrade"
	"github.com/offlane/offlane/barcode/internal/modules"
	"github.com/offlane/offlane/barcode/internal/pix"
	"github.com/offlane/offlane/barcode/internal/symbol"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// seeBlurred reads a picture by luma as well.
func seeBlurred(r *Reader, img image.Image) []symbol.Symbol {
	g := pix.FromImage(img)
	return r.Read(g, new(pix.Binarizer).Local(g), modules.Effort{Step: 4, Tune: true, Blurred: true}, nil)
}

func TestBlurredSymbolsAreReadByLuma(t *testing.T) {
	t.Parallel()
	d := drawn(t, offer)
	for _, blur := range []float64{2.4, 2.8, 3.2} { // of six pixels a module
		c := degrade.Camera{Blur: blur, Noise: 2, Inverted: true, Width: 200, Height: 200, Size: float64(6 * (d.Columns + 4))}
		img := c.See(d.Image(2, 6))
		require.Empty(t, see(img), "a blur of %.1f: the binary picture shows too little", blur)
		got := seeBlurred(new(Reader), img)
		if assert.Len(t, got, 1, "a blur of %.1f: one symbol is read", blur) {
			assert.Equal(t, offer, got[0].Text, "a blur of %.1f: the text", blur)
		}
	}
}

// A wave of luma is followed as the runs of a binary picture are.
func TestWavesAreTheRunsOfASharpLine(t *testing.T) {
	t.Parallel()
	g := pix.NewGray(80, 20)
	for i := range g.Pix {
		g.Pix[i] = byte(40 + 160*(i%80/5%2))
	}
	x := &picture{gray: g, binary: new(pix.Binarizer).Global(g), meter: new(modules.Meter)}
	from, to := pix.Point{X: 2, Y: 10}, pix.Point{X: 62, Y: 10}
	sharp, soft := x.runs(from, to), x.waves(from, to)
	assert.Equal(t, sharp.n, soft.n, "how often the line changes")
	assert.InDelta(t, sharp.first, soft.first, 1, "the first change")
	assert.InDelta(t, sharp.last, soft.last, 1, "the last change")
	assert.True(t, soft.isEven(), "its runs are alike")
	assert.Positive(t, x.meter.Work(), "looks at pixels are counted")
}

func TestASideWithAGapGoesOnBehindIt(t *testing.T) {
	t.Parallel()
	d := drawn(t, offer)
	for name, c := range map[string]struct {
		gap  image.Rectangle
		want bool
	}{
		"a spot":   {image.Rect(0, 9, 2, 11), true},
		"the rest": {image.Rect(0, 0, 2, 11), false},
	} {
		g := pix.FromImage(d.Spoil(c.gap, false).Image(2, 5))
		x := &picture{gray: g, binary: new(pix.Binarizer).Global(g)}
		foot := float64(5 * (d.Rows + 2))
		e := ell{corner: pix.Point{X: 10, Y: foot}, up: pix.Point{X: 10, Y: 65}, right: pix.Point{X: foot, Y: foot}}
		assert.Equal(t, c.want, x.prolong(&e), "%s: the end has moved", name)
		if c.want {
			assert.InDelta(t, 10, e.up.Y, 2, "%s: the side ends where the symbol does", name)
		}
	}
}

func TestTheWorkOfAPictureIsBounded(t *testing.T) {
	t.Parallel()
	img := drawn(t, offer).Image(2, 5)
	g := pix.FromImage(img)
	var r Reader
	b := new(pix.Binarizer).Local(g)
	require.Len(t, r.Read(g, b, modules.Effort{Step: 4, Tune: true}, nil), 1, "without a bound the symbol is read")
	whole := r.Work()
	require.Greater(t, whole, 1000, "the looks that it takes")
	r.Begin()
	assert.Empty(t, r.Read(g, b, modules.Effort{Step: 4, Tune: true, Work: 1}, nil), "with a bound of one look it is not")
	assert.Less(t, r.Work(), whole, "and it takes fewer")
}
