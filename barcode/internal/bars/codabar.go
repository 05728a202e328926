package bars

import (
	"math/bits"
	"strings"

	"github.com/offlane/offlane/barcode/internal/symbol"
)

const alphabetCodabar = "0123456789-$:/.+ABCD"

var codabar = []int{
	0x03, 0x06, 0x09, 0x60, 0x12, 0x42, 0x21, 0x24, 0x30, 0x48, 0x0c, 0x18, 0x45, 0x51, 0x54, 0x15, 0x1a, 0x29,
	0x0b, 0x0e,
}

func valueCodabar(c byte) int { return strings.IndexByte(alphabetCodabar, c) }

func bitsCodabar(c byte) int { return codabar[valueCodabar(c)] }

// What a character is of Codabar whose bars and spaces are taken apart: its wide elements are so many times longer than
// the narrow ones, and of no other character nearly so many.
const apartLeast, apartMore = 1.3, 1.15

// charCodabar takes bars and spaces apart, as their widths differ in this symbology: the character whose wide elements
// stand out most clearly from the narrow ones, if no other comes near. Where that does not tell, bars and spaces
// together.
func charCodabar(w []float32) byte {
	best, second, char := float32(0), float32(0), byte(0)
	for k, wide := range codabar {
		var c contrast
		c.add(w[:7], wide, 0, 1)
		if r := c.ratio(w[:7]); r > best {
			best, second, char = r, best, alphabetCodabar[k]
		} else if r > second {
			second = r
		}
	}
	if best >= apartLeast {
		if best < apartMore*second {
			return 0
		}
		return char
	}
	if k := index(codabar, wideOnes(w[:7], 2)); k >= 0 && k < 12 {
		return alphabetCodabar[k]
	}
	if k := index(codabar, wideOnes(w[:7], 3)); k >= 12 {
		return alphabetCodabar[k]
	}
	return 0
}

// ratio tells how many times longer the wide elements are than the narrow ones, of bars and of spaces, the lesser.
// Where all are narrow they must be alike: the narrowest stands for half a wide one.
func (c *contrast) ratio(w []float32) (least float32) {
	least = 1e9
	for of := range 2 {
		low, high := w[of], w[of]
		for k := of; k < len(w); k += 2 {
			low, high = min(low, w[k]), max(high, w[k])
		}
		if c.wide[of].least == 0 {
			least = min(least, 2*low/high)
		} else if c.narrow[of].most > 0 {
			least = min(least, c.wide[of].least/c.narrow[of].most)
		}
	}
	return least
}

// The start of a Codabar is first looked at coarsely: its quiet zone as a share of a character, and how many times
// longer the wide bar is than the first one, the second of the spaces than the shortest, and the longest than the
// second. Characters have two wide elements or three, and so differ by codabarDiffer of the larger at most; between two
// of them are codabarGap modules at most.
const (
	startZone                        = 0.35
	startBar, startSpace, startAlike = 1.25, 1.2, 2
	codabarDiffer, codabarGap        = 0.4, 5
)

// startsCodabar says whether element i may begin a start character behind a quiet zone: of the bars one that is not the
// first is wide, of the spaces two, and another character follows.
func startsCodabar(s *widths, i int) bool {
	size := s.at[i+7] - s.at[i]
	if !quiet(s, i-1, startZone, size) || !similar(s.at[i+15]-s.at[i+8], size, codabarDiffer) {
		return false
	}
	w := s.w[i : i+7]
	low, high := min(w[1], w[3], w[5]), max(w[1], w[3], w[5])
	middle := w[1] + w[3] + w[5] - low - high
	return max(w[2], w[4], w[6]) > startBar*w[0] && middle > startSpace*low && high < startAlike*middle
}

// outersDiffer is by which share of the larger a start and a stop character may differ in size, which have three wide
// elements each. In the pictures of Codabar it is at most 0.06.
const outersDiffer = 0.2

// readCodabar reads EN 798. The start and stop characters are not part of the text, as scanners are set by default.
func readCodabar(s *widths, i int) (reading, bool) {
	if i+23 > len(s.w) || !startsCodabar(s, i) || !strings.ContainsRune("ABCD", rune(charCodabar(s.w[i:]))) {
		return reading{}, false
	}
	module := total(s.w[i:i+7]) / 10
	if !quiet(s, i-1, 4, module) {
		return reading{}, false
	}
	var text []byte
	var whole contrast
	first := charCodabar(s.w[i:])
	whole.add(s.w[i:i+7], bitsCodabar(first), 0, 1)
	for at := i + 8; at+7 < len(s.w) && len(text) < 60; at += 8 {
		if s.w[at-1] > codabarGap*module || !similar(total(s.w[at:at+7]), 10*module, codabarDiffer) {
			return reading{}, false
		}
		c := charCodabar(s.w[at:])
		if c == 0 {
			return reading{}, false
		}
		whole.gaps.add(s.w[at-1])
		whole.add(s.w[at:at+7], bitsCodabar(c), 0, 1)
		switch {
		case c < 'A':
			text = append(text, c)
		case len(text) < 4 || !whole.clear() || !whole.ends(s, i, at+7) ||
			!similar(s.at[at+7]-s.at[at], s.at[i+7]-s.at[i], outersDiffer) ||
			!s.steadyCodabar(i+8, text) ||
			!s.charsAlike(i+8, 8*len(text)-1, len(text), gapElements(7, text, bitsCodabar), fitLeast, fitTimes):
			return reading{}, false
		default:
			return reading{format: symbol.Codabar, text: string(text), aim: "]F0", raw: places(text, alphabetCodabar),
				from: i, to: at + 7, outer: [2]byte{first, c}}, true
		}
	}
	return reading{}, false
}

// sizesDiffer is by which share of the larger the modules of a character may differ from those of its neighbours, which
// have two or three wide elements as it has. A white streak over a bar made an 8 of a /, which has one wide element
// more: 0.1. Of 265 that were spoilt as much and are read right, 19 in 20 have at most that, and half of them 0.02.
const sizesDiffer = 0.09

// steadyCodabar says whether the sizes of the characters of a text, from element i on, are those that their wide and
// narrow elements ask for.
func (s *widths) steadyCodabar(i int, text []byte) bool {
	var sum, n [2]float32 // of narrow and wide elements
	for k, c := range text {
		for element, w := range s.w[i+8*k : i+8*k+7] {
			wide := bitsCodabar(c) >> (6 - element) & 1
			sum[wide], n[wide] = sum[wide]+w, n[wide]+1
		}
	}
	ratio := sum[1] / n[1] * n[0] / sum[0]
	module := func(k int) float32 {
		wide := float32(bits.OnesCount(uint(bitsCodabar(text[k]))))
		return total(s.w[i+8*k:i+8*k+7]) / (7 - wide + wide*ratio)
	}
	for k := range text {
		before, after := k-1, k+1
		if k == 0 {
			before = after
		} else if after == len(text) {
			after = before
		}
		if !similar(module(k), (module(before)+module(after))/2, sizesDiffer) {
			return false
		}
	}
	return true
}
