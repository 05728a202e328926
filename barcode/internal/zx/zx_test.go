package zx

import (
	"testing"

	encoder "github.com/boombuler/barcode/datamatrix"
	"github.com/offlane/offlane/barcode/internal/pix"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTheModulesInTheMiddleAreFound(t *testing.T) {
	img, err := encoder.Encode("OFFER 42")
	require.NoError(t, err)
	const scale, quiet = 5, 20
	n := img.Bounds().Dx()
	g := pix.NewGray(n*scale+2*quiet, n*scale+2*quiet)
	dark := func(x, y int) bool {
		c, _, _, _ := img.At(x, y).RGBA()
		return c < 0x8000
	}
	for i := range g.Pix {
		x, y := i%g.W-quiet, i/g.W-quiet
		if g.Pix[i] = 255; x >= 0 && y >= 0 && x < n*scale && y < n*scale && dark(x/scale, y/scale) {
			g.Pix[i] = 0
		}
	}
	var z pix.Binarizer
	var d Detector
	m, ok := d.Find(z.Local(g))
	require.True(t, ok, "the symbol is found")
	require.Equal(t, [2]int{n, n}, [2]int{m.Columns, m.Rows}, "its size")
	for i, got := range m.Dark {
		assert.Equal(t, dark(i%n, i/n), got, "module %d", i)
	}
	_, ok = d.Find(z.Local(pix.NewGray(100, 100)))
	assert.False(t, ok, "there is none in a plain picture")
	_, ok = d.Find(z.Local(pix.NewGray(10, 10)))
	assert.False(t, ok, "there is none in a picture of a few pixels")
}
