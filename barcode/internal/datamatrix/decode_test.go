package datamatrix

import (
	"testing"

	"github.com/offlane/offlane/barcode/internal/modules"
	"github.com/stretchr/testify/require"
)

// Modules that somebody else found are those of a symbol only within its border: three codewords by chance are not
// rare.
func TestModulesNeedTheirBorder(t *testing.T) {
	d := drawn(t, "OK")
	const side = 10
	for spoilt, want := range map[int]bool{0: true, 3: true, 4: false, 18: false, 36: false} {
		dark := make([]bool, side*side)
		left := spoilt
		for i := range dark {
			x, y := i%side, i/side
			dark[i] = d.At(x, y)
			if left > 0 && (x == 0 || y == 0 || x == side-1 || y == side-1) {
				dark[i] = !dark[i]
				left--
			}
		}
		var r Reader
		s, ok := r.ReadModules(&modules.Bitmap{Columns: side, Rows: side, Dark: dark})
		require.Equal(t, want, ok, "%d modules of the border are spoilt", spoilt)
		if ok {
			require.Equal(t, "OK", s.Text, "%d modules of the border are spoilt", spoilt)
		}
	}
}

// Of a larger symbol a quarter of the border may be wrong.
func TestModulesOfALargerSymbolNeedMostOfTheirBorder(t *testing.T) {
	d := drawn(t, offer)
	border := 2*(d.Columns+d.Rows) - 4
	for spoilt, want := range map[int]bool{border / 4: true, border/4 + 1: false} {
		dark := append([]bool(nil), d.Dark...)
		for i, left := 0, spoilt; left > 0; i++ {
			if x, y := i%d.Columns, i/d.Columns; x == 0 || y == 0 || x == d.Columns-1 || y == d.Rows-1 {
				dark[i] = !dark[i]
				left--
			}
		}
		var r Reader
		_, ok := r.ReadModules(&modules.Bitmap{Columns: d.Columns, Rows: d.Rows, Dark: dark})
		require.Equal(t, want, ok, "%d of %d modules of the border are spoilt", spoilt, border)
	}
}

// Of a bitmap two sides that meet must be dark, wherever they are.
func TestABitmapIsLikelyByItsSolidSides(t *testing.T) {
	d := drawn(t, "OK")
	b := modules.Bitmap{Columns: d.Columns, Rows: d.Rows, Dark: d.Dark}
	for i, pose := range b.Poses() {
		require.True(t, IsLikely(&pose), "pose %d", i)
	}
	for _, at := range []int{0, len(b.Dark) - 1, len(b.Dark) - d.Columns} {
		spoilt := b
		spoilt.Dark = append([]bool(nil), b.Dark...)
		spoilt.Dark[at] = false
		require.False(t, IsLikely(&spoilt), "module %d is light", at)
	}
}
