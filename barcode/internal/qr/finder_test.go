package qr

import (
	"math"
	"testing"

	"github.com/offlane/offlane/barcode/internal/pix"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// cropped draws a code, so many pixels a module, with a quiet zone of so many pixels; light on dark if asked.
func cropped(t *testing.T, version, scale, quiet int, inverted bool) (*pix.Gray, string) {
	t.Helper()
	c := code(t, version, 'M')
	side := scale*c.Size + 2*quiet
	g := pix.NewGray(side, side)
	for i := range g.Pix {
		x := math.Floor(float64(i%side-quiet) / float64(scale))
		y := math.Floor(float64(i/side-quiet) / float64(scale))
		if c.Dark(int(x), int(y)) == inverted {
			g.Pix[i] = 255
		}
	}
	return g, c.Text
}

func TestACodeFlushWithTheBorderIsRead(t *testing.T) {
	for _, version := range []int{1, 2, 5, 8} {
		for _, scale := range []int{2, 3, 5} {
			for quiet := range 3 {
				for _, inverted := range []bool{false, true} {
					g, want := cropped(t, version, scale, quiet, inverted)
					assert.Equal(t, []string{want}, read(g, all()),
						"version %d, %d pixels a module, %d around it, inverted: %v", version, scale, quiet, inverted)
				}
			}
		}
	}
}

func TestFindersAreSeenInEveryRowOfTheirMiddle(t *testing.T) {
	for _, inverted := range []bool{false, true} {
		g, _ := cropped(t, 3, 4, 0, inverted)
		var r Reader
		var z pix.Binarizer
		r.findAll(z.Global(g), 1)
		k := 0
		if inverted {
			k = 1
		}
		got := map[pix.Point]int{}
		for _, f := range r.finders[k] {
			got[pix.Point{X: math.Round(f.at.X), Y: math.Round(f.at.Y)}] = f.hits
		}
		for _, at := range []pix.Point{{X: 14, Y: 14}, {X: 102, Y: 14}, {X: 14, Y: 102}} {
			require.Contains(t, got, at, "a finder pattern, inverted: %v", inverted)
			assert.Equal(t, 12, got[at], "rows in which that at %v is seen, inverted: %v", at, inverted)
		}
	}
}
