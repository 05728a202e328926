package qr

import (
	"math/rand/v2"
	"testing"

	"github.com/offlane/offlane/barcode/internal/pix"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestCutsThatLookLikeAFinderPatternCountAsWork shows noise to the reader, which has nothing else to do in it.
func TestCutsThatLookLikeAFinderPatternCountAsWork(t *testing.T) {
	t.Parallel()
	r, g := rand.New(rand.NewPCG(1, 24)), pix.NewGray(400, 300)
	for i := range g.Pix {
		g.Pix[i] = byte(r.Uint32())
	}
	var z pix.Binarizer
	b := z.Local(g)
	var reader Reader
	reader.Begin()
	none := Effort{Step: 1, Seen: 1, Round: 1, Late: func() bool { return true }}
	require.Empty(t, reader.Read(g, b, none, nil), "symbols in noise")
	assert.Greater(t, reader.Work(), g.W*g.H, "looks to find finder patterns in noise: at least one a pixel")
	reader.Begin()
	assert.Zero(t, reader.Work(), "looks taken in another picture")
}
