package terminals

import (
	"slices"

	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/backend/store"
)

// maxPast is how many former places and blocks of a terminal are kept.
const maxPast = 64

// maxUnderWay is how many records a terminal may have made in a place after it asked for another and before it heard
// the answer.
const maxUnderWay = 100

// PlaceOf returns where the terminal stood when it made the record with a number that names a store, and the time zone
// there.
func PlaceOf(t *store.Terminal, number uint64, storeID string) (record.Place, string) {
	for _, f := range t.Places {
		if number <= f.Last || storeID == f.Place.Store && number <= f.Last+maxUnderWay {
			return f.Place, f.Zone
		}
	}
	return t.Place, t.Zone
}

// Move has the terminal stand in another store from the record after last on, at a moment in milliseconds since 1970.
func Move(t *store.Terminal, storeID, zone string, last uint64, now int64) {
	t.Places = append(t.Places, store.FormerPlace{Place: t.Place, Zone: t.Zone, Last: last, Moved: now})
	t.Places = t.Places[max(0, len(t.Places)-maxPast):]
	t.Place.Store, t.Zone, t.MayHost, t.OutOfService = storeID, zone, false, false // that was about the other store
}

// StaysUntil says that the terminal made records up to last before it heard that it had moved: it enrolled again
// without having reported from its new place.
func StaysUntil(t *store.Terminal, last uint64) {
	if n := len(t.Places); n > 0 && t.LastReport <= t.Places[n-1].Moved {
		t.Places[n-1].Last = max(t.Places[n-1].Last, last)
	}
}

// SetBlocked blocks the terminal or lets it work again, and numbers the notice of that. It reports whether that changes
// anything. Notices are numbered by the moment, so that a backend that was restored from a backup does not number them
// again.
func SetBlocked(t *store.Terminal, blocked bool, now int64) bool {
	if blocked == (t.Blocked != 0) {
		return false
	}
	t.Notice = max(t.Notice+1, uint64(max(now, 0)))
	if blocked {
		t.Blocked = now
		return true
	}
	t.Blocks = append(t.Blocks, store.Block{From: t.Blocked, Until: now})
	t.Blocks = t.Blocks[max(0, len(t.Blocks)-maxPast):]
	t.Blocked = 0
	return true
}

// SetRemembers ends what the terminal may have forgotten up to a moment, and numbers the notice of that.
func SetRemembers(t *store.Terminal, now int64) {
	t.Notice = max(t.Notice+1, uint64(max(now, 0)))
	t.Remembers, t.Forgets = now, 0
}

// MayBeBlocked reports whether something that the terminal made between two moments, by its own word, can have been
// made while it was blocked. The word of one that is blocked now counts for nothing.
func MayBeBlocked(t *store.Terminal, earliest, latest int64) bool {
	during := func(b store.Block) bool { return earliest < b.Until && latest >= b.From }
	return t.Blocked != 0 || slices.ContainsFunc(t.Blocks, during)
}

// Raise counts a flag on the terminal.
func Raise(t *store.Terminal, kind store.FlagKind) {
	counts := map[store.FlagKind]uint64{kind: 1}
	for k, n := range t.Flags {
		counts[k] += n
	}
	t.Flags = counts
}

// FlagOfTerminal is a flag on a terminal as a whole: it names no record.
func FlagOfTerminal(kind store.FlagKind, t *store.Terminal, at int64, detail string) store.Flag {
	return store.Flag{Kind: kind, Merchant: t.Place.Merchant, Record: record.ID{}, Terminal: t.ID, At: at, Detail: detail}
}
