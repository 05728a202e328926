package modules

import (
	"math"
	"math/bits"
	"slices"

	"github.com/makiuchi-d/gozxing/common/reedsolomon"
)

// Correct corrects the errors of a block of codewords in place, of which the last check ones are check codewords. It
// says how many were wrong and how many may be; not ok where more are.
func Correct(field *reedsolomon.GenericGF, words []int, check int) (wrong, can int, ok bool) {
	can = Capacity(len(words), check, bits.Len(uint(field.GetSize()))-1)
	wrong, ok = Repair(field, words, check, can)
	return wrong, can, ok
}

// Repair is Correct for as many wrong codewords as the caller allows. The arithmetic is gozxing's, but for blocks that
// are right as they are, which most are.
func Repair(field *reedsolomon.GenericGF, words []int, check, can int) (wrong int, ok bool) {
	defer func() {
		if recover() != nil { // gozxing's, on what it did not expect
			ok = false
		}
	}()
	if isRight(field, words, check) {
		return 0, true
	}
	after := slices.Clone(words)
	if err := reedsolomon.NewReedSolomonDecoder(field).Decode(after, check); err != nil {
		return 0, false
	}
	for i, w := range words {
		if w != after[i] {
			wrong++
		}
	}
	if wrong > can {
		return wrong, false
	}
	copy(words, after)
	return wrong, true
}

// misread is the greatest chance, as a power of two, that a block of random codewords is corrected to something: one of
// about 500,000 blocks. Small ones keep check codewords back for it.
const misread = -19

// Capacity is how many of n codewords of so many bits may be wrong when check of them are check codewords: half as
// many as these, or less where random codewords would too often be near some valid block.
func Capacity(n, check, width int) int {
	choices := 0.0 // the binary logarithm of the number of ways that e of n codewords are wrong
	for e := 1; e <= check/2; e++ {
		choices += math.Log2(float64(n-e+1) / float64(e))
		if choices-float64(width*(check-e)) > misread {
			return e - 1
		}
	}
	return check / 2
}
