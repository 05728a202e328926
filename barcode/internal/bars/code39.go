package bars

import (
	"slices"
	"strings"

	"github.com/offlane/offlane/barcode/internal/symbol"
)

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
	return quiet(s, i-1, charZone, s.at[i+9]-s.at[i]) && w[1] > w[0] && w[1] > w[2] && w[4] > w[3] && w[4] > w[5] &&
		w[6] > w[7] && w[6] > w[8] &&
		similar(s.at[i+19]-s.at[i+10], s.at[i+9]-s.at[i], charDiffer)
}

// gap39 is the longest space between two characters, as a share of one: four modules of thirteen.
const gap39 = 0.33

// fit39 and fit39Times are fitLeast and fitTimes of a Code 39, whose start and stop are known and are compared as well:
// of two characters the median would be the worse one. Under a fence along the bars the A of A9 was a D, 0.31 off, the
// others 0.04, and the X of K3X1 a V, 0.34 off and more, the others 0.04 to 0.08. Of 423 covered Code 39 that are read
// right two lose all lines, of 277 spoilt ones three, of those of pictures none.
const fit39, fit39Times = 0.16, 2

// alike39 says whether the characters of a text fit what was measured from element i on, a start, as start and stop do.
func (s *widths) alike39(i int, text []byte) bool {
	all := slices.Concat([]byte("*"), text, []byte("*"))
	return s.charsAlike(i, 10*len(all)-1, len(all), gapElements(9, all, bits39), fit39, fit39Times)
}

// readCode39 reads ISO/IEC 16388 without a check character and without full ASCII, which only an agreement tells.
func readCode39(s *widths, i int) (reading, bool) {
	if i+29 > len(s.w) || !starts39(s, i) || char39(s.w[i:]) != '*' {
		return reading{}, false
	}
	size := total(s.w[i : i+9])
	if !quiet(s, i-1, zone, size/13) {
		return reading{}, false
	}
	var text []byte
	var whole contrast
	whole.add(s.w[i:i+9], bits39('*'), 0, 1)
	for at := i + 10; at+9 < len(s.w) && len(text) < 100; at += 10 {
		next := total(s.w[at : at+9])
		if !similar(next, size, charDiffer) || s.w[at-1] > gap39*size {
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
		case len(text) < 2 || !whole.clear() || !whole.ends(s, i, at+9) ||
			!s.alike39(i, text):
			return reading{}, false
		default:
			return reading{format: symbol.Code39, text: string(text), aim: "]A0", raw: places(text, alphabet39),
				from: i, to: at + 9}, true
		}
	}
	return reading{}, false
}
