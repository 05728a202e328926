package bars

import (
	"math/rand/v2"
	"testing"

	"github.com/offlane/offlane/barcode/internal/pix"
	"github.com/stretchr/testify/assert"
)

// drawnBars is a plane of sharp bars whose edges lie at multiples of a module, and of what they are on.
func drawnBars(random *rand.Rand, module int) *pix.Gray {
	g := pix.NewGray(16*cellSide, 16*cellSide)
	row := g.Row(0)
	for x, v := 0, byte(255); x < len(row); v = ^v {
		for end := x + module*(1+random.IntN(4)); x < min(end, len(row)); x++ {
			row[x] = v
		}
	}
	for y := 1; y < g.H; y++ {
		copy(g.Row(y), row)
	}
	return g
}

// barredCells is in how many cells of a plane something looks like bars.
func barredCells(g *pix.Gray) (n int) {
	var f field
	f.take(g)
	for _, label := range f.label {
		if label == unlabelled {
			n++
		}
	}
	return n
}

func TestBarsAreSeenWhicheverWayTheyStand(t *testing.T) {
	random := rand.New(rand.NewPCG(29, 30))
	for module := 2; module <= 8; module++ {
		g := drawnBars(random, module)
		upright := barredCells(g)
		assert.Greater(t, upright, 100, "cells of bars of %d pixels a module", module)
		for turn := 1; turn < 4; turn++ {
			g = g.Turned()
			assert.InDelta(t, upright, barredCells(g), 32, "cells of bars of %d pixels a module turned by %d degrees", module,
				90*turn)
		}
	}
}
