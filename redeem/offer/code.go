package offer

import (
	"fmt"
	"strings"

	"github.com/offlane/offlane/redeem/fault"
)

// codeLen is the length of a short code in symbols, without separators.
const codeLen = codeData + 2

const (
	codeData     = 26
	codeAlphabet = "0123456789ABCDEFGHJKLMNPRSTUVWXY"
	codeGroup    = 7
)

var codeValue = codeValues()

func codeValues() (values [256]int8) {
	for i := range values {
		values[i] = -1
	}
	for i, c := range []byte(codeAlphabet) {
		values[c] = int8(i)
		if c >= 'A' {
			values[c|0x20] = int8(i)
		}
	}
	return values
}

// Code returns the short code, 28 symbols without separators.
func (id ID) Code() string {
	var symbols [codeLen]byte
	bits, have := uint32(0), 2 // two zero bits lead, so that 130 bits make 26 symbols
	next := 0
	for _, b := range id {
		bits, have = bits<<8|uint32(b), have+8
		for ; have >= 5; next++ {
			have -= 5
			symbols[next] = byte(bits>>have) & 31
		}
	}
	symbols[codeData], symbols[codeData+1] = checks(symbols[:codeData])
	for i, s := range symbols {
		symbols[i] = codeAlphabet[s]
	}
	return string(symbols[:])
}

// Grouped returns the short code in four groups of seven joined by hyphens, for people.
func (id ID) Grouped() string {
	code := id.Code()
	groups := make([]string, 0, codeLen/codeGroup)
	for ; code != ""; code = code[codeGroup:] {
		groups = append(groups, code[:codeGroup])
	}
	return strings.Join(groups, "-")
}

// ParseCode reads a short code as it is typed: hyphens and spaces are passed over, small letters count as capitals. It
// never corrects. Its error is fault.Mistyped where one symbol is wrong or missing, saying which, or where more are;
// fault.Swapped where two neighbours stand in the wrong order; fault.Unreadable for a text that is no short code at
// all. Where one place is to be looked at, a SymbolError in the error's tree says which.
func ParseCode(text string) (ID, error) {
	var symbols [codeLen]byte
	n, err := codeSymbols(text, &symbols)
	switch {
	case err != nil:
		return ID{}, err
	case n != codeLen:
		return ID{}, errorf(fault.Mistyped, "a short code has %d symbols, this one has %d: read it out again", codeLen, n)
	}
	if err := checkCode(symbols[:]); err != nil {
		return ID{}, err
	}
	id, ok := codeID(symbols[:codeData])
	if !ok || id.IsZero() {
		return ID{}, errorf(fault.Unreadable, "no offer has this short code: it is outside the range of identifiers")
	}
	return id, nil
}

// codeSymbols fills symbols with the values of the text's symbols and returns how many there are.
func codeSymbols(text string, symbols *[codeLen]byte) (int, error) {
	if len(text) > 3*codeLen {
		return 0, errorf(fault.Unreadable, "a short code has %d symbols, this text has %d bytes", codeLen, len(text))
	}
	n := 0
	for _, r := range text {
		if r == '-' || r == ' ' {
			continue
		}
		if r > 0x7f || codeValue[byte(r)] < 0 {
			return 0, errorf(fault.Mistyped, "%w", wrongSymbol(n+1, "symbol %d is %q, which no short code has%s", n+1,
				r, lookalike(r)))
		}
		if n < codeLen {
			symbols[n] = byte(codeValue[byte(r)])
		}
		n++
	}
	return n, nil
}

// lookalike names the symbol that was probably meant.
func lookalike(r rune) string {
	switch r {
	case 'O', 'o', 'Q', 'q':
		return ": is it the digit 0?"
	case 'I', 'i', '|':
		return ": is it the digit 1?"
	case 'Z', 'z':
		return ": is it the digit 2?"
	}
	return ""
}

func checkCode(symbols []byte) error {
	s0, s1 := syndromes(symbols)
	switch {
	case s0 == 0 && s1 == 0:
		return nil
	case s0 == 0:
		return swapError(symbols, s1)
	case s1 == 0:
		return manyWrong()
	}
	place := gfLog[gfDiv(s1, s0)]
	if int(place) >= codeLen {
		return manyWrong()
	}
	position := int(place) + 1
	return errorf(fault.Mistyped, "%w: type it again", wrongSymbol(position, "symbol %d (%c) is wrong", position,
		codeAlphabet[symbols[place]]))
}

func manyWrong() error {
	return errorf(fault.Mistyped, "more than one symbol is wrong: read the code out again")
}

// swapError names every pair of neighbours whose exchange would make the code fit. There may be several, which is why
// nothing is corrected, and there may be none, when the fault is another one.
func swapError(symbols []byte, s1 byte) error {
	var pairs []string
	first := 0
	for i := range symbols[:len(symbols)-1] {
		if gfMul(symbols[i]^symbols[i+1], gfExp[i]^gfExp[i+1]) == s1 {
			pairs, first = append(pairs, pairName(i, symbols)), i+1
		}
	}
	switch len(pairs) {
	case 0:
		return manyWrong()
	case 1:
		return errorf(fault.Swapped, "%w", wrongSymbol(first, "two neighbouring symbols are swapped: %s", pairs[0]))
	}
	return errorf(fault.Swapped, "two neighbouring symbols are swapped: %s", strings.Join(pairs, " or "))
}

// codeID packs 26 symbols into an identifier; ok is false where the two leading bits are not zero.
func codeID(symbols []byte) (id ID, ok bool) {
	bits, have := uint32(symbols[0]), 3
	next := 0
	for _, s := range symbols[1:] {
		bits, have = bits<<5|uint32(s), have+5
		if have >= 8 {
			have -= 8
			id[next] = byte(bits >> have)
			next++
		}
	}
	return id, symbols[0] < 8
}

func pairName(i int, symbols []byte) string {
	return fmt.Sprintf("%d and %d (%c%c)", i+1, i+2, codeAlphabet[symbols[i]], codeAlphabet[symbols[i+1]])
}
