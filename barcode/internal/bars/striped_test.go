package bars

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/offlane/offlane/barcode/internal/pix"
)

// columns draws bars of one to four pixels by lot; those of every so many rows are drawn by another lot.
func columns(rows int, noise float64) *pix.Gray {
	g := pix.NewGray(240, 96)
	lot := rand.New(rand.NewPCG(3, 4))
	for y := range g.H {
		if y%rows != 0 {
			copy(g.Row(y), g.Row(y-1))
			continue
		}
		for x, dark := 0, false; x < g.W; dark = !dark {
			for n := 1 + lot.IntN(4); n > 0 && x < g.W; n, x = n-1, x+1 {
				g.Row(y)[x] = 200
				if dark {
					g.Row(y)[x] = 60
				}
			}
		}
	}
	for i, v := range g.Pix {
		g.Pix[i] = byte(max(0, min(255, float64(v)+noise*lot.NormFloat64())))
	}
	return g
}

func TestLinesFarFromOneAnotherAreAlikeWhereBarsAre(t *testing.T) {
	for _, c := range []struct {
		name  string
		rows  int
		noise float64
		bars  bool
	}{
		{"bars", 96, 0, true},
		{"bars under noise", 96, 40, true},
		{"rows of a stacked symbol", 32, 10, true},
		{"rows as low as print", 7, 0, false},
		{"rows as low as print under noise", 7, 20, false},
		{"each row another", 1, 0, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := columns(c.rows, c.noise)
			reg := Region{middle: pix.Point{X: 120, Y: 48}, cos: 1, from: -120, to: 120, top: -48, bottom: 48}
			assert.Equal(t, c.bars, new(Reader).isStriped(g, &reg), "looks like bars")
		})
	}
}

func TestALowRegionIsLookedAtInItsOwnRows(t *testing.T) {
	g := columns(7, 0)
	reg := Region{middle: pix.Point{X: 120, Y: 47.5}, cos: 1, from: -120, to: 120, top: -5.5, bottom: 5.5}
	assert.True(t, new(Reader).isStriped(g, &reg), "no line far off is asked of a region of 11 pixels")
}
