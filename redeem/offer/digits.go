package offer

import (
	"fmt"
	"math/big"

	"github.com/offlane/offlane/redeem/fault"
)

// digitsLen is the length of an identifier in decimal digits with its check digit: even, as Code 128's code set C packs
// digits in pairs.
const digitsLen = 40

// damm is the quasigroup of order ten given by H. Michael Damm (2004). It is totally anti-symmetric, so that the check
// digit detects every wrong digit and every swap of neighbours; its diagonal is zero, so that a number with its check
// digit behind it comes to zero.
var damm = [10][10]byte{
	{0, 3, 1, 7, 5, 9, 8, 6, 4, 2},
	{7, 0, 9, 2, 1, 5, 4, 8, 6, 3},
	{4, 2, 0, 6, 8, 7, 1, 3, 5, 9},
	{1, 7, 5, 0, 9, 8, 3, 4, 2, 6},
	{6, 1, 2, 3, 0, 4, 5, 9, 7, 8},
	{3, 6, 7, 4, 2, 0, 9, 5, 8, 1},
	{5, 8, 6, 9, 7, 2, 0, 1, 3, 4},
	{8, 9, 4, 5, 3, 6, 2, 0, 1, 7},
	{9, 4, 3, 8, 6, 1, 7, 2, 0, 5},
	{2, 5, 8, 1, 4, 3, 6, 7, 9, 0},
}

func dammSum(digits string) byte {
	sum := byte(0)
	for _, c := range []byte(digits) {
		sum = damm[sum][c-'0']
	}
	return sum
}

// Digits returns the identifier as 40 digits: the number in 39 and a check digit.
func (id ID) Digits() string {
	text := fmt.Sprintf("%0*d", digitsLen-1, new(big.Int).SetBytes(id[:]))
	return text + string('0'+rune(dammSum(text)))
}

// parseDigits reads the 40 digits that Digits returns, hyphens and spaces passed over. Its error is fault.Mistyped
// where the check digit does not fit or the length is another, fault.Unreadable for a text that is no such number at
// all.
func parseDigits(text string) (ID, error) {
	digits, ok := onlyDigits(text)
	if !ok {
		return ID{}, errorf(fault.Unreadable, "the text is not of digits alone")
	}
	if len(digits) != digitsLen {
		return ID{}, errorf(fault.Mistyped, "an identifier has %d digits, this one has %d", digitsLen, len(digits))
	}
	if dammSum(digits) != 0 {
		return ID{}, errorf(fault.Mistyped, "a digit is wrong, or two are swapped: the check digit does not fit")
	}
	number, _ := new(big.Int).SetString(digits[:digitsLen-1], 10)
	if number.BitLen() > 128 || number.Sign() == 0 {
		return ID{}, errorf(fault.Unreadable, "no offer has this number: it is outside the range of identifiers")
	}
	var id ID
	number.FillBytes(id[:])
	return id, nil
}

// onlyDigits returns the digits of a text that has besides them at most hyphens and spaces.
func onlyDigits(text string) (string, bool) {
	if len(text) > 2*digitsLen {
		return "", false
	}
	digits := make([]byte, 0, digitsLen)
	for _, c := range []byte(text) {
		switch {
		case c >= '0' && c <= '9':
			digits = append(digits, c)
		case c != '-' && c != ' ':
			return "", false
		}
	}
	return string(digits), len(digits) > 0
}
