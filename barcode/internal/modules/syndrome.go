package modules

import (
	"math/bits"

	"github.com/makiuchi-d/gozxing/common/reedsolomon"
)

// isRight says whether a block of codewords is a valid one, of which the last check ones are check codewords: as a
// polynomial it is zero at so many powers of the field's generator, one after the other. It takes a quarter of the time
// of gozxing's decoder, which multiplies with logarithms, one codeword after the other.
func isRight(field *reedsolomon.GenericGF, words []int, check int) bool {
	if len(words) == 0 || check < 1 || check >= field.GetSize() {
		return false
	}
	width := bits.Len(uint(field.GetSize())) - 1
	for i := 0; i < check; i += lanes {
		var by [lanes]multiplier
		for k := range by {
			by[k].set(field, width, (min(i+k, check-1)+field.GetGeneratorBase())%(field.GetSize()-1))
		}
		if !isZero(&by, words) {
			return false
		}
	}
	return true
}

// lanes is how many places a polynomial is evaluated at in one go: each waits for its own last step alone.
const lanes = 4

// isZero says whether the polynomial is zero at all places.
func isZero(by *[lanes]multiplier, words []int) bool {
	var a, b, c, d uint16
	for _, w := range words {
		w := uint16(w)
		a, b, c, d = by[0].times(a)^w, by[1].times(b)^w, by[2].times(c)^w, by[3].times(d)^w
	}
	return a|b|c|d == 0
}

// A multiplier multiplies elements of a field of at most 4096 with one of them: the products with the lower six bits
// and with the upper six are tabled.
type multiplier struct{ low, high [64]uint16 }

// set has it multiply with a power of the field's generator.
func (m *multiplier) set(field *reedsolomon.GenericGF, width, power int) {
	by := field.Exp(power)
	for k := range width {
		product, table, bit := uint16(field.Multiply(by, 1<<k)), &m.low, 1<<k
		if k >= 6 {
			table, bit = &m.high, 1<<(k-6)
		}
		for i := range bit {
			table[bit+i] = table[i] ^ product
		}
	}
}

func (m *multiplier) times(x uint16) uint16 { return m.low[x&63] ^ m.high[x>>6&63] }
