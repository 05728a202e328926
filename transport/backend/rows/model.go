package rows

import (
	"crypto/ed25519"
	"crypto/sha256"
	"time"

	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
)

// A Hash is the SHA-256 (FIPS 180-4) of a secret. Secrets themselves are never stored. The zero Hash is none.
type Hash [sha256.Size]byte

// HashOf returns the hash of a secret.
func HashOf(secret string) Hash { return sha256.Sum256([]byte(secret)) }

// IsZero reports whether there is no secret.
func (h Hash) IsZero() bool { return h == Hash{} }

// A Code is an enrolment code: valid for one store and a number of terminals.
type Code struct {
	Hash     Hash   `json:"hash"`
	Text     string `json:"text"`
	Merchant string `json:"merchant"`
	Store    string `json:"store"`
	// Terminals is how many may enrol with it, Used how many did.
	Terminals int `json:"terminals"`
	Used      int `json:"used"`
	// Expires is in milliseconds since 1970; 0: never.
	Expires int64 `json:"expires,omitempty"`
}

// A Terminal is a till that enrolled.
type Terminal struct {
	ID  record.TerminalID `json:"id"`
	Key ed25519.PublicKey `json:"key"`
	// Former are keys that it had before, oldest first, with the number of the last record that each may sign for.
	Former []FormerKey  `json:"former,omitempty"`
	Place  record.Place `json:"place"`
	// Token is the hash of its bearer token, Code that of the code it enrolled with last.
	Token Hash `json:"token"`
	Code  Hash `json:"code"`
	// TokenEnds is when the token expires, in milliseconds since 1970; 0: never.
	TokenEnds int64 `json:"tokenEnds,omitempty"`
	// Enrolled and LastReport are in milliseconds since 1970; 0: never.
	Enrolled   int64 `json:"enrolled"`
	LastReport int64 `json:"lastReport,omitempty"`
	// Waiting is how many records were left in its queue, by its own word, when it sent its last report.
	Waiting uint64 `json:"waiting,omitempty"`
	// LastVerdict is the number of its last verdict.
	LastVerdict uint64 `json:"lastVerdict,omitempty"`
	// Chains are the chains that it reported, oldest first.
	Chains []Chain `json:"chains,omitempty"`
}

// An Offer is an accepted offer: the identifier with all that is known of it.
type Offer struct {
	ID offer.ID
	// Alias is its GS1 number in canonical form; empty: none.
	Alias    string
	Campaign string
	// Device is the hash of the secret of the device that accepted it; zero: none, or forgotten.
	Device Hash
	// Accepted is when, NotBefore and NotAfter bound its validity, in milliseconds since 1970. NotAfter is exclusive.
	Accepted, NotBefore, NotAfter int64
	// MaxUses is how often it may be redeemed, at least 1.
	MaxUses int
	// Revoked is when it was revoked; 0: it was not.
	Revoked int64
	// Personal is when the customer agreed to personal answers; 0: not.
	Personal int64
	// Pass is the signed pass.
	Pass string
	// Uses are the redemptions that take a use, in the order in which they were committed.
	Uses []Use
	// Owed are voids of this offer that name no redemption and came before it.
	Owed []Use
}

// A Use is one booked redemption of an offer, or a void that waits for one.
type Use struct {
	Record   record.ID
	Terminal record.TerminalID
	Place    record.Place
	// Redeemed is the latest moment at which it can have happened, Committed when it was booked; milliseconds since 1970.
	Redeemed, Committed int64
	Given               record.Money
}

// IsSpent reports whether all uses are taken.
func (o *Offer) IsSpent() bool { return len(o.Uses) >= o.MaxUses }

// IsMarked reports whether terminals should hear of the offer: it is spent or revoked.
func (o *Offer) IsMarked() bool { return o.IsSpent() || o.Revoked != 0 }

// An Entry is one record as it was booked, with its verdict. An Entry without Raw stands for a redemption that did not come
// yet, and of which a void did.
type Entry struct {
	// ID is the record's id. What cannot be booked under it (unreadable, or the id is taken by other bytes) has a name made
	// from its hash.
	ID       record.ID
	Raw      []byte
	Hash     record.Hash
	Terminal record.TerminalID
	// Kind is 0 where the record is unreadable, and for a void of what is not counted: a reservation, a duplicate, or a redemption
	// that did not come yet.
	Kind record.Kind
	// Offer is the offer on which it was booked; zero: none.
	Offer    offer.ID
	Campaign string
	Place    record.Place
	// Day is the business date that the POS named, else the day (UTC) of the redemption, as YYYY-MM-DD.
	Day   string
	Given record.Money
	// Delay is the time from acceptance to redemption in seconds, of a confirmed redemption.
	Delay int64
	// Voided is the void that took it back; zero: none.
	Voided record.ID
	// Parts are voids of a part that came before the redemption for which this entry stands.
	Parts   []record.ID
	Verdict record.Verdict
}

// IsBooked reports whether it is a redemption that was confirmed.
func (e *Entry) IsBooked() bool {
	return e.Kind == record.Redemption && e.Verdict.Status == record.Confirmed
}

// Day is the day (UTC) of the acceptance, as YYYY-MM-DD.
func (o *Offer) Day() string { return DayOf(o.Accepted) }

// DayOf is the day (UTC) of a moment in milliseconds since 1970, as YYYY-MM-DD.
func DayOf(millis int64) string { return time.UnixMilli(millis).UTC().Format(time.DateOnly) }
