package aztec

import "github.com/offlane/offlane/barcode/internal/modules"

// gridStep is how many modules lie from one line of the reference grid of a full symbol to the next.
const gridStep = 16

// place returns where module i of the layers lies, of a symbol without its reference grid.
func (m mode) place(i int) int {
	if m.compact {
		return i
	}
	half := 7 + 2*m.layers
	middle := m.size() / 2
	if i < half {
		off := half - 1 - i
		return middle - 1 - off - off/(gridStep-1)
	}
	off := i - half
	return middle + 1 + off + off/(gridStep-1)
}

// order is where each bit of the layers lies, row by row: from the outermost layer in, side by side from the upper left
// corner down, in pairs across the layer (ISO/IEC 24778, 7.3).
func (m mode) order() []int {
	size, out := m.size(), make([]int, 0, m.capacity())
	across := 4 * m.layers // modules along a side, without those of the reference grid
	if m.compact {
		across += 11
	} else {
		across += 14
	}
	for layer := range m.layers {
		low := 2 * layer
		for side := range 4 {
			for j := low; j < across-low-2; j++ {
				for k := range 2 {
					// A turn by a right angle takes each side to the next, down, right, up, left.
					x, y := turn(low+k, j, across-1, (4-side)%4)
					out = append(out, m.place(y)*size+m.place(x))
				}
			}
		}
	}
	return out
}

// marks are the modules of the bull's-eye and of the reference grid within a square of so many modules around the
// middle.
func (m mode) marks(size int, light bool) (marks []modules.Mark) {
	eye := coreOf(m.compact)/2 - 1
	for y := range size {
		for x := range size {
			u, v := x-size/2, y-size/2
			d := max(u, -u, v, -v)
			onGrid := !m.compact && (u%gridStep == 0 || v%gridStep == 0) && d > eye
			if d <= eye || onGrid {
				dark := d%2 == 0
				if onGrid {
					dark = (u+v)%2 == 0
				}
				marks = append(marks, modules.Mark{Column: int16(x), Row: int16(y), Dark: dark != light})
			}
		}
	}
	return marks
}
