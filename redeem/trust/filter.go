package trust

import (
	"crypto/sha256"
	"encoding/binary"
	"math/bits"

	"github.com/offlane/offlane/redeem/offer"
)

const (
	saltSize        = 16
	minSegmentPower = 2
	maxSegmentPower = 18
)

// A Filter is a set of offers that answers in constant time, takes about 18 bits an offer, and errs for 1 in 65536 of
// the offers that are not in it. The package comment draws it. The zero value is the empty set.
type Filter struct {
	salt         [saltSize]byte
	count        int
	power        int    // segment length as a power of two
	fingerprints []byte // two bytes each, big-endian
}

// Len returns how many names were put in.
func (f Filter) Len() int { return f.count }

// Has reports whether the offer seems to be in the set by its identifier or its alias. A zero identifier and an empty
// alias are in none.
func (f Filter) Has(id offer.ID, alias string) bool {
	return !id.IsZero() && f.hit(tagID, id[:]) || alias != "" && f.hit(tagAlias, []byte(alias))
}

func (f Filter) hit(tag byte, name []byte) bool {
	if f.count == 0 {
		return false
	}
	p := f.placesOf(tag, name)
	return f.at(p.slots[0])^f.at(p.slots[1])^f.at(p.slots[2]) == p.fingerprint
}

func (f Filter) at(slot uint32) uint16 { return binary.BigEndian.Uint16(f.fingerprints[2*slot:]) }

const (
	tagID    = 1
	tagAlias = 2
)

// places are where a name stands in the filter, and what must come out there.
type places struct {
	slots       [3]uint32
	fingerprint uint16
}

func (f Filter) placesOf(tag byte, name []byte) places {
	var input [saltSize + 1 + maxAlias]byte
	n := copy(input[:], f.salt[:])
	input[n] = tag
	n += 1 + copy(input[n+1:], name)
	digest := sha256.Sum256(input[:n])
	length := uint32(1) << f.power
	starts := uint64(len(f.fingerprints)/2) - 2*uint64(length)
	high, _ := bits.Mul64(binary.BigEndian.Uint64(digest[:]), starts)
	first := uint32(high)
	return places{
		slots: [3]uint32{
			first,
			(first + length) ^ (binary.BigEndian.Uint32(digest[8:]) & (length - 1)),
			(first + 2*length) ^ (binary.BigEndian.Uint32(digest[12:]) & (length - 1)),
		},
		fingerprint: binary.BigEndian.Uint16(digest[16:]),
	}
}

// isSound reports whether the parts fit together, so that no look-up leaves the fingerprints.
func (f Filter) isSound() bool {
	if f.count == 0 {
		return len(f.fingerprints) == 0
	}
	if f.power < minSegmentPower || f.power > maxSegmentPower || f.count < 0 {
		return false
	}
	segment := 2 << f.power
	return len(f.fingerprints)%segment == 0 && len(f.fingerprints) >= 3*segment
}
