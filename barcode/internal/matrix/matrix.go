// Package matrix reads a Data Matrix that stands upright, or turned by right angles, on a plain ground: one that a
// program drew. Its sides are those of the dark area, so that the very small and the very long ones are read, too.
package matrix

import (
	"strings"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/common"
	"github.com/makiuchi-d/gozxing/datamatrix/decoder"
	"github.com/offlane/offlane/barcode/internal/pix"
	"github.com/offlane/offlane/barcode/internal/symbol"
)

// sizes are rows and columns of ISO/IEC 16022, table 7, and of ISO/IEC 21471 (rectangular extension), table 7.
var sizes = [][2]int{
	{10, 10}, {12, 12}, {14, 14}, {16, 16}, {18, 18}, {20, 20}, {22, 22}, {24, 24}, {26, 26}, {32, 32}, {36, 36},
	{40, 40}, {44, 44}, {48, 48}, {52, 52}, {64, 64}, {72, 72}, {80, 80}, {88, 88}, {96, 96}, {104, 104}, {120, 120},
	{132, 132}, {144, 144}, {8, 18}, {8, 32}, {12, 26}, {12, 36}, {16, 36}, {16, 48}, {8, 48}, {8, 64}, {8, 80},
	{8, 96}, {8, 120}, {8, 144}, {12, 64}, {12, 88}, {16, 64}, {20, 36}, {20, 44}, {20, 64}, {22, 48}, {24, 48},
	{24, 64}, {26, 40}, {26, 48}, {26, 64},
}

// A box is an area of pixels and the level below which they are dark.
type box struct {
	g                        *pix.Gray
	left, top, right, bottom int // right and bottom are beyond it
	level                    byte
}

// Read reads the symbol that fills the dark area of a plane.
func Read(g *pix.Gray) []symbol.Symbol {
	b, ok := darkArea(g)
	if !ok {
		return nil
	}
	for turn := range 4 {
		for _, size := range sizes {
			cells, ok := b.sample(size[0], size[1], turn)
			if !ok {
				continue
			}
			if s, ok := decode(cells); ok {
				s.Corners = b.corners(turn)
				return []symbol.Symbol{s}
			}
		}
	}
	return nil
}

// Framed says whether the picture's border is plain, which is cheap to tell and true of few photographs.
func Framed(g *pix.Gray) bool {
	if g.W < 10 || g.H < 8 {
		return false
	}
	low, high := byte(255), byte(0)
	for _, y := range [2]int{0, g.H - 1} {
		for _, v := range g.Row(y) {
			low, high = min(low, v), max(high, v)
		}
	}
	for y := 0; y < g.H && high-low < plain; y++ {
		row := g.Row(y)
		for _, v := range [2]byte{row[0], row[g.W-1]} {
			low, high = min(low, v), max(high, v)
		}
	}
	return high-low < plain
}

// plain is the range of the pixels of a plain area.
const plain = 40

func darkArea(g *pix.Gray) (box, bool) {
	low, high := byte(255), byte(0)
	for y := range g.H {
		for _, v := range g.Row(y) {
			low, high = min(low, v), max(high, v)
		}
	}
	b := box{g: g, left: g.W, top: g.H, level: byte((int(low) + int(high)) / 2)}
	if high-low < plain {
		return b, false
	}
	for y := range g.H {
		for x, v := range g.Row(y) {
			if v < b.level {
				b.left, b.right = min(b.left, x), max(b.right, x+1)
				b.top, b.bottom = min(b.top, y), max(b.bottom, y+1)
			}
		}
	}
	return b, b.right-b.left >= 10 && b.bottom-b.top >= 8
}

// sample reads rows by columns modules of the symbol turned upright, and checks its borders: left and bottom dark,
// top and right alternating.
func (b box) sample(rows, columns, turn int) ([][]bool, bool) {
	w, h := float64(b.right-b.left)/float64(columns), float64(b.bottom-b.top)/float64(rows)
	if turn%2 == 1 {
		w, h = float64(b.bottom-b.top)/float64(columns), float64(b.right-b.left)/float64(rows)
	}
	if min(w, h) < 1.5 || max(w, h) > 1.25*min(w, h) {
		return nil, false
	}
	cells := make([][]bool, rows)
	for r := range cells {
		cells[r] = make([]bool, columns)
		for c := range cells[r] {
			p := b.place((float64(c)+0.5)/float64(columns), (float64(r)+0.5)/float64(rows), turn)
			cells[r][c] = b.g.Pix[int(p.Y)*b.g.Stride+int(p.X)] < b.level
		}
	}
	return cells, borders(cells)
}

// place returns where a share of the width and height of the upright symbol lies in the picture.
func (b box) place(u, v float64, turn int) pix.Point {
	switch turn {
	case 1:
		u, v = v, 1-u
	case 2:
		u, v = 1-u, 1-v
	case 3:
		u, v = 1-v, u
	}
	return pix.Point{X: float64(b.left) + u*float64(b.right-b.left), Y: float64(b.top) + v*float64(b.bottom-b.top)}
}

func (b box) corners(turn int) [4]pix.Point {
	return [4]pix.Point{b.place(0, 0, turn), b.place(1, 0, turn), b.place(1, 1, turn), b.place(0, 1, turn)}
}

// borders allows one wrong module in twenty.
func borders(cells [][]bool) bool {
	rows, columns := len(cells), len(cells[0])
	wrong := 0
	check := func(got, want bool) {
		if got != want {
			wrong++
		}
	}
	for r := range cells {
		check(cells[r][0], true)
		check(cells[r][columns-1], r%2 == 1)
	}
	for c := range columns {
		check(cells[rows-1][c], true)
		check(cells[0][c], c%2 == 0)
	}
	return wrong*20 <= 2*(rows+columns)
}

func decode(cells [][]bool) (s symbol.Symbol, ok bool) {
	defer func() {
		if recover() != nil {
			ok = false
		}
	}()
	bits, err := gozxing.ParseBoolMapToBitMatrix(cells)
	if err != nil {
		return s, false
	}
	result, err := decoder.NewDecoder().Decode(bits)
	if err != nil {
		return s, false
	}
	return symbolOf(result), true
}

func symbolOf(r *common.DecoderResult) symbol.Symbol {
	s := symbol.Symbol{Format: symbol.DataMatrix, AIM: "]d" + string(rune('0'+r.GetSymbologyModifier())),
		Text: symbol.UTF8(r.GetText()), Raw: r.GetRawBytes()}
	if s.AIM == "]d2" || s.AIM == "]d5" {
		s.Text = strings.TrimPrefix(s.Text, "\x1d")
	}
	return s
}
