package store

import (
	"github.com/offlane/offlane/redeem/record"
)

// A Chain is what is known of one chain of a terminal's records: which came, and whether they fit together.
type Chain struct {
	ID record.ChainID `json:"id"`
	// Runs are the records that came, ascending, with holes between them.
	Runs []Run `json:"runs,omitempty"`
	// Lost are numbers that the terminal declared lost.
	Lost []record.Range `json:"lost,omitempty"`
	// Aside are numbers that the terminal set aside, by its last report: it has them and tries them again.
	Aside []record.Range `json:"aside,omitempty"`
	// LostFrom is the number from which on the terminal lost records and nobody knows how many; 0: there are none.
	LostFrom uint64 `json:"lostFrom,omitempty"`
	// Forked says that two records came for one number, or one that does not follow the one before it.
	Forked bool `json:"forked,omitempty"`
}

// A Run is a run of consecutive records that came: Prev is what the first names as its predecessor, Head the hash of
// the last.
type Run struct {
	First uint64      `json:"first"`
	Last  uint64      `json:"last"`
	Prev  record.Hash `json:"prev"`
	Head  record.Hash `json:"head"`
}
