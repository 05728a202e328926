package arbiter

import (
	"encoding/hex"
	"time"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
)

// A Name is the keyed hash of a name of an offer, or of a sale's.
type Name [16]byte

// IsZero reports whether it is no name.
func (n Name) IsZero() bool { return n == Name{} }

// String returns the name as 32 hexadecimal digits.
func (n Name) String() string { return hex.EncodeToString(n[:]) }

// MarshalText is the form in JSON, as String.
func (n Name) MarshalText() ([]byte, error) { return []byte(n.String()), nil }

// UnmarshalText reads what MarshalText wrote; anything else is fault.Malformed.
func (n *Name) UnmarshalText(text []byte) error {
	if len(text) != 2*len(n) {
		return fault.New(fault.Malformed, "", "a name has %d hexadecimal digits, this one %d", 2*len(n), len(text))
	}
	if _, err := hex.Decode(n[:], text); err != nil {
		return fault.New(fault.Malformed, "", "%.40q is no name: %w", text, err)
	}
	return nil
}

// A Key says which claim is meant: the lane, the sale (its key and business date) and the offer by its first name.
type Key struct {
	Lane  record.TerminalID
	Sale  Name
	Offer Name
}

// A Claim is what the arbiter knows of one claim. It is stored as it is.
type Claim struct {
	Key
	// Version is higher than that of every earlier state of any claim or lane.
	Version uint64
	// Names are those of the offer, at most MaxNames.
	Names []Name
	// Attempt is the highest that the lane made.
	Attempt uint64
	// Allowed is how many uses the offer has, as the lane read it.
	Allowed int
	// Pending is how many uses the lane asked for and has not told of yet.
	Pending int
	// Reservation holds the offer for Hold from when it was told; zero: none does.
	Reservation record.ID
	Hold        time.Duration
	// Ended is the last reservation that ended; told again it holds nothing.
	Ended record.ID
	// TakenOver says that a manager at another lane decided that the pending uses do not count.
	TakenOver bool
	// At is when it was made or last told of, for people: the hub's wall clock in milliseconds since 1970.
	At int64
	// KeepUntil is until when it counts, in milliseconds since 1970; 0: for ever.
	KeepUntil int64
	// Uses are those that the lane told, those that were taken back included.
	Uses []Use

	since     time.Duration // when its lease or hold began
	isChanged bool          // it is to be stored
}

// endReservation has the reservation, if there is one, hold the offer no more.
func (c *Claim) endReservation() {
	if !c.Reservation.IsZero() {
		c.Ended = c.Reservation
	}
	c.Reservation, c.Hold = record.ID{}, 0
}

// MaxNames is the most names of an offer: its identifier and its GS1 number.
const MaxNames = 2

// A Use is a redemption that a lane told.
type Use struct {
	Record record.ID
	// Group is the first record of those that one call made, and Parts how many it made.
	Group record.ID
	Parts int
	// Void is the record that took it back; zero: none did.
	Void record.ID
}

// live is how many uses stand. Of a call that made several, those count that were not told yet: they are on their way.
func (c *Claim) live() (n int) {
	for i, use := range c.Uses {
		if c.isFirstOfGroup(i) {
			n += use.Parts
		}
		if !use.Void.IsZero() {
			n--
		}
	}
	return n
}

func (c *Claim) isFirstOfGroup(i int) bool {
	for _, use := range c.Uses[:i] {
		if use.Group == c.Uses[i].Group {
			return false
		}
	}
	return true
}

// shares reports whether two offers have a name in common.
func shares(a, b []Name) bool {
	for _, name := range a {
		for _, other := range b {
			if name == other {
				return true
			}
		}
	}
	return false
}

// clone is the claim as it is stored: nothing changes it.
func (c *Claim) clone() Claim {
	stored := *c
	stored.Names, stored.Uses = append([]Name(nil), c.Names...), append([]Use(nil), c.Uses...)
	return stored
}
