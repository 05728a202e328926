package bars

import (
	"strings"

	"github.com/offlane/offlane/barcode/internal/databar"
)

// sequences are the finder patterns of symbols of two to eleven pairs, ISO/IEC 24724, table 16: every second one stands
// mirrored, and so each occurs once.
var sequences = [...]string{
	"AA", "ABB", "ACBD", "AEBDC", "AEBDDF", "AEBDEFF", "AABBCCDD", "AABBCCDEE", "AABBCCDEFF", "AABBCDDEEFF",
}

// A dbPair is a finder of DataBar Expanded with the characters beside it; the last one of a symbol may have none
// behind.
type dbPair struct {
	letter        byte
	before, after int // their values; after is -1 where there is none
	check         int // its part of the check sum
}

// expandedRow reads a row of DataBar Expanded that begins at a finder: from its first element to after its last.
func expandedRow(found []dbFinder, i int) (pairs []dbPair, from, to int, ok bool) {
	f := &found[i]
	if from, ok = f.begins(); !ok {
		return nil, 0, 0, false
	}
	for {
		p, ok := pairAt(f)
		if !ok {
			return nil, 0, 0, false
		}
		pairs = append(pairs, p)
		if p.after < 0 {
			return pairs, from, f.at + 6 + f.at%2, true
		}
		next := follower(found, f)
		if next == nil {
			to = f.at + 14 + f.at%2
			return pairs, from, to, f.ends(f.at+13, sliver)
		}
		f = next
	}
}

// follower returns the finder that follows another on its line.
func follower(found []dbFinder, f *dbFinder) *dbFinder {
	for i := range found {
		g := &found[i]
		if g.at == f.at+21 && g.letter >= 0 && similar(f.module, g.module, modulesDiffer) {
			return g
		}
	}
	return nil
}

// begins says whether the guard stands before the character before the finder, and where it does.
func (f *dbFinder) begins() (from int, ok bool) {
	if !f.mirrored {
		return f.at - 9, f.narrow(f.at-9) && quiet(f.s, f.at-10, sliver, f.module)
	}
	return f.at - 10, f.narrow(f.at-9) && f.narrow(f.at-10) && quiet(f.s, f.at-11, sliver, f.module)
}

// ends says whether the guard stands at an element, with so many modules of light behind it.
func (f *dbFinder) ends(at int, modules float32) bool {
	if f.mirrored {
		if !f.narrow(at) {
			return false
		}
		at++
	}
	return f.narrow(at) && at+1 < len(f.s.w) && quiet(f.s, at+1, modules, f.module)
}

// pairAt reads the characters beside a finder. Without one behind it, the guard and a quiet zone must stand there.
func pairAt(f *dbFinder) (p dbPair, ok bool) {
	row := 4*f.letter - 1
	if f.mirrored {
		row += 2
	}
	p.letter = byte('A' + f.letter)
	w, v, ok := f.readLeft(&databar.Expanded)
	if !ok {
		return p, false
	}
	p.before, p.after = v, -1
	if row >= 0 { // the first character of all is the check itself
		if v > 4095 {
			return p, false
		}
		p.check = databar.Check(w[:], 8*row, 211)
	}
	if w, v, ok = f.readRight(&databar.Expanded); ok && v <= 4095 {
		p.after = v
		p.check += databar.Check(w[:], 8*(row+1), 211)
		return p, true
	}
	return p, row >= 0 && f.ends(f.at+5, 3)
}

// letters are the finders of a row of pairs.
func letters(pairs []dbPair) string {
	var b strings.Builder
	for _, p := range pairs {
		b.WriteByte(p.letter)
	}
	return b.String()
}

// complete returns what pairs say that are a whole symbol.
func complete(pairs []dbPair) (text string, raw []byte, ok bool) {
	if n := len(pairs) - 2; n < 0 || n >= len(sequences) || sequences[n] != letters(pairs) {
		return "", nil, false
	}
	var chars []int
	sum := 0
	for i, p := range pairs {
		if i > 0 {
			chars = append(chars, p.before)
		}
		if p.after >= 0 {
			chars = append(chars, p.after)
		} else if i < len(pairs)-1 {
			return "", nil, false
		}
		sum += p.check
	}
	if len(chars) < 3 || 211*(len(chars)+1-4)+sum%211 != pairs[0].before {
		return "", nil, false
	}
	text, ok = databar.ElementString(chars)
	return text, wide(chars), ok
}
