package store

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"slices"

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

// maxPast is how many former places and blocks of a terminal are kept.
const maxPast = 64

// maxUnderWay is how many records a terminal may have made in a place after it asked for another and before it heard
// the answer.
const maxUnderWay = 100

// PlaceOf returns where the terminal stood when it made the record with a number that names a store, and the time zone
// there.
func (t *Terminal) PlaceOf(number uint64, store string) (record.Place, string) {
	for _, f := range t.Places {
		if number <= f.Last || store == f.Place.Store && number <= f.Last+maxUnderWay {
			return f.Place, f.Zone
		}
	}
	return t.Place, t.Zone
}

// Move has the terminal stand in another store from the record after last on, at a moment in milliseconds since 1970.
func (t *Terminal) Move(store, zone string, last uint64, now int64) {
	t.Places = append(t.Places, FormerPlace{Place: t.Place, Zone: t.Zone, Last: last, Moved: now})
	t.Places = t.Places[max(0, len(t.Places)-maxPast):]
	t.Place.Store, t.Zone = store, zone
}

// StaysUntil says that the terminal made records up to last before it heard that it had moved: it enrolled again
// without having reported from its new place.
func (t *Terminal) StaysUntil(last uint64) {
	if n := len(t.Places); n > 0 && t.LastReport <= t.Places[n-1].Moved {
		t.Places[n-1].Last = max(t.Places[n-1].Last, last)
	}
}

// SetBlocked blocks the terminal or lets it work again, and numbers the notice of that. It reports whether that changes
// anything. Notices are numbered by the moment, so that a backend that was restored from a backup does not number them
// again.
func (t *Terminal) SetBlocked(blocked bool, now int64) bool {
	if blocked == (t.Blocked != 0) {
		return false
	}
	t.Notice = max(t.Notice+1, uint64(max(now, 0)))
	if blocked {
		t.Blocked = now
		return true
	}
	t.Blocks = append(t.Blocks, Block{From: t.Blocked, Until: now})
	t.Blocks = t.Blocks[max(0, len(t.Blocks)-maxPast):]
	t.Blocked = 0
	return true
}

// SetRemembers ends what the terminal may have forgotten up to a moment, and numbers the notice of that.
func (t *Terminal) SetRemembers(now int64) {
	t.Notice = max(t.Notice+1, uint64(max(now, 0)))
	t.Remembers, t.Forgets = now, 0
}

// MayBeBlocked reports whether something that the terminal made between two moments, by its own word, can have been
// made while it was blocked. The word of one that is blocked now counts for nothing.
func (t *Terminal) MayBeBlocked(earliest, latest int64) bool {
	during := func(b Block) bool { return earliest < b.Until && latest >= b.From }
	return t.Blocked != 0 || slices.ContainsFunc(t.Blocks, during)
}

// Raise counts a flag on the terminal.
func (t *Terminal) Raise(kind FlagKind) {
	counts := map[FlagKind]uint64{kind: 1}
	for k, n := range t.Flags {
		counts[k] += n
	}
	t.Flags = counts
}

// KeyID names a terminal's key for people: the beginning of its hash.
func KeyID(key ed25519.PublicKey) string {
	sum := sha256.Sum256(key)
	return base64.RawURLEncoding.EncodeToString(sum[:6])
}

// ID names a secret for people, by the beginning of its hash: nobody finds the secret from it.
func (h Hash) ID() string { return hex.EncodeToString(h[:6]) }
