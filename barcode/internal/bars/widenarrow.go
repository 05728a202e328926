package bars

import (
	"strings"

	"github.com/offlane/offlane/barcode/internal/symbol"
)

// wideOnes returns which of the elements are wide as bits, the first the highest, or -1: there must be a clear gap in
// length between the wide and the narrow ones, bars and spaces each among themselves or all together.
func wideOnes(w []float32, wide int) int {
	var used [16]bool
	bits := 0
	least := float32(1e9)
	for range wide {
		best := -1
		for k, x := range w {
			if !used[k] && (best < 0 || x > w[best]) {
				best = k
			}
		}
		used[best] = true
		bits |= 1 << (len(w) - 1 - best)
		least = min(least, w[best])
	}
	var widest, narrowest float32 = 0, 1e9
	for k, x := range w {
		if !used[k] {
			widest, narrowest = max(widest, x), min(narrowest, x)
		}
	}
	if least < 1.3*widest || widest > 3*narrowest {
		return -1
	}
	return bits
}

// A contrast sees to it that over a whole symbol every wide bar is longer than every narrow one, and so for spaces:
// these symbologies need no check character, and bars of others pass for their characters one by one.
type contrast struct {
	narrow, wide [2]extent // of bars and of spaces
	gaps         extent    // between characters
}

// An extent is the shortest and the longest of some elements; zero: there are none.
type extent struct{ least, most float32 }

func (e *extent) add(x float32) {
	if e.least == 0 || x < e.least {
		e.least = x
	}
	e.most = max(e.most, x)
}

func (c *contrast) add(w []float32, bits, kind, alternate int) {
	for k, x := range w {
		of := (kind + k*alternate) % 2
		if bits>>(len(w)-1-k)&1 == 1 {
			c.wide[of].add(x)
		} else {
			c.narrow[of].add(x)
		}
	}
}

// clear says whether there is a gap between the wide and the narrow ones.
func (c *contrast) clear() bool {
	for of := range 2 {
		if c.wide[of].least > 0 && c.wide[of].least < 1.15*c.narrow[of].most {
			return false
		}
	}
	return true
}

// uneven is how many times longer the longest of the narrow or of the wide elements is than the shortest of them.
func (c *contrast) uneven() (most float32) {
	for of := range 2 {
		for _, e := range [3]extent{c.narrow[of], c.wide[of], c.gaps} {
			if e.most > 0 {
				most = max(most, e.most/e.least)
			}
		}
	}
	return most
}

// full is the quiet zone that ISO/IEC 16388, ISO/IEC 16390 and EN 798 ask for, in modules.
const full = 10

// even is how uneven elements of one kind may be where the picture cuts a quiet zone off. Of 15 pictures of Codabar and
// Code 39 the seven so cut have 1.0 to 2.0; a part of a Code 39 that passes for a Codabar has 3.0.
const even = 2.2

// ends says whether a symbol of elements from to before to can be believed to end there: part of a symbol of another
// kind that fills the picture has neither quiet zones nor elements of two widths as this one reads them.
func (c *contrast) ends(s *widths, from, to int, module float32) bool {
	return seenQuiet(s, from, to, full, module) || c.uneven() < even
}

const alphabet39 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%*"

var code39 = []int{
	0x034, 0x121, 0x061, 0x160, 0x031, 0x130, 0x070, 0x025, 0x124, 0x064, 0x109, 0x049, 0x148, 0x019, 0x118,
	0x058, 0x00d, 0x10c, 0x04c, 0x01c, 0x103, 0x043, 0x142, 0x013, 0x112, 0x052, 0x007, 0x106, 0x046, 0x016,
	0x181, 0x0c1, 0x1c0, 0x091, 0x190, 0x0d0, 0x085, 0x184, 0x0c4, 0x0a8, 0x0a2, 0x08a, 0x02a, 0x094,
}

func bits39(c byte) int { return code39[strings.IndexByte(alphabet39, c)] }

