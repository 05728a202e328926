package bars_test

import (
	"testing"

	"github.com/offlane/offlane/barcode/internal/bars"
	"github.com/offlane/offlane/barcode/internal/databar/databartest"
	"github.com/offlane/offlane/barcode/internal/pix"
	"github.com/offlane/offlane/barcode/internal/symbol"
	"github.com/stretchr/testify/require"
)

var everything = symbol.SetOf(symbol.Code128, symbol.Code39, symbol.Code93, symbol.Codabar, symbol.ITF, symbol.EAN13,
	symbol.EAN8, symbol.UPCA, symbol.UPCE, symbol.DataBar, symbol.DataBarExpanded, symbol.DataBarLimited)

// FuzzRuns makes run lengths of bytes, a pixel to a byte's value, and reads them as eight equal rows.
func FuzzRuns(f *testing.F) {
	for _, rows := range [][]databartest.Row{
		databartest.Omnidirectional("20012345678909", 13, false), databartest.DrawLimited("00012345678905"),
		databartest.DrawExpanded(databartest.Characters("0190012345678908"+"3103001750"), 0, 34),
		databartest.DrawExpanded(databartest.Characters("10123456A123\x1d21A"), 1, 34),
	} {
		runs := []byte{20}
		for _, r := range rows {
			for _, w := range r.Widths {
				runs = append(runs, byte(2*w))
			}
		}
		f.Add(append(runs, 20), true)
	}
	f.Fuzz(func(t *testing.T, runs []byte, still bool) {
		width := 0
		for _, n := range runs {
			width += int(n)
		}
		if width == 0 || width > 4000 {
			return
		}
		g := pix.NewGray(width, 8)
		x := 0
		for i, n := range runs {
			for range n {
				for y := range g.H {
					g.Pix[y*g.Stride+x] = byte(200 - i%2*170)
				}
				x++
			}
		}
		effort := bars.Effort{Lines: 8, Angles: []float64{0}, Edges: 2}
		if still {
			effort.Inverted, effort.Edges = true, 4
		}
		judge(t, g, effort)
	})
}

// FuzzLuma reads bytes as the luma of two rows.
func FuzzLuma(f *testing.F) {
	img := databartest.Draw(2, databartest.Omnidirectional("20012345678909", 13, false)...)
	f.Add(img.Pix[30*img.Stride : 31*img.Stride])
	f.Fuzz(func(t *testing.T, row []byte) {
		if len(row) == 0 || len(row) > 4000 {
			return
		}
		g := pix.NewGray(len(row), 2)
		copy(g.Row(0), row)
		copy(g.Row(1), row)
		judge(t, g, bars.Effort{Lines: 2, Angles: []float64{0, 45}, Edges: 4, Inverted: true})
	})
}

func judge(t *testing.T, g *pix.Gray, effort bars.Effort) {
	r := bars.NewReader(everything, nil)
	r.Read(g, 1, effort)
	for _, s := range r.Symbols() {
		require.NotEmpty(t, s.Text)
		require.Len(t, s.AIM, 3)
		require.GreaterOrEqual(t, s.Quality.Lines, 2)
		require.Positive(t, s.Quality.Module)
	}
}
