package pix

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestLineTellsWhatBetweenTells(t *testing.T) {
	random := rand.New(rand.NewPCG(15, 16))
	for range 2000 {
		g := noise(random, 1+random.IntN(90), 1+random.IntN(60))
		sin, cos := math.Sincos(random.Float64() * 7)
		x, y := float64(random.IntN(120)-15)+random.Float64(), float64(random.IntN(90)-15)+random.Float64()
		line := g.Line([]byte{1, 2}, x, y, cos, sin, random.IntN(200))
		require.Equal(t, []byte{1, 2}, line[:2], "the line is not appended")
		for i, v := range line[2:] {
			want := g.Interpolate(x+float64(i)*cos, y+float64(i)*sin)
			require.InDelta(t, want, v, 2, "%d x %d, sample %d from %g, %g by %g, %g", g.W, g.H, i, x, y, cos, sin)
		}
	}
}

func BenchmarkLine(b *testing.B) {
	g := noise(rand.New(rand.NewPCG(17, 18)), 1280, 720)
	var line []byte
	for b.Loop() {
		line = g.Line(line[:0], 100, 20, 0.8, 0.6, 1000)
	}
}
