package bars

import (
	"strings"

	"github.com/offlane/offlane/barcode/internal/symbol"
)

// alphabet93 ends in the four shifts ($) (%) (/) (+), here a to d, and start and stop.
const alphabet93 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%abcd*"

var code93 = newTable(
	"131112", "111213", "111312", "111411", "121113", "121212", "121311", "111114", "131211", "141111",
	"211113", "211212", "211311", "221112", "221211", "231111", "112113", "112212", "112311", "122112",
	"132111", "111123", "111222", "111321", "121122", "131121", "212112", "212211", "211122", "211221",
	"221121", "222111", "112122", "112221", "122121", "123111", "121131", "311112", "311211", "321111",
	"112131", "113121", "211131", "121221", "312111", "311121", "122211", "111141")

// startsCode93 says whether element i may begin the start character, 111141, and another of its size follows.
func startsCode93(s *widths, i int) bool {
	at := s.at[i : i+13]
	size := at[6] - at[0]
	a, b := 9*(at[2]-at[0]), 9*(at[4]-at[2])
	return quiet(s, i-1, charZone, size) && isNear(a, 2*size, size) && isNear(b, 2*size, size) &&
		similar(at[12]-at[6], size, charDiffer)
}

// lastBar93 is by which share of the larger the last bar differs from a module.
const lastBar93 = 0.6

// readCode93 reads AIM BC5 with its two check characters.
func readCode93(s *widths, i int) (reading, bool) {
	if i+6*5 > len(s.w) || !startsCode93(s, i) || code93.closest(s.w[i:]) != 47 {
		return reading{}, false
	}
	size := total(s.w[i : i+6])
	if !quiet(s, i-1, zone, size/9) {
		return reading{}, false
	}
	var values []byte
	at := i + 6
	for ; ; at += 6 {
		if at+7 >= len(s.w) || len(values) > 100 {
			return reading{}, false
		}
		next := total(s.w[at : at+6])
		v := code93.closest(s.w[at:])
		if v < 0 || !similar(next, size, charDiffer) {
			return reading{}, false
		}
		if v == 47 {
			break
		}
		size = next
		values = append(values, byte(v))
	}
	if !similar(s.w[at+6], size/9, lastBar93) || !quiet(s, at+7, zone, size/9) || !check93(values) ||
		!code93.areAlike(s, i+6, values) {
		return reading{}, false
	}
	values = values[:len(values)-2]
	text, ok := text93(values)
	return reading{format: symbol.Code93, text: text, aim: "]G0", raw: values, from: i, to: at + 7}, ok && text != ""
}

// check93 checks K, then C: sums modulo 47 with weights from the right, up to 15 and 20.
func check93(values []byte) bool {
	n := len(values)
	return n > 2 && sum93(values[:n-1], 15) == int(values[n-1]) && sum93(values[:n-2], 20) == int(values[n-2])
}

func sum93(values []byte, limit int) int {
	sum, weight := 0, 1
	for k := len(values) - 1; k >= 0; k-- {
		sum += weight * int(values[k])
		if weight++; weight > limit {
			weight = 1
		}
	}
	return sum % 47
}

// text93 resolves the shifts to full ASCII.
func text93(values []byte) (string, bool) {
	var out strings.Builder
	for k := 0; k < len(values); k++ {
		c := alphabet93[values[k]]
		if c < 'a' {
			out.WriteByte(c)
			continue
		}
		if k++; k == len(values) {
			return "", false
		}
		r, ok := shift93(c, alphabet93[values[k]])
		if !ok {
			return "", false
		}
		out.WriteByte(r)
	}
	return out.String(), true
}

func shift93(shift, c byte) (byte, bool) {
	if c < 'A' || c > 'Z' {
		return 0, false
	}
	n := c - 'A'
	switch shift {
	case 'a': // control characters
		return 1 + n, true
	case 'd': // lower case
		return 'a' + n, true
	case 'c': // ! to , and :
		if n == 25 {
			return ':', true
		}
		return '!' + n, n <= 14
	}
	const others = "\x1b\x1c\x1d\x1e\x1f;<=>?[\\]^_{|}~\x7f\x00@`\x7f\x7f\x7f"
	return others[n], true
}
