package aztec

import (
	"github.com/offlane/offlane/barcode/internal/modules"
	"github.com/offlane/offlane/barcode/internal/symbol"
)

// leastCheck is how many bits of check codewords a symbol must have to be believed: the standard asks for three
// codewords and 23 % (ISO/IEC 24778, 6.1).
const leastCheck = 20

// decode corrects the errors of the modules of a symbol and reads them.
func (r *Reader) decode(m mode, dark []bool) (s symbol.Symbol, ok bool) {
	width := m.width()
	words := make([]int, m.codewords())
	order := r.order(m)
	order = order[m.capacity()%width:]
	for i := range words {
		for _, at := range order[i*width : (i+1)*width] {
			words[i] <<= 1
			if dark[at] {
				words[i] |= 1
			}
		}
	}
	check := len(words) - m.words
	if check*width < leastCheck {
		return s, false
	}
	wrong, can, ok := modules.Correct(m.field(), words, check)
	if !ok {
		return s, false
	}
	s.Quality.UnusedCorrection = 1 - float64(wrong)/float64(max(1, can))
	bits, ok := unstuff(words[:m.words], width)
	if !ok {
		return s, false
	}
	return finish(s, bits, r.Charset)
}

// finish reads the data bits.
func finish(s symbol.Symbol, bits []bool, charset int) (symbol.Symbol, bool) {
	c, err := parse(bits)
	if err != nil || c.text.Empty() {
		return s, false
	}
	s.Format, s.Text, s.AIM, s.Part = symbol.Aztec, c.text.Decode(charset), "]z"+string(rune(c.modifier())), c.part
	s.Raw = make([]byte, (len(bits)+7)/8)
	for i, bit := range bits {
		if bit {
			s.Raw[i/8] |= 0x80 >> (i % 8)
		}
	}
	return s, true
}

// unstuff returns the data bits of codewords: a codeword whose bits but the last are all alike has a last bit that is
// the other and says nothing (ISO/IEC 24778, 7.3.1.2).
func unstuff(words []int, width int) (bits []bool, ok bool) {
	ones := 1<<width - 1
	for _, w := range words {
		n := width
		switch w {
		case 0, ones:
			return nil, false
		case 1, ones - 1:
			n--
		}
		for k := range n {
			bits = append(bits, w>>(width-1-k)&1 != 0)
		}
	}
	return bits, true
}
