package bars

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/offlane/offlane/barcode/internal/pix"
	"github.com/offlane/offlane/barcode/internal/symbol"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestShapesAreComparedUntilTheyAreFarEnoughApart(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 1))
	ended := 0
	for range 200 {
		var a, b [shapeSize]float32
		sum := float32(0)
		for i := range a {
			a[i], b[i] = r.Float32(), r.Float32()
			sum += (a[i] - b[i]) * (a[i] - b[i])
		}
		require.InEpsilon(t, sum, distanceOf(&a, &b, math.MaxFloat32), 1e-5, "the whole distance")
		enough := sum * r.Float32()
		got := distanceOf(&a, &b, enough)
		require.GreaterOrEqual(t, got, enough, "a distance that is more than enough, of %f", sum)
		if got < 0.99*sum {
			ended++
		}
	}
	assert.Greater(t, ended, 50, "comparisons that ended early")
}

func TestNoBlurredSymbolIsLookedForWithinAKnownOne(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 1))
	modules := modulesOf(t, ean13(r, '4'))
	square := func(x float64) [4]pix.Point {
		return [4]pix.Point{{X: x, Y: -50}, {X: x + 600, Y: -50}, {X: x + 600, Y: 50}, {X: x, Y: 50}}
	}
	for name, c := range map[string]struct {
		known [][4]pix.Point
		looks bool
	}{
		"nothing is known":     {nil, true},
		"known where it is":    {[][4]pix.Point{square(0)}, false},
		"known somewhere else": {[][4]pix.Point{square(2000)}, true},
	} {
		reader := NewReader(symbol.SetOf(symbol.EAN13), nil)
		b := blurredLine{2, 0.7, 0.7, 1}
		reader.line, reader.beside = b.luma(modules, r), b.luma(modules, r)
		reader.place, reader.known, reader.knownScale = place{0, 0, 1, 0}, c.known, 1
		reader.readLine(Effort{Blurred: true})
		assert.Equal(t, c.looks, reader.tries > 0, "%s: %d places were tried", name, reader.tries)
	}
}

func TestALineIsFittedBackwardsOnlyUntilItIsRead(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 1))
	modules := modulesOf(t, ean13(r, '4'))
	reader := NewReader(symbol.SetOf(symbol.EAN13), nil)
	b := blurredLine{3, 0.62, 0.7, 1}
	reader.line, reader.beside = b.luma(modules, r), b.luma(modules, r)
	reader.place = place{0, 0, 1, 0}
	reader.readLine(Effort{Blurred: true})
	require.NotEmpty(t, reader.votes, "readings of the line")
	assert.Equal(t, 1, reader.fits, "thorough fits of a line that was read forwards")
}

func TestABlurredRegionEndsOnceItIsRead(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 1))
	modules := modulesOf(t, ean13(r, '4'))
	b := blurredLine{3, 0.62, 0.7, 1}
	width := len(b.luma(modules, r))
	g := pix.NewGray(width, 60)
	for y := range g.H {
		copy(g.Row(y), b.luma(modules, r))
	}
	reg := &Region{middle: pix.Point{X: float64(width) / 2, Y: 30}, cos: 1, from: -float64(width) / 2,
		to: float64(width) / 2, top: -30, bottom: 30}
	tried := map[bool]int{}
	for _, first := range []bool{false, true} {
		reader := NewReader(symbol.SetOf(symbol.EAN13), nil)
		reader.ReadRegion(g, 1, reg, Effort{Lines: 30, Blurred: true, First: first}, nil)
		require.Len(t, reader.Symbols(), 1, "symbols, the region ending with the first: %t", first)
		tried[first] = reader.tries
	}
	assert.Less(t, 2*tried[true], tried[false], "places tried, the region ending with the first symbol and not")
}
