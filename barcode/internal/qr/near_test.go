package qr

import (
	"math/rand/v2"
	"testing"

	"github.com/offlane/offlane/barcode/internal/pix"
	"github.com/offlane/offlane/barcode/internal/qrtest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAHundredCodesAreAllRead(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	sheet, err := qrtest.NewSheet(10, 10, 3, func() (*qrtest.Code, error) {
		return qrtest.Fill(1+random.IntN(2), 'M', random)
	})
	require.NoError(t, err)
	effort := all()
	effort.Curves = false
	got := map[string]bool{}
	for _, text := range read(pix.FromImage(sheet.Gray), effort) {
		got[text] = true
	}
	for i, c := range sheet.Codes {
		assert.True(t, got[c.Text], "code %d, of %d modules, is read", i, c.Size)
	}
	assert.Len(t, got, len(sheet.Codes), "nothing else is read")
}

// sheetOfFinders has the finder patterns of columns by rows symbols, a pixel a module.
func sheetOfFinders(columns, rows, size int) (out []finder) {
	step := float64(size + 8)
	off := float64(size - 7)
	for i := range columns * rows {
		x, y := 7.5+step*float64(i%columns), 7.5+step*float64(i/columns)
		for _, p := range [3]pix.Point{{X: x, Y: y}, {X: x + off, Y: y}, {X: x, Y: y + off}} {
			out = append(out, finder{at: p, module: 1, hits: 3, seen: 1, fine: true})
		}
	}
	return out
}

func TestTheTriplesOfEverySymbolAreAmongThoseNear(t *testing.T) {
	for _, size := range []int{21, 25, 41, 57} {
		found := map[pix.Point]bool{}
		for _, c := range nearTriples(nil, sheetOfFinders(12, 9, size), Effort{}) {
			right, below := c.right.at, c.below.at
			off := float64(size - 7)
			if right == (pix.Point{X: c.corner.at.X + off, Y: c.corner.at.Y}) &&
				below == (pix.Point{X: c.corner.at.X, Y: c.corner.at.Y + off}) {
				found[c.corner.at] = true
			}
		}
		assert.Len(t, found, 12*9, "symbols of %d modules whose three finder patterns are tried", size)
	}
}

func TestNearestFindersComeFirst(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	var f []finder
	for range 300 {
		at := pix.Point{X: 500 * random.Float64(), Y: 500 * random.Float64()}
		f = append(f, finder{at: at, module: 1 + random.Float64()})
	}
	f[0].at.X = 0
	nearTriples(nil, f, Effort{})
	got := nearest(nil, f, 100)
	require.Len(t, got, neighbours)
	for i := range f {
		d, listed := far2(f[i].at, f[100].at), false
		for _, g := range got {
			listed = listed || g == &f[i]
		}
		want := i != 100 && d <= far2(got[neighbours-1].at, f[100].at)
		assert.Equal(t, want, listed, "the one at %.0f is among the nearest", f[i].at)
	}
}
