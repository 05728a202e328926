package pdf417

import (
	"sync"

	"github.com/offlane/offlane/barcode/internal/pdf417/patterns"
)

const (
	codewords = patterns.Codewords
	clusters  = patterns.Clusters
	elements  = patterns.Elements
	modules   = patterns.Modules
)

type pattern = patterns.Pattern

// similar returns the distances between similar edges: those from the beginning of each element to that of the next
// but one. Unlike an element's own width they do not change when all bars are printed too wide.
func similar(p *pattern) (e [elements - 2]int) {
	for i := range e {
		e[i] = int(p[i]) + int(p[i+1])
	}
	return e
}

// darkOf returns how many modules of a character are dark.
func darkOf(p *pattern) int { return int(p[0]) + int(p[2]) + int(p[4]) + int(p[6]) }

// A table is what is known of all symbol characters.
type table struct {
	patterns *[clusters][codewords]pattern
	// bySimilar has the characters by the distances between their similar edges.
	bySimilar map[uint32][]character
}

// A character is a codeword as a row of a cluster shows it.
type character struct {
	cluster uint8
	value   int16
}

var characters = sync.OnceValue(func() *table {
	t := &table{patterns: patterns.All(), bySimilar: make(map[uint32][]character, clusters*codewords)}
	for k := range t.patterns {
		for v := range t.patterns[k] {
			key := keyOf(similar(&t.patterns[k][v]))
			t.bySimilar[key] = append(t.bySimilar[key], character{uint8(k), int16(v)})
		}
	}
	return t
})

// keyOf packs distances of 2 to 12 modules.
func keyOf(e [elements - 2]int) (key uint32) {
	for _, d := range e {
		key = key<<4 | uint32(d)
	}
	return key
}
