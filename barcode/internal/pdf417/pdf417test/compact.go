package pdf417test

import (
	"math/big"
	"strings"
)

// The submodes of text compaction with what their values mean; a letter that is no character of the text is a latch or
// a shift.
const (
	alpha = "ABCDEFGHIJKLMNOPQRSTUVWXYZ "
	lower = "abcdefghijklmnopqrstuvwxyz "
	mixed = "0123456789&\r\t,:#-.$/+%*=^\x00 "
	punct = ";<>@[\\]_`~!\r\t,:\n-.$/\"|*()?{}'"
)

// Text returns the codewords of printable ASCII, HT, CR and LF in text compaction, which a symbol begins in.
func Text(text string) (words []int) {
	values, mode := []int{}, alpha
	for i := range len(text) {
		c := text[i : i+1]
		v := strings.Index(mode, c)
		if v < 0 {
			if v = strings.Index(punct, c); v >= 0 && !strings.Contains(mixed, c) {
				values = append(values, 29, v) // shifted to
				continue
			}
			var latch []int
			if latch, mode = latchTo(mode, c); mode == alpha && len(latch) == 0 {
				return nil
			}
			values, v = append(values, latch...), strings.Index(mode, c)
		}
		values = append(values, v)
	}
	if len(values)%2 == 1 {
		values = append(values, 29)
	}
	for i := 0; i < len(values); i += 2 {
		words = append(words, 30*values[i]+values[i+1])
	}
	return words
}

// latchTo returns the values that latch from a submode to that of a character.
func latchTo(mode, c string) ([]int, string) {
	switch {
	case strings.Contains(lower, c):
		return []int{27}, lower
	case strings.Contains(mixed, c):
		return []int{28}, mixed
	case mode == lower:
		return []int{28, 28}, alpha
	}
	return []int{28}, alpha
}

// Bytes returns the codewords of bytes in byte compaction, the latch first.
func Bytes(raw string) []int {
	words := []int{901}
	if len(raw)%6 == 0 {
		words[0] = 924
	}
	for ; len(raw) >= 6; raw = raw[6:] {
		words = append(words, base900(new(big.Int).SetBytes([]byte(raw[:6])), 5)...)
	}
	for i := range len(raw) {
		words = append(words, int(raw[i]))
	}
	return words
}

// Digits returns the codewords of digits in numeric compaction, the latch first.
func Digits(digits string) []int {
	words := []int{902}
	for len(digits) > 0 {
		n := min(44, len(digits))
		v, _ := new(big.Int).SetString("1"+digits[:n], 10)
		words, digits = append(words, base900(v, n/3+1)...), digits[n:]
	}
	return words
}

// base900 returns the last n digits of a number to the base 900.
func base900(v *big.Int, n int) []int {
	words, rest := make([]int, n), new(big.Int)
	for i := n - 1; i >= 0; i-- {
		v, rest = v.DivMod(v, big.NewInt(900), rest)
		words[i] = int(rest.Int64())
	}
	return words
}

// ECI returns the codewords that name a character set.
func ECI(number int) []int {
	switch {
	case number < 900:
		return []int{927, number}
	case number < 810900:
		return []int{926, number/900 - 1, number % 900}
	}
	return []int{925, number - 810900}
}

// Macro returns the control block of a part of a message. A total of zero is not told; the last part says so.
func Macro(index, total int, id ...int) []int {
	words := append([]int{928}, number(index)...)
	words = append(words, id...)
	if total > 0 {
		words = append(append(words, 923, 1), number(total)...)
	}
	if index == total-1 {
		words = append(words, 922)
	}
	return words
}

func number(n int) []int { return base900(big.NewInt(int64(100000+n)), 2) }