func char39(w []float32) byte {
	if k := index(code39, wideOnes(w[:9], 3)); k >= 0 {
		return alphabet39[k]
	}
	return 0
}

// starts39 says whether element i may begin an asterisk behind a quiet zone, whose second, fifth and seventh elements
// are wide, and another character of its size follows.
func starts39(s *widths, i int) bool {
	w := s.w[i : i+9]
	return quiet(s, i-1, 0.3, s.at[i+9]-s.at[i]) && w[1] > w[0] && w[1] > w[2] && w[4] > w[3] && w[4] > w[5] &&
		w[6] > w[7] && w[6] > w[8] &&
		similar(s.at[i+19]-s.at[i+10], s.at[i+9]-s.at[i], 0.25)
}

// readCode39 reads ISO/IEC 16388 without a check character and without full ASCII, which only an agreement tells.
func readCode39(s *widths, i int) (reading, bool) {
	if i+29 > len(s.w) || !starts39(s, i) || char39(s.w[i:]) != '*' {
		return reading{}, false
	}
	size := total(s.w[i : i+9])
	if !quiet(s, i-1, 5, size/13) {
		return reading{}, false
	}
	var text []byte
	var all, whole contrast
	whole.add(s.w[i:i+9], bits39('*'), 0, 1)
	for at := i + 10; at+9 < len(s.w) && len(text) < 100; at += 10 {
		next := total(s.w[at : at+9])
		if !similar(next, size, 0.25) || s.w[at-1] > size/3 {
			return reading{}, false
		}
		size = next
		c := char39(s.w[at:])
		if c == 0 {
			return reading{}, false
		}
		whole.gaps.add(s.w[at-1])
		whole.add(s.w[at:at+9], bits39(c), 0, 1)
		switch {
		case c != '*':
			text = append(text, c)
			all.add(s.w[at:at+9], bits39(c), 0, 1)
		case len(text) < 2 || !quiet(s, at+9, 5, size/13) || !all.clear() || !whole.ends(s, i, at+9, size/13):
			return reading{}, false
		default:
			return reading{format: symbol.Code39, text: string(text), aim: "]A0", raw: places(text, alphabet39),
				from: i, to: at + 9}, true
		}
	}
	return reading{}, false
}

// places are characters as their numbers in an alphabet.
func places(text []byte, alphabet string) []byte {
	out := make([]byte, len(text))
	for i, c := range text {
		out[i] = byte(strings.IndexByte(alphabet, c))
	}
	return out
}

const alphabetCodabar = "0123456789-$:/.+ABCD"

var codabar = []int{
	0x03, 0x06, 0x09, 0x60, 0x12, 0x42, 0x21, 0x24, 0x30, 0x48, 0x0c, 0x18, 0x45, 0x51, 0x54, 0x15, 0x1a, 0x29,
	0x0b, 0x0e,
}

func valueCodabar(c byte) int { return strings.IndexByte(alphabetCodabar, c) }

func bitsCodabar(c byte) int { return codabar[valueCodabar(c)] }

