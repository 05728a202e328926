package store

import (
	"crypto/ed25519"

	"github.com/offlane/offlane/redeem/record"
)

// A FormerPlace is where a terminal stood until it moved.
type FormerPlace struct {
	Place record.Place `json:"place"`
	Zone  string       `json:"zone,omitempty"`
	// Last is the number of its last record there.
	Last uint64 `json:"last"`
	// Moved is when it went, in milliseconds since 1970.
	Moved int64 `json:"moved"`
}

// A Block is a time during which a terminal was blocked, in milliseconds since 1970.
type Block struct {
	From  int64 `json:"from"`
	Until int64 `json:"until"`
}

// A FormerKey is one that gave way to another: it counts for reports with records up to number Last, such as those in
// a file that was exported before, and for nothing else.
type FormerKey struct {
	Key  ed25519.PublicKey `json:"key"`
	Last uint64            `json:"last"`
}
