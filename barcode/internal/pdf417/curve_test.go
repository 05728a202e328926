package pdf417

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestCurvesFollowPoints(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 6))
	for name, c := range map[string]struct {
		f     func(x float64) float64
		noise float64
		bent  bool
	}{
		"a line":              {func(x float64) float64 { return 3 + x/4 }, 0, false},
		"a line with noise":   {func(x float64) float64 { return 3 - x/4 }, 0.5, false},
		"a parabola":          {func(x float64) float64 { return x * x / 100 }, 0, true},
		"a noisy parabola":    {func(x float64) float64 { return 50 - x + x*x/80 }, 0.5, true},
		"what stays as it is": {func(float64) float64 { return 7 }, 0, false},
	} {
		var x, y []float64
		for i := range 60 {
			x = append(x, float64(i))
			y = append(y, c.f(float64(i))+c.noise*(2*r.Float64()-1))
		}
		y[20] += 30 // an outlier
		got := robust(x, y, 2)
		for _, at := range []float64{0, 30, 59} {
			assert.InDelta(t, c.f(at), got.at(at), 0.05+c.noise, "%s at %v", name, at)
		}
		assert.Equal(t, c.bent, got.d != 0, "%s is a parabola", name)
	}
}
