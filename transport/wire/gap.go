package wire

import "github.com/offlane/offlane/redeem/record"

// Gaps is the answer to GET /v1/management/gaps.
type Gaps struct {
	Gaps []Gap `json:"gaps"`
}

// A Gap says what is wrong with one chain of one terminal: records that never came, that its journal lost, or a fork.
type Gap struct {
	Terminal record.TerminalID `json:"terminal"`
	Chain    record.ChainID    `json:"chain"`
	Place    record.Place      `json:"place"`
	// Missing are chain numbers below the highest that came which are still awaited.
	Missing []record.Range `json:"missing,omitempty"`
	// Lost are chain numbers that the terminal declared lost to damage.
	Lost []record.Range `json:"lost,omitempty"`
	// Aside are chain numbers that the terminal set aside, since reports with them fail; it tries them again.
	Aside []record.Range `json:"aside,omitempty"`
	// LostFrom is the number from which on the terminal lost records and nobody knows how many; 0: there are none.
	LostFrom uint64 `json:"lostFrom,omitempty"`
	// Forked says that two records came for one chain number.
	Forked bool `json:"forked,omitempty"`
	// Highest is the highest chain number that came.
	Highest uint64 `json:"highest"`
	// LastReport is when the terminal last reported, in milliseconds since 1970.
	LastReport int64 `json:"lastReport,omitempty"`
}
