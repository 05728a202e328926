package datamatrix

import (
	"math"
	"testing"

	"github.com/offlane/offlane/barcode/internal/datamatrix/layout"
	"github.com/offlane/offlane/barcode/internal/modules"
	"github.com/offlane/offlane/barcode/internal/pix"
	"github.com/stretchr/testify/assert"
)

// sheared is a grid whose corners have an angle of so many degrees.
func sheared(z *layout.Size, degrees float64) modules.Grid {
	sin, cos := math.Sincos(degrees * math.Pi / 180)
	return modules.NewGrid(z.Columns, z.Rows, &[4]pix.Point{
		{X: 100, Y: 100}, {X: 200, Y: 100}, {X: 200 + 100*cos, Y: 100 + 100*sin}, {X: 100 + 100*cos, Y: 100 + 100*sin},
	})
}

func TestASmallSymbolNeedsItsPatternsAndItsShape(t *testing.T) {
	for name, c := range map[string]struct {
		columns, rows          int
		right, degrees, unused float64
		want                   bool
	}{
		"three codewords, a mark wrong":      {10, 10, 0.91, 62, 1, true},
		"three codewords, two marks wrong":   {10, 10, 0.89, 90, 1, false},
		"three codewords, one corrected":     {10, 10, 1, 62, 0.5, true},
		"one corrected and a mark wrong":     {10, 10, 0.94, 90, 0.5, false},
		"three codewords, askew":             {10, 10, 1, 58, 0.5, false},
		"three codewords, askew to the left": {10, 10, 1, 122, 0.5, false},
		"five codewords, wide":               {18, 8, 0.91, 118, 1, true},
		"five codewords":                     {12, 12, 0.89, 90, 1, false},
		"three codewords, all corrected":     {10, 10, 1, 90, 0, true},
		"all corrected and a mark wrong":     {10, 10, 0.94, 90, 0, false},
		"eight codewords, all corrected":     {14, 14, 0.94, 90, 0, true},
		"eight codewords":                    {14, 14, 0.76, 45, 0.5, true},
	} {
		z := sizeOf(t, c.rows, c.columns)
		f := fit{size: z, right: c.right, grid: sheared(z, c.degrees)}
		assert.Equal(t, c.want, f.isSure(c.unused), name)
	}
}
