package bars

import "github.com/offlane/offlane/barcode/internal/symbol"

var itfDigits = []int{0x06, 0x11, 0x09, 0x18, 0x05, 0x14, 0x0c, 0x03, 0x12, 0x0a}

// quietITF is how much of the quiet zones of ten modules must be seen, in modules that spread of ink makes larger than
// printed. Fourteen pictures of labels have 7.1 and more in the median of their lines.
const quietITF = 6

// What is asked of ITF before its elements are compared with each other: by which share of the larger those of the
// start differ from their mean, of how many of these a pair of digits has the length (14 to 18 as printed), and how
// many times longer than the last bar the wide one of the stop is.
const (
	startDiffers        = 0.5
	pairLeast, pairMost = 11, 21
	stopWide            = 1.4
)

// itfBare is the identifier of an ITF whose check digit nobody verified (ISO/IEC 15424).
const itfBare = "]I0"

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
		if !similar(x, narrow, startDiffers) {
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
		if a < 0 || b < 0 || size < pairLeast*narrow || size > pairMost*narrow {
			return reading{}, false
		}
		text = append(text, byte('0'+a), byte('0'+b))
		all.add(bars[:], itfDigits[a], 0, 0)
		all.add(spaces[:], itfDigits[b], 1, 0)
	}
	if len(text) < 6 || !all.clear() || !endsITF(s, at, narrow) || !all.hasBounds(s, i, at) ||
		!s.charsAlike(i+4, 5*len(text), len(text), pairElements(text), fitLeast, fitTimes) {
		return reading{}, false
	}
	module := all.module()
	return reading{format: symbol.ITF, text: string(text), aim: itfBare, raw: values(text), from: i, to: at + 3,
		zones: [2]float32{s.w[i-1] / module, s.w[at+3] / module}}, true
}

// odd is by how much more than the longest, and less than the shortest of the digits' elements of one kind those of the
// start and of the stop may be. In 12 of 14 pictures of labels nine lines in ten are within 1.2, in one half of them.
const odd = 1.2

// hasBounds says whether the elements of the start at element i and of the stop at element at are as those of the
// digits, as a bar is not that something cuts in two.
func (c *contrast) hasBounds(s *widths, i, at int) bool {
	return c.wide[0].isNear(s.w[at], odd) && c.narrow[1].isNear(s.w[at+1], odd) && c.narrow[0].isNear(s.w[at+2], odd) &&
		c.narrow[0].isNear(s.w[i], odd) && c.narrow[1].isNear(s.w[i+1], odd) && c.narrow[0].isNear(s.w[i+2], odd) &&
		c.narrow[1].isNear(s.w[i+3], odd)
}

// endsITF says whether the stop pattern stands at element at: wide, narrow, narrow, quiet zone.
func endsITF(s *widths, at int, narrow float32) bool {
	if at+4 > len(s.w) {
		return false
	}
	return s.w[at] > stopWide*s.w[at+2] &&
		s.w[at+3] >= quietITF*narrow
}
