package journal

import (
	"crypto/sha256"
	"time"

	"github.com/offlane/offlane/redeem/journal/internal/format"
)

// An ID names an entry: 128 random bits that the caller draws. Its methods are String, the first half for logs, and
// IsZero, which reports that it is no ID.
type ID = format.ID

// Limits of an entry and of a call.
const (
	// MaxPayload is the most bytes of a payload, of a verdict and of a note's value.
	MaxPayload = format.MaxPayload
	// MaxAttachment is the most bytes of a record's attachment: a signed pass of 600 bytes beside 300 lines of 50.
	MaxAttachment = format.MaxAttachment
	// MaxEvidence is the most bytes of the evidence that one call of Settle stores.
	MaxEvidence = format.MaxEvidence
	// MaxCall is the most bytes that the entries of one call may have together.
	MaxCall = format.MaxCall
)

// An Entry is what Append writes: a record, which is chained and is to be reported, or with a Slot a note, the latest
// value of that slot.
type Entry struct {
	// ID is the record's own; required, and not used before. A note has none.
	ID ID
	// Ref is the record that this one is about; zero: none. A void names its redemption. Records about another one may
	// use the reserve that is kept for a full disk.
	Ref ID
	// CountedKeys are what the record uses up: its Uses are added to each. At most 4 with LookupKeys, each 1 to 256
	// bytes. Only a keyed hash of them is stored.
	CountedKeys []string
	// LookupKeys are what the record can be found by as well, without being counted.
	LookupKeys []string
	// Uses is what the record adds to its keys, 0 to 100. Below zero it takes away from the uses of the record that Ref
	// names, which is then Voided when none is left; it adds nothing to its own keys.
	Uses int
	// KeepUntil is until when the record counts at least, to the second. Zero: as long as it is reported records are kept.
	KeepUntil time.Time
	// Slot is the note's name, at most 256 bytes. A record has none.
	Slot string
	// Payload is the record's content or the note's value, at most MaxPayload bytes; the log does not look into it.
	Payload []byte
	// Attachment is kept with the record for as long as its payload is, at most MaxAttachment bytes. It is no part of
	// the payload: neither the record's hash nor the chain covers it. Empty: none. A note has none.
	Attachment []byte
}

// A State says where a record stands. Its String method returns the state's name.
type State = format.State

// The states.
const (
	// Pending: to be reported.
	Pending = format.Pending
	// Settled: the backend answered.
	Settled = format.Settled
	// Quarantined: the backend cannot read it.
	Quarantined = format.Quarantined
)

// Status is what the log knows of a record without reading it.
type Status struct {
	// State is where the record stands.
	State State
	// Voided says that no use of it is left.
	Voided bool
	// Due says that its verdict has to be handed to the POS, and HandedOver that it was.
	Due, HandedOver bool
	// Uses are those that it adds to its keys now.
	Uses int
}

func statusOf(s format.Status) Status {
	return Status{State: s.State(), Voided: s.Is(format.FlagVoided), Due: s.Due(), HandedOver: s.Is(format.FlagHandedOver),
		Uses: int(s.Uses())}
}

// Stored is a record as it stands in the log.
type Stored struct {
	Status
	// ID and Ref are the entry's.
	ID, Ref ID
	// Seq is the log's own sequence number, from 1.
	Seq uint64
	// Number is the record's place in the chain, from 1.
	Number uint64
	// Written is when it was appended, by Config.Now.
	Written time.Time
	// KeepUntil is the entry's.
	KeepUntil time.Time
	// Payload is the entry's. It is nil when the record was reported so long ago that only its keys are kept.
	Payload []byte
	// Attachment is the entry's. It is nil when there was none, or when Payload is not kept any more.
	Attachment []byte
	// Verdict is the payload of its settlement, as long as it is due or the record is quarantined.
	Verdict []byte

	hash *format.Hash // of a record whose payload may be gone
}

// Hash returns the SHA-256 (FIPS 180-4) of the payload, also where only that is kept. It is worked out when it is asked
// for: a batch that is sent needs none.
func (s *Stored) Hash() [sha256.Size]byte {
	if s.hash != nil {
		return *s.hash
	}
	return format.HashOf(s.Payload)
}

// A Settlement is the answer of the backend to one record.
type Settlement struct {
	// Ref is the record.
	Ref ID
	// Quarantine says that the backend cannot read it; otherwise the record is settled.
	Quarantine bool
	// HandOver says that the POS must be told; it stays in Verdicts until HandOver is called.
	HandOver bool
	// Payload is the verdict, at most MaxPayload bytes.
	Payload []byte
}

// A Note is a value for a slot.
type Note struct {
	// Slot is the name, 1 to 256 bytes.
	Slot string
	// Value replaces what the slot held, at most MaxPayload bytes.
	Value []byte
}
