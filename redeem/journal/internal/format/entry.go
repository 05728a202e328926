package format

import (
	"crypto/sha256"
	"encoding/hex"
)

// An ID names an entry: 128 random bits that the caller draws.
type ID [16]byte

// String returns the first half of the ID, for logs.
func (id ID) String() string { return hex.EncodeToString(id[:4]) + "…" }

// IsZero reports whether id is no ID.
func (id ID) IsZero() bool { return id == ID{} }

// A Hash is the SHA-256 of a record's payload.
type Hash [sha256.Size]byte

// HashOf returns the hash of a payload.
func HashOf(payload []byte) Hash { return sha256.Sum256(payload) }

// KeyHash is what is stored of a key: a hash that cannot be tried without the journal's salt. The salt before the key
// and the cut behind it make a plain SHA-256 a keyed one. A key has at most MaxKey bytes.
func KeyHash(salt [16]byte, key string) [16]byte {
	var b [16 + MaxKey]byte
	n := copy(b[:], salt[:])
	n += copy(b[n:], key)
	sum := sha256.Sum256(b[:n])
	return [16]byte(sum[:16])
}

// A Kind is what an entry is. Kinds that this release does not know are kept and passed over.
type Kind uint8

// The kinds.
const (
	// KindRecord is chained and is to be reported.
	KindRecord Kind = 1
	// KindNote is the latest value of a named slot.
	KindNote Kind = 2
	// KindSettled: the backend took the record.
	KindSettled Kind = 3
	// KindQuarantined: the backend cannot read the record.
	KindQuarantined Kind = 4
	// KindHandedOver: the POS has the verdict.
	KindHandedOver Kind = 5
	// KindRequeued: the backend asks for the record again.
	KindRequeued Kind = 6
	// KindRelocated is what still lives of a record whose segment is given back.
	KindRelocated Kind = 7
	// KindCleanShutdown is written by Close: everything before it was flushed.
	KindCleanShutdown Kind = 8
	// KindLogStart tells where the log starts, since its oldest segment is given back.
	KindLogStart Kind = 9
	// KindSettledAll: the backend took several records, and the POS need not be told of any.
	KindSettledAll Kind = 10
	// KindEvidence is what the settlements of a call rest on.
	KindEvidence Kind = 11
	// KindSkipped: the chain goes on behind a number.
	KindSkipped Kind = 12

	// LastKind is the last one that this release knows: later ones are those of later releases.
	LastKind = KindSkipped
)

// HasEnvelope reports whether this release knows that a kind's content is an envelope.
func HasEnvelope(k Kind) bool { return k != KindCleanShutdown && k <= LastKind }

// Limits of an entry and of a call.
const (
	// MaxPayload is the most bytes of a payload, of a verdict and of a note's value.
	MaxPayload = 64 << 10
	// MaxAttachment is the most bytes of a record's attachment: a signed pass of 600 bytes beside 300 lines of 50.
	MaxAttachment = 16 << 10
	// MaxEvidence is the most bytes of the evidence that one call of Settle stores.
	MaxEvidence = 128 << 10
	// MaxKeys is the most keys of an entry, counted ones and others together.
	MaxKeys = 4
	// MaxKey is the most bytes of a key or a slot.
	MaxKey = 256
	// MaxUses is the most uses that one entry adds or takes away.
	MaxUses = 100
	// MaxCall is the most bytes that the entries of one call may have together.
	MaxCall = 16 << 20
	// MaxSegment is the largest file that is taken for a segment.
	MaxSegment = MaxCall + 1<<20
)
