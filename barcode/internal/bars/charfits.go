package bars

import "slices"

// What covers characters may look like characters, and never fits as well as those that it does not cover: none is
// farther off than fitLeast and fitTimes the median. Of a fabric over a sharp EAN-8 two digits were off by 0.8 and 1.0,
// the others by less than 0.1; with 0.35, a fabric over two digits of an EAN-13 made two others. With 0.2 a blurred
// picture of an EAN-13 is lost. Under a fence along the bars the last character of a Codabar was another one, 0.9 off
// and more, the others 0.07; under letters like bars two digits of an ITF were. Of 600 covered and spoilt Codabar and
// Code 39 that are read right one has more.
const fitLeast, fitTimes = 0.3, 4

// fitAlike says whether no character is much farther off than the others, where costs are how far off each is: by more
// than least beside so many times what one in so many of them is at most. It sorts them.
func fitAlike(costs []float32, least, times float32, oneIn int) bool {
	slices.Sort(costs)
	return costs[len(costs)-1] <= least+times*costs[len(costs)/oneIn]
}

// An elementOf tells of which character element k of a text is, and whether it is a wide one, 0 or 1. A gap is of none,
// which is below zero.
type elementOf func(k int) (char, wide int)

// gapElements is the elements of a text of characters of so many, with gaps of one between them; bits tells which of a
// character's are wide, the first the highest.
func gapElements(elements int, text []byte, bits func(char byte) int) elementOf {
	return func(k int) (char, wide int) {
		char, k = k/(elements+1), k%(elements+1)
		if k == elements {
			return -1, 0
		}
		return char, bits(text[char]) >> (elements - 1 - k) & 1
	}
}

// pairElements is the elements of pairs of digits, the one of bars and the other of the spaces between them.
func pairElements(text []byte) elementOf {
	return func(k int) (char, wide int) {
		char = k/10*2 + k%2
		return char, itfDigits[text[char]-'0'] >> (4 - k%10/2) & 1
	}
}

// charsAlike says whether the characters of n elements from element i on, a bar, fit what was measured alike. How far
// off one is, is the sum of the squares by which its elements differ from the mean of their kind, in narrow elements,
// if all characters were of one size. Least and times are as of fitAlike.
func (s *widths) charsAlike(i, n, chars int, of elementOf, least, times float32) bool {
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
	return fitAlike(costs, least, times, 2)
}
