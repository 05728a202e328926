package gs1

import "sort"

// Info says what the syntax dictionary says of an Application Identifier or a range of them.
type Info struct {
	// First and Last are the AIs of the range, two to four digits; equal where the entry is of one AI.
	First, Last string
	// Title is the data title, such as "GTIN"; empty where there is none.
	Title string
	// Predefined says that the AI's length is predefined, so that no separator follows it.
	Predefined bool
	// Attribute says that the AI may stand in the query of a GS1 Digital Link URI.
	Attribute bool
	// PrimaryKey says that the AI may be the primary key of a GS1 Digital Link URI.
	PrimaryKey bool

	parts      []part
	requires   []string // each: groups joined by commas, of which one must be there; AIs within a group by plus signs
	excludes   string   // AIs joined by commas
	qualifiers string   // sequences of qualifiers joined by bars; AIs within a sequence by commas
}

// part is one component of an AI's value.
type part struct {
	set      byte // N, X, Y or Z
	min, max int
	optional bool
	linters  []linter
}

// Lookup returns what the dictionary says of an AI; ok is false where it has no such AI.
func Lookup(ai string) (info Info, ok bool) {
	found := lookup(ai)
	if found == nil {
		return Info{}, false
	}
	return *found, true
}

// MinLen returns the least length of the AI's value in characters.
func (i *Info) MinLen() int {
	n := 0
	for _, p := range i.parts {
		if !p.optional {
			n += p.min
		}
	}
	return n
}

// MaxLen returns the greatest length of the AI's value in characters.
func (i *Info) MaxLen() int {
	n := 0
	for _, p := range i.parts {
		n += p.max
	}
	return n
}

// hasCheckDigit reports whether one of the components that are always there has a check digit.
func (i *Info) hasCheckDigit() bool {
	for _, p := range i.parts {
		for _, l := range p.linters {
			if !p.optional && (l == lintCsum || l == lintCsumalpha) {
				return true
			}
		}
	}
	return false
}

// lookup returns the entry of a whole AI, or nil.
func lookup(ai string) *Info {
	if len(ai) < 2 || len(ai) != aiLength(ai) {
		return nil
	}
	at := sort.Search(len(table), func(i int) bool { return table[i].Last >= ai })
	if at == len(table) || table[at].First > ai || len(table[at].First) != len(ai) {
		return nil
	}
	return &table[at]
}

// aiLength returns the length of the AI that text begins with, or 0 where there is none of its first two digits.
// Whether there is such an AI is another question.
func aiLength(text string) int {
	if len(text) < 2 || !isDigit(text[0]) || !isDigit(text[1]) {
		return 0
	}
	n := int(lengthByPrefix[int(text[0]-'0')*10+int(text[1]-'0')] - '0')
	if n > len(text) || !isDigits(text[:n]) {
		return 0
	}
	return n
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isDigits(s string) bool {
	for i := range len(s) {
		if !isDigit(s[i]) {
			return false
		}
	}
	return true
}
