// Package patterns has the symbol characters of PDF417, for those who read them and those who draw them.
package patterns

import (
	_ "embed" // for the widths
	"strings"
	"sync"
)

const (
	// Clusters is how many ways there are to show a codeword: row r uses cluster r modulo 3, and the standard calls the
	// three 0, 3 and 6.
	Clusters = 3
	// Codewords is how many there are.
	Codewords = 929
	// Elements is the bars and spaces of a symbol character.
	Elements = 8
	// Modules is its width.
	Modules = 17
)

// A Pattern is the widths of a symbol character's elements, a bar first, in modules.
type Pattern [Elements]uint8

// text has a line for each codeword, with its elements' widths in each of the three clusters (ISO/IEC 15438, annex A).
// No rule makes them: of the patterns that a cluster allows the standard chose 929.
//
//go:embed widths.txt
var text string

// All returns the patterns by cluster and codeword. They must not be changed.
var All = sync.OnceValue(func() *[Clusters][Codewords]Pattern {
	all := new([Clusters][Codewords]Pattern)
	for i, field := range strings.Fields(text) {
		p := &all[i%Clusters][i/Clusters]
		for k := range p {
			p[k] = field[k] - '0'
		}
	}
	return all
})
