package store

import (
	"github.com/offlane/offlane/redeem/record"
)

// A Target is what a void or a correction waits for: a redemption by its id or by its receipt, or the next one of an
// offer. It is the key of a row.
type Target string

// A Waiting is a void or a correction that waits for its redemption.
type Waiting struct {
	Target Target
	// Record is its entry, Terminal whose it is, and Number its place in the terminal's chain.
	Record   record.ID
	Terminal record.TerminalID
	Number   uint64
	// Received is when it came, Until when the redemption can no longer come, in milliseconds since 1970.
	Received, Until int64
	// Stands says that the backend had confirmed it before it was restored from a backup.
	Stands bool
}

// A FlagKind says why a person should look at a record, or at a terminal; openapi.yaml lists them.
type FlagKind string

// A Flag is something that a person should look at.
type Flag struct {
	Kind     FlagKind `json:"kind"`
	Merchant string   `json:"merchant"`
	// Record is zero where the flag is on the terminal as a whole.
	Record   record.ID         `json:"record"`
	Terminal record.TerminalID `json:"terminal"`
	// At is when it was flagged, in milliseconds since 1970.
	At     int64  `json:"at"`
	Detail string `json:"detail,omitempty"`
}
