package barcode

import (
	"github.com/offlane/offlane/barcode/internal/bars"
	"github.com/offlane/offlane/barcode/internal/symbol"
)

// A Rule says what is known beforehand of symbols of [ITF], [Code39] or [Codabar]. None of them needs a check
// character, and a covered ITF can read as a shorter one: a rule makes reading surer. The zero value knows nothing.
type Rule struct {
	// Lengths are the lengths of [Symbol.Text] that are read, the check character included. None: every length; of ITF
	// an ITF-14 whose check digit is right, and 10 digits whose quiet zones have at most 24 modules: longer ones may hide
	// the rest of a symbol. So may one of an ITF-14 without bearer bars that has more and 12 modules more than the other.
	Lengths []int
	// Check asks for a check character as the last one: of ITF the digit modulo 10 of ITF-14 (ISO/IEC 16390, annex A),
	// of Code39 that modulo 43 (ISO/IEC 16388, annex A), of Codabar that modulo 16 (EN 798). It stays in the text, and the
	// identifier says that it was verified: "]I1", "]A1", "]F2".
	Check bool
}

// rules are those of the one-dimensional reader.
func (s *Scanner) rules() bars.Rules {
	rules := bars.Rules{}
	for f, r := range s.Rules {
		rules[symbol.Format(f)] = bars.Rule(r)
	}
	return rules
}
