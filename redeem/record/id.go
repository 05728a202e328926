package record

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"

	"github.com/offlane/offlane/redeem/fault"
)

// An ID names one record: 128 random bits, unique in the backend's database. The zero ID names none.
type ID [16]byte

// NewID returns a fresh random id.
func NewID() ID { return random() }

// String returns the id as 32 hexadecimal digits. It is no secret: it names a record, not an offer.
func (id ID) String() string { return hex.EncodeToString(id[:]) }

// IsZero reports whether id names no record.
func (id ID) IsZero() bool { return id == ID{} }

// MarshalText is the form in JSON: 32 hexadecimal digits.
func (id ID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// UnmarshalText reads what MarshalText wrote; anything else is fault.Malformed.
func (id *ID) UnmarshalText(text []byte) error { return unhex(id[:], text, "record id") }

// A TerminalID names a terminal: 128 random bits that it makes at its first start and keeps when it changes its key.
type TerminalID [16]byte

// NewTerminalID returns a fresh random terminal id.
func NewTerminalID() TerminalID { return random() }

// String returns the id as 32 hexadecimal digits.
func (id TerminalID) String() string { return hex.EncodeToString(id[:]) }

// IsZero reports whether id names no terminal.
func (id TerminalID) IsZero() bool { return id == TerminalID{} }

// MarshalText is the form in JSON: 32 hexadecimal digits.
func (id TerminalID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// UnmarshalText reads what MarshalText wrote; anything else is fault.Malformed.
func (id *TerminalID) UnmarshalText(text []byte) error { return unhex(id[:], text, "terminal id") }

// A ChainID names one chain of a terminal. A terminal whose chain forked (a golden image, a restored disk) starts a
// new one.
type ChainID [16]byte

// NewChainID returns a fresh random chain id.
func NewChainID() ChainID { return random() }

// String returns the id as 32 hexadecimal digits.
func (id ChainID) String() string { return hex.EncodeToString(id[:]) }

// IsZero reports whether id names no chain.
func (id ChainID) IsZero() bool { return id == ChainID{} }

// MarshalText is the form in JSON: 32 hexadecimal digits.
func (id ChainID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// UnmarshalText reads what MarshalText wrote; anything else is fault.Malformed.
func (id *ChainID) UnmarshalText(text []byte) error { return unhex(id[:], text, "chain id") }

// A Hash is the SHA-256 (FIPS 180-4) of a record's bytes. The zero Hash stands before the first record of a terminal.
type Hash [sha256.Size]byte

// HashOf returns the hash of a record as it was encoded.
func HashOf(raw []byte) Hash { return sha256.Sum256(raw) }

// String returns the hash as 64 hexadecimal digits.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// MarshalText is the form in JSON: 64 hexadecimal digits.
func (h Hash) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// UnmarshalText reads what MarshalText wrote; anything else is fault.Malformed.
func (h *Hash) UnmarshalText(text []byte) error { return unhex(h[:], text, "record hash") }

func random() (b [16]byte) {
	rand.Read(b[:]) // never fails (crypto/rand)
	return b
}

func unhex(into, text []byte, what string) error {
	if len(text) != hex.EncodedLen(len(into)) {
		return fault.New(fault.Malformed, "", "a %s has %d hexadecimal digits, this one %d", what, 2*len(into), len(text))
	}
	if _, err := hex.Decode(into, text); err != nil {
		return fault.New(fault.Malformed, "", "%s: %w", what, err)
	}
	return nil
}
