package trust

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"sort"

	"github.com/offlane/offlane/redeem/offer"
)

// A Salt is what the names of offers in a bundle and in its deltas are hashed with, so that nobody reads them there.
// The zero Salt is none.
type Salt [saltSize]byte

// wire is the salt as it is encoded; nil: none.
func (s Salt) wire() []byte {
	if s == (Salt{}) {
		return nil
	}
	return s[:]
}

// saltOf reads a salt; of no bytes it is zero.
func saltOf(raw []byte) (s Salt, err error) {
	if len(raw) != 0 && len(raw) != saltSize {
		return s, fmt.Errorf("a salt has %d bytes, not %d", len(raw), saltSize)
	}
	copy(s[:], raw)
	return s, nil
}

// hashSize is the length in bytes of an offer's hash.
const hashSize = 16

type hash [hashSize]byte

const (
	tagHashedID    = 3
	tagHashedAlias = 4
)

func (s Salt) hash(tag byte, name []byte) hash {
	var input [saltSize + 1 + maxAlias]byte
	n := copy(input[:], s[:])
	input[n] = tag
	n += 1 + copy(input[n+1:], name)
	digest := sha256.Sum256(input[:n])
	return hash(digest[:])
}

// An asked is an offer as sets of hashes know it. What it does not have is the zero hash, which is in no set.
type asked struct{ id, alias hash }

func (s Salt) ask(id offer.ID, alias string) (a asked) {
	if !id.IsZero() {
		a.id = s.hash(tagHashedID, id[:])
	}
	if alias != "" {
		a.alias = s.hash(tagHashedAlias, []byte(alias))
	}
	return a
}

// hashes is a set of offers: the salted hashes of their names in strictly ascending order, one after another.
type hashes []byte

// hashAll returns the names of a set that was checked as hashes.
func (s Salt) hashAll(o Offers) hashes {
	all := make([]hash, 0, o.Len())
	for _, id := range o.IDs {
		all = append(all, s.hash(tagHashedID, id[:]))
	}
	for _, alias := range o.Aliases {
		all = append(all, s.hash(tagHashedAlias, []byte(alias)))
	}
	return pack(all)
}

func pack(all []hash) (set hashes) {
	slices.SortFunc(all, func(a, b hash) int { return bytes.Compare(a[:], b[:]) })
	for _, h := range slices.Compact(all) {
		set = append(set, h[:]...)
	}
	return set
}

// union is the set of what is in either.
func (h hashes) union(other hashes) hashes {
	if len(h) == 0 || len(other) == 0 {
		return append(h[:len(h):len(h)], other...)
	}
	var all []hash
	for i := range h.len() {
		all = append(all, h.at(i))
	}
	for i := range other.len() {
		all = append(all, other.at(i))
	}
	return pack(all)
}

func (h hashes) len() int { return len(h) / hashSize }

func (h hashes) at(i int) hash { return hash(h[i*hashSize:]) }

func (h hashes) hasHash(one hash) bool {
	i := sort.Search(h.len(), func(i int) bool { return bytes.Compare(h[i*hashSize:(i+1)*hashSize], one[:]) >= 0 })
	return i < h.len() && h.at(i) == one && one != hash{}
}

// has reports whether the offer is in the set by either of its names.
func (h hashes) has(a asked) bool { return h.hasHash(a.id) || h.hasHash(a.alias) }

// meets reports whether two sets have a name in common.
func (h hashes) meets(other hashes) bool {
	for i := range h.len() {
		if other.hasHash(h.at(i)) {
			return true
		}
	}
	return false
}

func (h hashes) check() error {
	if len(h)%hashSize != 0 {
		return errors.New("a set of offers is cut off")
	}
	for i := 1; i < h.len(); i++ {
		if before, one := h.at(i-1), h.at(i); bytes.Compare(before[:], one[:]) >= 0 {
			return fmt.Errorf("the offer %x stands twice or out of order", one)
		}
	}
	return nil
}