// charCodabar takes bars and spaces apart, as their widths differ in this symbology: the character whose wide elements
// stand out most clearly from the narrow ones, if no other comes near. Where that does not tell, bars and spaces
// together.
func charCodabar(w []float32) byte {
	best, second, char := float32(0), float32(0), byte(0)
	for k, bits := range codabar {
		var c contrast
		c.add(w[:7], bits, 0, 1)
		if r := c.apart(w[:7]); r > best {
			best, second, char = r, best, alphabetCodabar[k]
		} else if r > second {
			second = r
		}
	}
	if best >= 1.3 {
		if best < 1.15*second {
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

// apart tells how many times longer the wide elements are than the narrow ones, of bars and of spaces, the lesser.
// Where all are narrow they must be alike: the narrowest stands for half a wide one.
func (c *contrast) apart(w []float32) (least float32) {
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

// startsCodabar says whether element i may begin a start character behind a quiet zone: of the bars one that is not the
// first is wide, of the spaces two, and another character follows.
func startsCodabar(s *widths, i int) bool {
	size := s.at[i+7] - s.at[i]
	if !quiet(s, i-1, 0.35, size) || !similar(s.at[i+15]-s.at[i+8], size, 0.4) {
		return false
	}
	w := s.w[i : i+7]
	low, high := min(w[1], w[3], w[5]), max(w[1], w[3], w[5])
	middle := w[1] + w[3] + w[5] - low - high
	return max(w[2], w[4], w[6]) > 1.25*w[0] && middle > 1.2*low && high < 2*middle
}

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
	var all, whole contrast
	first := charCodabar(s.w[i:])
	whole.add(s.w[i:i+7], bitsCodabar(first), 0, 1)
	for at := i + 8; at+7 < len(s.w) && len(text) < 60; at += 8 {
		if s.w[at-1] > 5*module || !similar(total(s.w[at:at+7]), 10*module, 0.4) {
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
			all.add(s.w[at:at+7], bitsCodabar(c), 0, 1)
		case len(text) < 4 || !quiet(s, at+7, 4, module) || !all.clear() || !whole.ends(s, i, at+7, module):
			return reading{}, false
		default:
			return reading{format: symbol.Codabar, text: string(text), aim: "]F0", raw: places(text, alphabetCodabar),
				from: i, to: at + 7, around: valueCodabar(first) + valueCodabar(c)}, true
		}
	}
	return reading{}, false
}

var itfDigits = []int{0x06, 0x11, 0x09, 0x18, 0x05, 0x14, 0x0c, 0x03, 0x12, 0x0a}

// quietITF is how much of the quiet zones of ten modules must be seen, in modules that spread of ink makes larger than
// printed. Fourteen pictures of labels have 7.1 and more in the median of their lines.
const quietITF = 6

// readITF reads ISO/IEC 16390. A line that leaves through the top of a symbol reads a shorter one, and so does one
// across a part of it: so fewer than six digits are not believed, and both quiet zones must be in the picture.
func readITF(s *widths, i int) (reading, bool) {
	if i+4+30+3 > len(s.w) {
		return reading{}, false
	}
	narrow := (s.at[i+4] - s.at[i]) / 4
	if s.w[i-1] < quietITF*narrow {
		return reading{}, false
	}
	for _, x := range s.w[i : i+4] {
		if !similar(x, narrow, 0.5) {
			return reading{}, false
		}
	}
	var text []byte
	var all contrast
	at := i + 4
	for ; at+10 < len(s.w) && len(text) < 80 && !endsITF(s, at, narrow); at += 10 {
		var bars, spaces [5]float32
		for k := range 5 {
			bars[k], spaces[k] = s.w[at+2*k], s.w[at+2*k+1]
		}
		size := total(s.w[at : at+10])
		a, b := index(itfDigits, wideOnes(bars[:], 2)), index(itfDigits, wideOnes(spaces[:], 2))
		if a < 0 || b < 0 || size < 11*narrow || size > 21*narrow {
			return reading{}, false
		}
		text = append(text, byte('0'+a), byte('0'+b))
		all.add(bars[:], itfDigits[a], 0, 0)
		all.add(spaces[:], itfDigits[b], 1, 0)
	}
	if len(text) < 6 || !all.clear() || !endsITF(s, at, narrow) {
		return reading{}, false
	}
	return reading{format: symbol.ITF, text: string(text), aim: "]I0", raw: values(text), from: i, to: at + 3}, true
}

// endsITF says whether the stop pattern stands at element at: wide, narrow, narrow, quiet zone.
func endsITF(s *widths, at int, narrow float32) bool {
	if at+4 > len(s.w) {
		return false
	}
	return s.w[at] > 1.4*s.w[at+2] && s.w[at] < 4.5*narrow && s.w[at+1] < 1.8*narrow && s.w[at+2] < 1.8*narrow &&
		s.w[at+3] >= quietITF*narrow
}
