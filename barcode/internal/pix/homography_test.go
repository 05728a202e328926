package pix

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// tilted is a random homography that keeps the points of a square of a side in front of it.
func tilted(random *rand.Rand, side float64) Homography {
	q := [4]Point{{X: 10, Y: 20}, {X: 300, Y: 15}, {X: 310, Y: 290}, {X: 5, Y: 280}}
	for i := range q {
		q[i].X, q[i].Y = q[i].X+random.Float64()*80-40, q[i].Y+random.Float64()*80-40
	}
	return Square(side, &q)
}

func TestFitFindsThePerspective(t *testing.T) {
	random := rand.New(rand.NewPCG(21, 22))
	for range 500 {
		want := tilted(random, 25)
		from := []Point{{}, {X: 25}, {X: 25, Y: 25}, {Y: 25}}
		for range random.IntN(12) {
			from = append(from, Point{X: 25 * random.Float64(), Y: 25 * random.Float64()})
		}
		var to []Point
		for _, p := range from {
			to = append(to, want.Map(p.X, p.Y))
		}
		got, ok := Fit(from, to)
		require.True(t, ok, "%d points that lie on no line are enough", len(from))
		for range 5 {
			u, v := 25*random.Float64(), 25*random.Float64()
			a, b := want.Map(u, v), got.Map(u, v)
			require.InDelta(t, 0, Distance(a, b), 1e-6, "%g, %g lies elsewhere", u, v)
		}
	}
}

// TestFitIsTheLeastSum moves each entry of what was fitted to noisy points: the sum of the squares in the linear
// equations, from the middle of the points and in their mean distance, must grow.
func TestFitIsTheLeastSum(t *testing.T) {
	random := rand.New(rand.NewPCG(23, 24))
	for range 200 {
		h := tilted(random, 2)
		var from, to []Point
		for range 5 + random.IntN(10) {
			p := Point{X: 2 * random.Float64(), Y: 2 * random.Float64()}
			q := h.Map(p.X, p.Y)
			from, to = append(from, p), append(to, Point{X: q.X + random.NormFloat64(), Y: q.Y + random.NormFloat64()})
		}
		from, to = evened(from), evened(to)
		got, ok := Fit(from, to)
		if !ok {
			continue
		}
		for i := range got {
			got[i] /= got[8]
		}
		least := misfit(&got, from, to)
		for i := range 8 {
			for _, by := range []float64{-1e-3, 1e-3} {
				moved := got
				moved[i] += by
				require.Less(t, least, misfit(&moved, from, to), "entry %d fits better by %g", i, by)
			}
		}
	}
}

// evened moves points so that their middle is 0, 0 and their mean distance from it 1.
func evened(p []Point) (out []Point) {
	c, s := spread(p)
	for _, q := range p {
		out = append(out, Point{X: (q.X - c.X) / s, Y: (q.Y - c.Y) / s})
	}
	return out
}

func misfit(h *Homography, from, to []Point) (sum float64) {
	for i, p := range from {
		w := h[6]*p.X + h[7]*p.Y + 1
		x, y := h[0]*p.X+h[1]*p.Y+h[2]-w*to[i].X, h[3]*p.X+h[4]*p.Y+h[5]-w*to[i].Y
		sum += x*x + y*y
	}
	return sum
}

func TestFitRefusesPointsOnALine(t *testing.T) {
	line := []Point{{}, {X: 1, Y: 1}, {X: 2, Y: 2}, {X: 3, Y: 3}, {X: 7, Y: 7}}
	square := []Point{{}, {X: 1}, {X: 1, Y: 1}, {Y: 1}, {X: 0.5, Y: 0.2}}
	_, ok := Fit(line, square)
	assert.False(t, ok, "points on a line tell no perspective")
	_, ok = Fit(square[:3], square[:3])
	assert.False(t, ok, "three points are too few")
	_, ok = Fit([]Point{{}, {}, {}, {}}, square[:4])
	assert.False(t, ok, "one point four times is too few")
	h, ok := Fit(square, square)
	require.True(t, ok, "a square onto itself")
	p := h.Map(0.25, 0.75)
	assert.InDelta(t, 0, math.Hypot(p.X-0.25, p.Y-0.75), 1e-9, "a square onto itself moves a point")
}

func BenchmarkFit(b *testing.B) {
	random := rand.New(rand.NewPCG(25, 26))
	h := tilted(random, 25)
	var from, to []Point
	for range 16 {
		p := Point{X: 25 * random.Float64(), Y: 25 * random.Float64()}
		from, to = append(from, p), append(to, h.Map(p.X, p.Y))
	}
	for b.Loop() {
		Fit(from, to)
	}
}
