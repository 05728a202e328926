package aztec

import (
	"github.com/makiuchi-d/gozxing/common/reedsolomon"
	"github.com/offlane/offlane/barcode/internal/modules"
)

// A mode is what the mode message of a symbol says (ISO/IEC 24778, 7.2).
type mode struct {
	compact       bool
	layers, words int // words are the data codewords
}

// coreOf is the side of the square of bull's-eye, orientation marks and mode message.
func coreOf(compact bool) int {
	if compact {
		return 11
	}
	return 15
}

// bullseye are the marks of the rings in a square of so many modules around the middle; light swaps them.
func bullseye(size int, light bool) (marks []modules.Mark) {
	for y := range size {
		for x := range size {
			d := max(x-size/2, size/2-x, y-size/2, size/2-y)
			marks = append(marks, modules.Mark{Column: int16(x), Row: int16(y), Dark: (d%2 == 0) != light})
		}
	}
	return marks
}

// A core reads the modules around a bull's-eye: dark says whether one is, counted from the upper left one.
type core struct {
	compact bool
	dark    func(x, y int) bool
}

// orientation are the three modules at each corner that tell how a symbol is turned, clockwise from the upper left
// corner, each in the order of its ring.
var orientation = [4][3]bool{{true, true, true}, {false, true, true}, {true, false, false}, {false, false, false}}

// misfit is how many of the twelve orientation marks are not as they are in an upright symbol.
func (c *core) misfit() (n int) {
	last := coreOf(c.compact) - 1
	for i, marks := range orientation {
		for k, want := range marks {
			x, y := 0, 0
			if k == 0 {
				y = 1
			} else if k == 2 {
				x = 1
			}
			if x, y = turn(x, y, last, i); c.dark(x, y) != want {
				n++
			}
		}
	}
	return n
}

// turn turns a place of a square whose last index is given clockwise, by so many right angles.
func turn(x, y, last, times int) (int, int) {
	for range times {
		x, y = last-y, x
	}
	return x, y
}

// mode reads the mode message clockwise from the upper left corner, four bits to a codeword.
func (c *core) mode() (m mode, ok bool) {
	last, side := coreOf(c.compact)-1, 7
	if !c.compact {
		side = 10
	}
	var words []int
	for i := range 4 * side {
		x := 2 + i%side
		if !c.compact && i%side >= side/2 {
			x++ // past the line of the reference grid
		}
		x, y := turn(x, 0, last, i/side)
		if i%4 == 0 {
			words = append(words, 0)
		}
		words[i/4] <<= 1
		if c.dark(x, y) {
			words[i/4] |= 1
		}
	}
	return modeOf(words, c.compact)
}

// modeOf corrects the codewords of a mode message.
func modeOf(words []int, compact bool) (m mode, ok bool) {
	data := 4
	if compact {
		data = 2
	}
	check := len(words) - data
	if _, ok = modules.Repair(reedsolomon.GenericGF_AZTEC_PARAM, words, check, check/2); !ok {
		return m, false
	}
	v := 0
	for _, w := range words[:data] {
		v = v<<4 | w
	}
	bits := 11
	if compact {
		bits = 6
	}
	m = mode{compact, v>>bits + 1, v&(1<<bits-1) + 1}
	if m.words > m.codewords() { // the first bit of a symbol that programs readers is set beyond what it may hold
		m.words -= 1 << (bits - 1)
	}
	return m, m.words > 0 && m.words < m.codewords()
}

// size is the number of modules along a side.
func (m mode) size() int {
	if m.compact {
		return 11 + 4*m.layers
	}
	half := 7 + 2*m.layers // without the lines of the reference grid
	return 2*(half+(half-1)/15) + 1
}

// capacity is the number of bits in all layers.
func (m mode) capacity() int {
	if m.compact {
		return (88 + 16*m.layers) * m.layers
	}
	return (112 + 16*m.layers) * m.layers
}

// width is the number of bits of a codeword.
func (m mode) width() int {
	switch {
	case m.layers <= 2:
		return 6
	case m.layers <= 8:
		return 8
	case m.layers <= 22:
		return 10
	}
	return 12
}

// codewords is the number of data and check codewords.
func (m mode) codewords() int { return m.capacity() / m.width() }

func (m mode) field() *reedsolomon.GenericGF {
	switch m.width() {
	case 6:
		return reedsolomon.GenericGF_AZTEC_DATA_6
	case 8:
		return reedsolomon.GenericGF_AZTEC_DATA_8
	case 10:
		return reedsolomon.GenericGF_AZTEC_DATA_10
	}
	return reedsolomon.GenericGF_AZTEC_DATA_12
}
