package qr

import (
	"math/rand/v2"
	"testing"

	"github.com/offlane/offlane/barcode/internal/pix"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// checkerboard draws squares of so many pixels.
func checkerboard(side, square int) *pix.Gray {
	g := pix.NewGray(side, side)
	for i := range g.Pix {
		if (i%side/square+i/side/square)%2 == 0 {
			g.Pix[i] = 255
		}
	}
	return g
}

func TestACutIsComparedWithFewOpenCandidates(t *testing.T) {
	var r Reader
	var z pix.Binarizer
	r.findAll(z.Global(checkerboard(2000, 4)), 3)
	require.Greater(t, len(r.finders[0]), 10_000, "candidates in a sheet of squares of 4 pixels")
	for k := range r.open {
		for i, c := range r.open[k].columns {
			require.Less(t, len(c), 200, "open candidates in column %d of %d", i, len(r.open[k].columns))
		}
	}
}

// TestACutMeetsTheFirstCandidateNearIt compares the columns with a search through all candidates.
func TestACutMeetsTheFirstCandidateNearIt(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 7))
	const width = 300
	var o open
	o.clear(width)
	var all []finder
	met := 0
	for range 3000 {
		module := 1 + 12*random.Float64()*random.Float64()
		at := pix.Point{X: width * random.Float64(), Y: 60 * random.Float64()}
		want := int32(-1)
		for i := range all {
			if all[i].meets(at, module) {
				want = int32(i)
				break
			}
		}
		got := o.find(all, at, module, 0)
		require.Equal(t, want, got, "the candidate that a cut at %v with modules of %.2f meets", at, module)
		if got < 0 {
			o.add(int32(len(all)), at.X)
			all = append(all, finder{at: at, module: module, hits: 1})
			continue
		}
		met++
		before := all[got].at.X
		all[got].count(at.X, at.Y, module)
		o.move(got, before, all[got].at.X)
	}
	assert.Greater(t, met, 1000, "cuts that met a candidate")
}
