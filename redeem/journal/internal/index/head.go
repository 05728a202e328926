package index

import "github.com/offlane/offlane/redeem/journal/internal/format"

// A Head is the last record in the chain: its number, which is less than the index's after a loss, its address, and its
// hash, which is worked out when it is asked for.
type Head struct {
	Number uint64
	At     uint32

	hash    format.Hash
	stale   bool // the hash is that of an older record
	payload []byte
}

// Set keeps the payload of the record for its hash.
func (h *Head) Set(payload []byte) { h.payload, h.stale = append(h.payload[:0], payload...), true }

// SetHash sets the hash itself.
func (h *Head) SetHash(hash format.Hash) { h.hash, h.stale = hash, false }

// Hash returns the record's hash; zero: there is none.
func (h *Head) Hash() format.Hash {
	if h.stale {
		h.hash, h.stale = format.HashOf(h.payload), false
	}
	return h.hash
}
