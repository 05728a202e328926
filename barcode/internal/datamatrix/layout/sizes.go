// Package layout has the sizes of Data Matrix symbols, and where their patterns and bits lie (ISO/IEC 16022 and, for
// the rectangular extension, ISO/IEC 21471).
package layout

import "github.com/offlane/offlane/barcode/internal/modules"

// A Size is one that a symbol may have: its modules, its regions, and its codewords in all blocks.
type Size struct {
	Rows, Columns int
	Down, Across  int // regions
	Data, Check   int
	Blocks        int
}

// Sizes are those of ISO/IEC 16022, table 7, and of ISO/IEC 21471 (rectangular extension), table 7.
var Sizes = [...]Size{
	{10, 10, 1, 1, 3, 5, 1}, {12, 12, 1, 1, 5, 7, 1}, {14, 14, 1, 1, 8, 10, 1}, {16, 16, 1, 1, 12, 12, 1},
	{18, 18, 1, 1, 18, 14, 1}, {20, 20, 1, 1, 22, 18, 1}, {22, 22, 1, 1, 30, 20, 1}, {24, 24, 1, 1, 36, 24, 1},
	{26, 26, 1, 1, 44, 28, 1}, {32, 32, 2, 2, 62, 36, 1}, {36, 36, 2, 2, 86, 42, 1}, {40, 40, 2, 2, 114, 48, 1},
	{44, 44, 2, 2, 144, 56, 1}, {48, 48, 2, 2, 174, 68, 1}, {52, 52, 2, 2, 204, 84, 2}, {64, 64, 4, 4, 280, 112, 2},
	{72, 72, 4, 4, 368, 144, 4}, {80, 80, 4, 4, 456, 192, 4}, {88, 88, 4, 4, 576, 224, 4}, {96, 96, 4, 4, 696, 272, 4},
	{104, 104, 4, 4, 816, 336, 6}, {120, 120, 6, 6, 1050, 408, 6}, {132, 132, 6, 6, 1304, 496, 8},
	{144, 144, 6, 6, 1558, 620, 10},
	{8, 18, 1, 1, 5, 7, 1}, {8, 32, 1, 2, 10, 11, 1}, {12, 26, 1, 1, 16, 14, 1}, {12, 36, 1, 2, 22, 18, 1},
	{16, 36, 1, 2, 32, 24, 1}, {16, 48, 1, 2, 49, 28, 1},
	{8, 48, 1, 2, 18, 15, 1}, {8, 64, 1, 4, 24, 18, 1}, {8, 80, 1, 4, 32, 22, 1}, {8, 96, 1, 4, 38, 28, 1},
	{8, 120, 1, 6, 49, 32, 1}, {8, 144, 1, 6, 63, 36, 1}, {12, 64, 1, 4, 43, 27, 1}, {12, 88, 1, 4, 64, 36, 1},
	{16, 64, 1, 4, 62, 36, 1}, {20, 36, 1, 2, 44, 28, 1}, {20, 44, 1, 2, 56, 34, 1}, {20, 64, 1, 4, 84, 42, 1},
	{22, 48, 1, 2, 72, 38, 1}, {24, 48, 1, 2, 80, 41, 1}, {24, 64, 1, 4, 108, 46, 1}, {26, 40, 1, 2, 70, 38, 1},
	{26, 48, 1, 2, 90, 42, 1}, {26, 64, 1, 4, 118, 50, 1},
}

// Solid is how many modules are in the dark sides of all regions.
func (z *Size) Solid() int { return z.Across*z.Rows + z.Down*z.Columns - z.Across*z.Down }

// Marks are the modules of the finder and alignment patterns: of each region the left and lower side are dark, the
// upper and right side alternate. Light swaps them. The dark sides stand first.
func (z *Size) Marks(light bool) (all []modules.Mark) {
	height, width := z.Rows/z.Down, z.Columns/z.Across
	var alternating []modules.Mark
	for y := range z.Rows {
		for x := range z.Columns {
			u, v := x%width, y%height
			m := modules.Mark{Column: int16(x), Row: int16(y), Dark: (u+v)%2 == 0 != light}
			switch {
			case u == 0 || v == height-1:
				m.Dark = !light
				all = append(all, m)
			case v == 0:
				alternating = append(alternating, m)
			case u == width-1:
				alternating = append(alternating, m)
			}
		}
	}
	return append(all, alternating...)
}

// Order is where each bit of the codewords lies among the modules of a symbol, row by row.
func (z *Size) Order() []int {
	height, width := z.Rows/z.Down, z.Columns/z.Across
	p := placement{rows: z.Rows - 2*z.Down, columns: z.Columns - 2*z.Across}
	order := p.bits(8 * (z.Data + z.Check))
	for i, at := range order {
		y, x := at/p.columns, at%p.columns
		y += 1 + y/(height-2)*2
		x += 1 + x/(width-2)*2
		order[i] = y*z.Columns + x
	}
	return order
}
