package store

import (
	"crypto/ed25519"

	"github.com/offlane/offlane/redeem/record"
)

// Credentials are what a request that bears a terminal's token is admitted by. They have a row of their own, since each
// request reads it: a Terminal grows with what it reported.
type Credentials struct {
	Token Hash `json:"token"`
	// Ends is when the token expires, in milliseconds since 1970; 0: never.
	Ends     int64             `json:"ends,omitempty"`
	Terminal record.TerminalID `json:"terminal"`
	Place    record.Place      `json:"place"`
	// Key verifies the terminal's reports, Former some of those that were sealed before.
	Key    ed25519.PublicKey `json:"key"`
	Former []FormerKey       `json:"former,omitempty"`
	// Blocked and Notice are as in a Terminal, and so is Awaiting.
	Blocked  int64  `json:"blocked,omitempty"`
	Notice   uint64 `json:"notice,omitempty"`
	Awaiting int    `json:"awaiting,omitempty"`
}

// Credentials are the terminal's.
func (t *Terminal) Credentials() Credentials {
	return Credentials{Token: t.Token, Ends: t.TokenEnds, Terminal: t.ID, Place: t.Place, Key: t.Key, Former: t.Former,
		Blocked: t.Blocked, Notice: t.Notice, Awaiting: t.Awaiting}
}
