package bars

import "slices"

// What covers characters of wide and narrow elements may look like characters, and never fits as well as those that it
// does not cover: none is farther off than charLeast and charTimes the median. Under a fence along the bars the last
// character of a Codabar was another one, 0.9 off and more, the others 0.07; under letters like bars two digits of an
// ITF were. Of 600 covered and spoilt Codabar and Code 39 that are read right one has more.
const charLeast, charTimes = 0.3, 4

// An elementOf tells of which character element k of a text is, and whether it is a wide one, 0 or 1. A gap is of none,
// which is below zero.
type elementOf func(k int) (char, wide int)

// gapElements is the elements of characters with gaps of one element between them; bits tells which of a character's
// are wide, the first the highest.
func gapElements(elements int, bits func(char int) int) elementOf {
	return func(k int) (char, wide int) {
		char, k = k/(elements+1), k%(elements+1)
		if k == elements {
			return -1, 0
		}
		return char, bits(char) >> (elements - 1 - k) & 1
	}
}

// pairElements is the elements of pairs of digits, the one of bars and the other of the spaces between them.
func pairElements(text []byte) elementOf {
	return func(k int) (char, wide int) {
		char = k/10*2 + k%2
		return char, itfDigits[text[char]-'0'] >> (4 - k%10/2) & 1
	}
}

// fitAlike says whether all characters of n elements from element i on, a bar, fit what was measured. How far off one
// is, is the sum of the squares by which its elements differ from the mean of their kind, in narrow elements, if all
// characters were of one size.
func (s *widths) fitAlike(i, n, chars int, of elementOf) bool {
	var sum, count [2][2]float32 // of bars and of spaces, narrow and wide
	each := func(visit func(char, kind, wide int, w float32)) {
		for k, w := range s.w[i : i+n] {
			if char, wide := of(k); char >= 0 {
				visit(char, k%2, wide, w)
			}
		}
	}
	each(func(_, kind, wide int, w float32) {
		sum[kind][wide], count[kind][wide] = sum[kind][wide]+w, count[kind][wide]+1
	})
	mean := func(kind, wide int) float32 { return sum[kind][wide] / count[kind][wide] }
	sizes, means, costs := make([]float32, chars), make([]float32, chars), make([]float32, chars)
	each(func(char, kind, wide int, w float32) {
		sizes[char], means[char] = sizes[char]+w, means[char]+mean(kind, wide)
	})
	narrow := (mean(0, 0) + mean(1, 0)) / 2
	each(func(char, kind, wide int, w float32) {
		off := (w*means[char]/sizes[char] - mean(kind, wide)) / narrow
		costs[char] += off * off
	})
	slices.Sort(costs)
	return costs[chars-1] <= charLeast+charTimes*costs[chars/2]
}
