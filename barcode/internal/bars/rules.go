package bars

import (
	"slices"

	"github.com/offlane/offlane/barcode/internal/symbol"
)

// A Rule is what the caller knows of the symbols of ITF, Code 39 or Codabar, which need no check character.
type Rule struct {
	// Lengths are the lengths of the text that are read. None: any, and of ITF those that allowed names.
	Lengths []int
	// Check asks for the check character of the symbology at the end of the text.
	Check bool
}

// Rules has the caller's rules by format.
type Rules map[symbol.Format]Rule

// What is read of ITF without a rule: an ITF-14 whose check digit is right, and the length that is commonest on labels
// that are no ITF-14. A part of an ITF that ends in a wide bar, a narrow space and a narrow bar is a whole shorter one
// to every line across it: of 1,000 symbols of 6 to 20 digits that were cut or covered eight had ten such digits, and
// one had 18 whose check digit was right.
const itf14, itfLength = 14, 10

// itfZone is the longest quiet zone of ten digits without a check digit and without a rule, in modules: a white sticker
// over two more digits and a quiet zone makes a longer one. Of 12 pictures of such labels all have less than 22.1 at
// both ends in the median of their lines.
const itfZone = 24

// itfUneven is by how many modules the longer quiet zone of an ITF-14 that has no bearer bars may be longer than the
// other without a rule, where it is longer than itfZone. A white sticker over the last two digits of an ITF of 16 and
// its quiet zone left one of 14 whose check digit was right and nothing else to tell: two digits are 14 to 18 modules.
const itfUneven = 12

// allow says whether a reading is one that the caller wants, and notes in its identifier that a check digit was
// verified (ISO/IEC 15424).
func (rules Rules) allow(got *reading) bool {
	rule := rules[got.format]
	named := len(rule.Lengths) > 0
	if named && !slices.Contains(rule.Lengths, len(got.text)) {
		return false
	}
	switch got.format {
	case symbol.ITF:
		long, short := max(got.zones[0], got.zones[1]), min(got.zones[0], got.zones[1])
		if mod10([]byte(got.text)) && (rule.Check || !named && len(got.text) == itf14) {
			got.aim = "]I1"
			got.uneven = !named && long > itfZone && long > short+itfUneven
			return true
		}
		got.doubtful = !named && long > itfZone
		return !rule.Check && (named || len(got.text) == itfLength)
	case symbol.Code39:
		return !rule.Check || verify(got, 43, "]A1")
	case symbol.Codabar:
		return !rule.Check || verify(got, 16, "]F2")
	}
	return true
}

// verify checks that the last character is the one that a sum modulo the alphabet's size asks for: of Code 39 the sum
// of all characters before it, of Codabar that of all makes a multiple, start and stop included.
func verify(got *reading, modulus int, aim string) bool {
	sum := 0
	for _, v := range got.raw {
		sum += int(v)
	}
	last := int(got.raw[len(got.raw)-1])
	got.aim = aim
	if got.format == symbol.Code39 {
		return len(got.raw) > 1 && (sum-last)%modulus == last
	}
	return (sum+valueCodabar(got.outer[0])+valueCodabar(got.outer[1]))%modulus == 0
}
