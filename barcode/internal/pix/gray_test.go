package pix

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestThePlacesAroundOneAreMixedAsEachAlone(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	g := NewGray(19, 13)
	for i := range g.Pix {
		g.Pix[i] = byte(40 + random.IntN(20))
	}
	for range 5000 {
		c := Point{X: 25*random.Float64() - 3, Y: 19*random.Float64() - 3}
		u := Point{X: 4*random.Float64() - 2, Y: 4*random.Float64() - 2}
		v := Point{X: 4*random.Float64() - 2, Y: 4*random.Float64() - 2}
		want := 0
		for _, p := range [4]Point{{u.X + v.X, u.Y + v.Y}, {u.X - v.X, u.Y - v.Y}, {v.X - u.X, v.Y - u.Y},
			{-u.X - v.X, -u.Y - v.Y}} {
			want += int(g.Between(c.X+p.X, c.Y+p.Y))
		}
		assert.InDelta(t, want, float64(g.Around(c, u, v))/65536, 4.5, "around %v by %v and %v", c, u, v)
	}
}

func TestPlacesNearOneLieWhereTheHomographyHasThem(t *testing.T) {
	h := Square(10, &[4]Point{{X: 30, Y: 20}, {X: 118, Y: 28}, {X: 132, Y: 92}, {X: 12, Y: 100}})
	for i := range 100 {
		u, v := float64(i%10)+0.5, float64(i/10)+0.5
		at, along, down := h.Near(u, v, 0.3)
		assert.InDelta(t, 0, Distance(at, h.Map(u, v)), 1e-9, "%v, %v", u, v)
		assert.InDelta(t, 0, Distance(Point{at.X + along.X + down.X, at.Y + along.Y + down.Y}, h.Map(u+0.3, v+0.3)), 0.1,
			"%v, %v", u, v)
	}
}
