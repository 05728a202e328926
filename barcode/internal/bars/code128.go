package bars

import (
	"slices"

	"github.com/offlane/offlane/barcode/internal/symbol"
)

// code128 are the patterns of ISO/IEC 15417, table 1, values 0 to 105 (103 to 105 start code sets A, B and C), and
// the stop pattern without its last bar.
var code128 = newTable(
	"212222", "222122", "222221", "121223", "121322", "131222", "122213", "122312", "132212", "221213",
	"221312", "231212", "112232", "122132", "122231", "113222", "123122", "123221", "223211", "221132",
	"221231", "213212", "223112", "312131", "311222", "321122", "321221", "312212", "322112", "322211",
	"212123", "212321", "232121", "111323", "131123", "131321", "112313", "132113", "132311", "211313",
	"231113", "231311", "112133", "112331", "132131", "113123", "113321", "133121", "313121", "211331",
	"231131", "213113", "213311", "213131", "311123", "311321", "331121", "312113", "312311", "332111",
	"314111", "221411", "431111", "111224", "111422", "121124", "121421", "141122", "141221", "112214",
	"112412", "122114", "122411", "142112", "142211", "241211", "221114", "413111", "241112", "134111",
	"111242", "121142", "121241", "114212", "124112", "124211", "411212", "421112", "421211", "212141",
	"214121", "412121", "111143", "111341", "131141", "114113", "114311", "411113", "411311", "113141",
	"114131", "311141", "411131", "211412", "211214", "211232", "233111")

const (
	shift128 = 98
	codeC    = 99
	codeB    = 100
	codeA    = 101
	fnc1     = 102
	startA   = 103
	stop     = 106
)

// What the characters of Code 39, 93 and 128 have in common. A coarse look at a start asks for charZone of a character
// of light before it, and that two of its edges lie no farther from where they should than startOff modules. A
// character differs from the one before by at most charDiffer of the larger, the last bar of the stop by lastBar. Of
// the quiet zones of ten modules half must be seen, where a check character vouches for the text.
const (
	charZone, startOff  = 0.4, 0.9
	charDiffer, lastBar = 0.25, 0.4
	zone                = 5
)

// isNear says whether a length is no farther from another than a start may be off, both in modules and so many times
// more.
func isNear(x, want, times float32) bool { return x > want-startOff*times && x < want+startOff*times }

// startsCode128 says whether element i may begin a start character, which are all two, one and one module and eight
// more, and another character of that size follows.
func startsCode128(s *widths, i int) bool {
	at := s.at[i : i+13]
	size := at[6] - at[0]
	two, three := 11*(at[3]-at[1]), 11*(at[2]-at[0])
	return quiet(s, i-1, charZone, size) && isNear(two, 2*size, size) && isNear(three, 3*size, size) &&
		similar(at[12]-at[6], size, charDiffer)
}

func readCode128(s *widths, i int) (reading, bool) {
	if len(s.w)-i < 24 || !startsCode128(s, i) {
		return reading{}, false
	}
	first := code128.closest(s.w[i:])
	size := total(s.w[i : i+6])
	if first < startA || first == stop || !quiet(s, i-1, zone, size/11) {
		return reading{}, false
	}
	var room [102]byte // as many as are taken, so that lines without a symbol cost no memory
	values := append(room[:0], byte(first))
	at := i + 6
	for ; ; at += 6 {
		if at+7 > len(s.w) || len(values) > 100 {
			return reading{}, false
		}
		next := total(s.w[at : at+6])
		if !similar(next, size, charDiffer) {
			return reading{}, false
		}
		size = next
		v := code128.closest(s.w[at:])
		if v < 0 || v >= startA {
			break
		}
		values = append(values, byte(v))
	}
	if code128.closest(s.w[at:]) != stop || !similar(s.w[at+6], 2*size/11, lastBar) || !quiet(s, at+7, zone, size/11) {
		return reading{}, false
	}
	if len(values) < 3 || !check128(values) || !code128.barsAgree(s, i, values) ||
		!code128.areAlike(s, i, values) {
		return reading{}, false
	}
	values = values[:len(values)-1]
	text, aim, ok := text128(values)
	got := reading{format: symbol.Code128, text: text, aim: aim, raw: slices.Clone(values), from: i, to: at + 7}
	return got, ok && text != ""
}

func check128(values []byte) bool {
	n := len(values) - 1
	return sum128(values[:n]) == values[n]
}

// sum128 is the check character of a start and what follows it.
func sum128(values []byte) byte {
	sum := int(values[0])
	for k, v := range values {
		sum += k * int(v)
	}
	return byte(sum % 103)
}

// text128 returns what the values say; FNC1 in first place makes it GS1-128, in second place the text of an AIM
// application. FNC4 moves a character, or from a pair on all, into the upper half of ISO 8859-1.
func text128(values []byte) (text, aim string, ok bool) {
	var out []rune
	aim = "]C0"
	set := codeA - (values[0] - startA) // A 101, B 100, C 99
	shifted, upper, latched := false, false, false
	for k, v := range values[1:] {
		use := set
		if shifted {
			use, shifted = codeA+codeB-set, false
		}
		switch {
		case v == fnc1 && k == 0:
			aim = "]C1"
		case v == fnc1 && (k == 1 && aim == "]C0"):
			aim = "]C2"
		case v == fnc1:
			out = append(out, 0x1d)
		case use == codeC && v < 100:
			out = append(out, rune('0'+v/10), rune('0'+v%10))
		case v < 96:
			c := rune(v) + ' '
			if use == codeA && v >= 64 {
				c = rune(v) - 64
			}
			if upper != latched {
				c += 128
			}
			upper = false
			out = append(out, c)
		case v == use && use != codeC: // the set's own code is FNC4
			if upper {
				latched = !latched
			}
			upper = !upper
		case v == codeA || v == codeB || v == codeC:
			set = v
		case v == shift128:
			shifted = true
		case v > shift128:
			return "", "", false
		}
	}
	return string(out), aim, true
}
