package qr

// A cell is a module whose colour is fixed.
type cell struct {
	u, v float64
	dark bool
}

// fixedModules returns the fixed modules of a symbol: finder patterns with their separators, timing patterns, and the
// alignment patterns (ISO/IEC 18004, 6.3).
func fixedModules(size int) []cell {
	var out []cell
	for _, o := range [][2]int{{0, 0}, {size - 7, 0}, {0, size - 7}} {
		for y := -1; y <= 7; y++ {
			for x := -1; x <= 7; x++ {
				d := max(abs(x-3), abs(y-3))
				out = append(out, cell{float64(o[0]+x) + 0.5, float64(o[1]+y) + 0.5, d != 2 && d != 4})
			}
		}
	}
	for i := 8; i < size-8; i++ {
		out = append(out, cell{float64(i) + 0.5, 6.5, i%2 == 0}, cell{6.5, float64(i) + 0.5, i%2 == 0})
	}
	for _, c := range alignments(size) {
		for y := -2; y <= 2; y++ {
			for x := -2; x <= 2; x++ {
				out = append(out, cell{c[0] + float64(x), c[1] + float64(y), max(abs(x), abs(y)) != 1})
			}
		}
	}
	return out
}

// finderCells is how many of the fixed modules are those of finder patterns and separators, which are the first.
const finderCells = 3 * 81

// alignments returns the middles of the alignment patterns, row by row (ISO/IEC 18004, annex E).
func alignments(size int) [][2]float64 {
	at := alignmentLines(size)
	var out [][2]float64
	for i, y := range at {
		for k, x := range at {
			first, last := 0, len(at)-1
			if (i == first && k == first) || (i == first && k == last) || (i == last && k == first) {
				continue
			}
			out = append(out, [2]float64{float64(x) + 0.5, float64(y) + 0.5})
		}
	}
	return out
}

// alignmentLines returns the rows and columns of the patterns: the first is 6, the last size - 7, the others at even
// steps from the last.
func alignmentLines(size int) []int {
	version := (size - 17) / 4
	if version < 2 {
		return nil
	}
	n := version/7 + 2
	step := 0
	if n > 2 {
		step = (size - 13 + 2*(n-1) - 1) / (2 * (n - 1)) * 2
		if version == 32 {
			step = 26
		}
	}
	out := make([]int, n)
	out[0] = 6
	for i := n - 1; i > 0; i-- {
		out[i] = size - 7 - (n-1-i)*step
	}
	return out
}

func abs(x int) int { return max(x, -x) }
