package databar

import "fmt"

// What is added to the number of a symbol that is linked to a two-dimensional component above it.
const (
	linkedOmnidirectional = 10_000_000_000_000
	linkedLimited         = 2_015_133_531_096
)

// Omnidirectional returns the GTIN that a DataBar Omnidirectional says: the values of its four characters in order, the
// outer left one first, then the inner left, the outer right, the inner right.
func Omnidirectional(chars [4]int) (gtin string, ok bool) {
	left, right := chars[0]*Inner.Values+chars[1], chars[2]*Inner.Values+chars[3]
	number := int64(left)*int64(Outer.Values*Inner.Values) + int64(right)
	if number >= linkedOmnidirectional {
		number -= linkedOmnidirectional
	}
	return withCheck(number)
}

// FromLimited returns the GTIN that a DataBar Limited says, which begins with 0 or 1.
func FromLimited(left, right int) (gtin string, ok bool) {
	number := int64(left)*int64(Limited.Values) + int64(right)
	if number >= linkedLimited {
		number -= linkedLimited
	}
	if number > 1_999_999_999_999 {
		return "", false
	}
	return withCheck(number)
}

// withCheck adds the check digit to a number of 13 digits.
func withCheck(number int64) (string, bool) {
	if number >= linkedOmnidirectional {
		return "", false
	}
	return addCheck(fmt.Sprintf("%013d", number)), true
}

// addCheck adds the check digit to 13 digits.
func addCheck(digits string) string {
	sum := 0
	for i, c := range digits {
		sum += int(c-'0') * (3 - i%2*2)
	}
	return digits + string(rune('0'+(10-sum%10)%10))
}
