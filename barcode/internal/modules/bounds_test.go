package modules

import (
	"testing"

	"github.com/offlane/offlane/barcode/internal/pix"
	"github.com/stretchr/testify/assert"
)

func TestASoundGridIsOfSomeSize(t *testing.T) {
	for name, c := range map[string]struct {
		columns, rows int
		w, h          float64
		want          bool
	}{
		"corners of twelve pixels":         {3, 4, 3, 4, false},
		"corners of twenty pixels":         {4, 5, 4, 5, true},
		"modules of eight tenths":          {20, 20, 16, 16, false},
		"modules of a pixel":               {20, 20, 20, 20, true},
		"modules of eight tenths in a row": {40, 5, 32, 4, false},
	} {
		g := NewGrid(c.columns, c.rows, &[4]pix.Point{{}, {X: c.w}, {X: c.w, Y: c.h}, {Y: c.h}})
		assert.Equal(t, c.want, g.Sound(), name)
	}
}

func TestAGridOfManyModulesTakesSomeOfThem(t *testing.T) {
	for _, c := range []struct{ columns, rows, looks int }{
		{10, 10, 400}, {20, 15, 1200}, {40, 40, 1600}, {177, 177, 1600},
	} {
		g := Grid{Columns: c.columns, Rows: c.rows}
		assert.Equal(t, c.looks, g.ClarityLooks(), "looks at %d x %d modules", c.columns, c.rows)
	}
}

// A score that grows with every try has every step taken: four sizes of a step, six rounds of each, nine sets of
// corners and four ways.
func TestTuningEnds(t *testing.T) {
	for name, c := range map[string]struct {
		gain  float64
		tries int
	}{
		"a score that grows": {0.03, 1 + 4*6*9*4},
		"a score that stays": {0, 1 + 4*9*4},
	} {
		g := NewGrid(10, 10, &[4]pix.Point{{}, {X: 50}, {X: 50, Y: 50}, {Y: 50}})
		tries := 0
		g.Tune(0.5, func(*Grid) float64 {
			tries++
			return float64(tries) * c.gain
		})
		assert.Equal(t, c.tries, tries, "tries with %s", name)
	}
}

// Steps go from the one asked for to an eighth of it: half a module becomes a sixteenth.
func TestTuningEndsAtASixteenth(t *testing.T) {
	for off, left := range map[float64]float64{7.0 / 16: 0, 15.0 / 32: 1.0 / 32, 4: 0} {
		g := NewGrid(10, 10, &[4]pix.Point{{}, {X: 50}, {X: 50, Y: 50}, {Y: 50}})
		want := pix.Point{X: off * 5}
		g.Tune(0.5, func(g *Grid) float64 {
			c := g.Corners()
			far := 0.0
			for i, p := range [4]pix.Point{{}, {X: 50}, {X: 50, Y: 50}, {Y: 50}} {
				far = max(far, pix.Distance(pix.Point{X: p.X + want.X, Y: p.Y}, c[i]))
			}
			return -100 * far
		})
		assert.InDelta(t, left*5, pix.Distance(want, g.Corners()[0]), 1e-6, "a grid that lies %v modules off", off)
	}
}

// What a step must add to the score is a fiftieth of a step of luma.
func TestALittleGainIsNoise(t *testing.T) {
	for gain, moves := range map[float64]bool{0.015: false, 0.03: true} {
		g := NewGrid(10, 10, &[4]pix.Point{{}, {X: 50}, {X: 50, Y: 50}, {Y: 50}})
		best := g.Tune(0.5, func(g *Grid) float64 {
			if g.Corners()[0].X > 1 {
				return gain
			}
			return 0
		})
		assert.Equal(t, moves, best > 0, "a gain of %v is taken", gain)
	}
}

// The mean around a module is that of the five on each side; in a large symbol of an eighth of the side.
func TestTheMeanIsOfTheModulesAround(t *testing.T) {
	for side, reach := range map[int]int{21: 5, 64: 8} {
		s := Shades{columns: side, rows: side, mean: make([]float32, side*side), sharp: make([]float32, side*side)}
		middle := side / 2
		s.sharp[middle*side+middle] = 100
		s.means()
		for d := range 10 {
			assert.Equal(t, d <= reach, s.mean[middle*side+middle+d] > 0, "%d of %d modules away", d, side)
			assert.Equal(t, d <= reach, s.mean[(middle-d)*side+middle] > 0, "%d of %d modules above", d, side)
		}
	}
}

// A module of ten pixels is looked at in its middle and two pixels beside.
func TestAModuleIsLookedAtAFifthBesideItsMiddle(t *testing.T) {
	for half, want := range map[int]float32{1: 40, 3: 200} {
		p := pix.NewGray(10, 10)
		for y := 5 - half; y < 5+half; y++ {
			for x := 5 - half; x < 5+half; x++ {
				p.Row(y)[x] = 200
			}
		}
		var s Shades
		s.Take(p, func(x, y float64) pix.Point { return pix.Point{X: 10 * x, Y: 10 * y} }, 1, 1, Beside, false)
		assert.InDelta(t, want, s.v[0], 1, "the luma of a module with a light square of %d pixels", 2*half)
	}
}
