package bars

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// claimed is a claim on a line that is drawn in a shape, three pixels a module from the pixel 36 on, where it begins in
// another one.
func claimed(t *testing.T, drawn, begin claimShape, noise float64, r *rand.Rand) *claim {
	t.Helper()
	var c claim
	digits := [12]byte{0, 10, 6, 13, 18, 1, 23, 23, 23, 29, 23, 21}
	line := make([]byte, 36+285+36)
	require.True(t, c.set(line, 36, 36+285, digits, 0.7), "there are pixels")
	c.error(&drawn)
	for i, d := range c.dark {
		c.luma[i] = 200 - 150*d + noise*r.NormFloat64()
	}
	c.shape = begin
	c.off = c.error(&c.shape)
	return &c
}

func shapeOf(blur, ink float64) claimShape { return claimShape{36, 36 + 285, 0, 0, blur, blur, ink} }

// stepping returns a step of one quantity alone, the other way round where it is negative.
func stepping(quantity int, by float64) (step claimShape) {
	step[quantity] = by
	return step
}

// Blur is looked for from 0.15 modules to 2.5, and bars that are wider or narrower by half a module at most.
func TestTheShapeOfAClaimHasBounds(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for name, c := range map[string]struct {
		drawn, begin  claimShape
		quantity      int
		taken, passed float64 // steps
	}{
		"little blur": {shapeOf(0.05, 0), shapeOf(0.2, 0), 4, -0.04, -0.06},
		"much blur":   {shapeOf(4, 0), shapeOf(2.4, 0), 4, 0.08, 0.12},
		"wide bars":   {shapeOf(0.5, 0.9), shapeOf(0.5, 0.45), 6, 0.04, 0.06},
		"narrow bars": {shapeOf(0.5, -0.9), shapeOf(0.5, -0.45), 6, -0.04, -0.06},
	} {
		one := claimed(t, c.drawn, c.begin, 0, r)
		assert.True(t, one.better(stepping(c.quantity, c.taken)), "%s: a step of %v helps", name, c.taken)
		assert.InDelta(t, c.begin[c.quantity]+c.taken, one.shape[c.quantity], 1e-9, name)
		one = claimed(t, c.drawn, c.begin, 0, r)
		assert.False(t, one.better(stepping(c.quantity, c.passed)), "%s: a step of %v leads too far", name, c.passed)
	}
}

// Four modules of both quiet zones are drawn.
func TestAClaimIsDrawnWithItsQuietZones(t *testing.T) {
	var c claim
	require.True(t, c.set(make([]byte, 400), 100, 290, [12]byte{}, 0.7), "there are pixels")
	assert.Equal(t, 92, c.first, "the first pixel, of a symbol that begins at 100 and has two pixels a module")
	assert.Len(t, c.luma, 298-92, "its pixels")
}

// An edge is drawn over three standard deviations to each side, from 128 places in each.
func TestABlurredEdgeIsWorkedOutBeforehand(t *testing.T) {
	var c claim
	c.makeEdge()
	assert.Len(t, c.edge, 6*128+2, "places of an edge")
	for x, want := range map[float64]float64{
		-3.1: 0, -2.9: 0.00187, -1: 0.15866, 0: 0.5, 1: 0.84134, 2.9: 0.99813, 3.1: 1,
	} {
		assert.InDelta(t, want, c.step(x), 1e-5, "%v standard deviations behind an edge", x)
	}
}

// improvedIn changes a claim as improve does, in so many rounds and halves at most, and tells how many of both it took.
func (c *claim) improvedIn(most, mostHalves int) (rounds, halves int) {
	step := claimSteps
	step[0], step[1] = 3*step[0], 3*step[1] // pixels
	for ; rounds < most && halves < mostHalves; rounds++ {
		if !c.better(step) {
			halves++
			for k := range step {
				step[k] /= 2
			}
		}
	}
	return rounds, halves
}

// A claim is improved in at most 60 rounds, and until its steps are halved for the fifth time.
func TestAClaimIsImprovedForAsLongAsThatHelps(t *testing.T) {
	for crowded, c := range map[float64]struct {
		ended  string
		others [][2]int
	}{
		0.1: {"no smaller step helps", [][2]int{{60, 4}, {60, 6}}},
		0.9: {"rounds have ended", [][2]int{{48, 5}, {75, 5}}},
	} {
		drawn, r := shapeOf(0.5, 0.1), rand.New(rand.NewPCG(5, 2))
		drawn[2], drawn[3] = crowded, -crowded/2
		byHand := func(most, mostHalves int) (shape claimShape, rounds, halves int) {
			c := claimed(t, drawn, shapeOf(0.7, 0), 0, r)
			rounds, halves = c.improvedIn(most, mostHalves)
			return c.shape, rounds, halves
		}
		one := claimed(t, drawn, shapeOf(0.7, 0), 0, r)
		one.improve()
		shape, rounds, halves := byHand(60, 5)
		assert.Equal(t, shape, one.shape, "%s: the shape after %d rounds and %d halvings", c.ended, rounds, halves)
		assert.Equal(t, crowded > 0.5, halves < 5, "%s after %d rounds and %d halvings", c.ended, rounds, halves)
		for _, other := range c.others {
			shape, rounds, halves := byHand(other[0], other[1])
			assert.NotEqual(t, shape, one.shape, "%s: the shape after %d rounds and %d halvings", c.ended, rounds, halves)
		}
	}
}
