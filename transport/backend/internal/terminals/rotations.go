package terminals

import (
	"crypto/ed25519"
	"slices"

	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/backend/store"
)

// Follow changes the terminal's key as its rotations say, and returns the key that it then has. A rotation that is not
// from the key of the moment was followed before.
func Follow(t *store.Terminal, rotations []record.Rotation) ed25519.PublicKey {
	for _, r := range rotations {
		if r.Verify(t.ID) != nil {
			continue
		}
		at := slices.IndexFunc(t.Former, func(f store.FormerKey) bool { return f.Key.Equal(r.From) })
		switch {
		case at >= 0: // asked again: the terminal may have gone on with the old key until it heard the answer
			t.Former[at].Last = max(t.Former[at].Last, r.Last)
		case t.Key.Equal(r.From):
			t.Former = append(t.Former, store.FormerKey{Key: r.From, Last: r.Last})
			t.Former = t.Former[max(0, len(t.Former)-record.MaxRotations):]
			t.Key = r.To
		}
	}
	return t.Key
}
