package qr

import "slices"

// modules are those of one symbol, row by row, true where dark.
type modules struct {
	size int
	dark []bool
}

func (m *modules) at(x, y int) bool { return m.dark[y*m.size+x] }

// resize makes room for a symbol of a size.
func (m *modules) resize(size int) {
	m.size = size
	m.dark = slices.Grow(m.dark[:0], size*size)[:size*size]
}

// transpose swaps rows and columns: what a mirror does to a symbol, seen from its first corner.
func (m *modules) transpose() {
	for y := range m.size {
		for x := range y {
			a, b := &m.dark[y*m.size+x], &m.dark[x*m.size+y]
			*a, *b = *b, *a
		}
	}
}

// mask says whether the data mask of a number inverts a module (ISO/IEC 18004, table 10).
func mask(number, i, j int) bool {
	switch number {
	case 0:
		return (i+j)%2 == 0
	case 1:
		return i%2 == 0
	case 2:
		return j%3 == 0
	case 3:
		return (i+j)%3 == 0
	case 4:
		return (i/2+j/3)%2 == 0
	case 5:
		return i*j%2+i*j%3 == 0
	case 6:
		return (i*j%2+i*j%3)%2 == 0
	}
	return ((i+j)%2+i*j%3)%2 == 0
}

// bch returns the 15 bits of format information whose first five are data (ISO/IEC 18004, annex C).
func bch(data uint32) uint32 {
	rest := data << 10
	for i := 14; i >= 10; i-- {
		if rest>>i&1 != 0 {
			rest ^= 0x537 << (i - 10)
		}
	}
	return data<<10 | rest
}

// stream reads the data bits of the modules that are no function modules, unmasked, into bits.
func (m *modules) stream(bits []byte, function []bool, number, timing int) []byte {
	n := 0
	walk(m.size, function, timing, func(i int) {
		if n&7 == 0 {
			bits = append(bits, 0)
		}
		if m.dark[i] != mask(number, i/m.size, i%m.size) {
			bits[n>>3] |= 0x80 >> (n & 7)
		}
		n++
	})
	return bits
}

// walk calls each for the modules that are no function modules, in pairs of columns from the right, up and down in turn
// (ISO/IEC 18004, 7.7.3). The column of the timing pattern is passed over.
func walk(size int, function []bool, timing int, each func(i int)) {
	up := true
	for right := size - 1; right > 0; right -= 2 {
		if right == timing {
			right--
		}
		for k := range size {
			y := k
			if up {
				y = size - 1 - k
			}
			for x := right; x > right-2; x-- {
				if i := y*size + x; !function[i] {
					each(i)
				}
			}
		}
		up = !up
	}
}
