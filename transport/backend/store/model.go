package store

import (
	"crypto/ed25519"
	"crypto/sha256"

	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
)

// A Hash is the SHA-256 (FIPS 180-4) of a secret. Secrets themselves are never stored. The zero Hash is none.
type Hash [sha256.Size]byte

// HashOf returns the hash of a secret.
func HashOf(secret string) Hash { return sha256.Sum256([]byte(secret)) }

// IsZero reports whether there is no secret.
func (h Hash) IsZero() bool { return h == Hash{} }

// A Code is an enrolment code: valid for one store and a number of terminals, or for one terminal that is known.
type Code struct {
	Hash     Hash   `json:"hash"`
	Merchant string `json:"merchant"`
	Store    string `json:"store"`
	// Zone is the store's time zone, an IANA name; empty: UTC.
	Zone string `json:"zone,omitempty"`
	// Terminals is how many may enrol with it, Used how many did.
	Terminals int `json:"terminals"`
	Used      int `json:"used"`
	// Terminal is the one that it is bound to: with it that one changes its key, or moves to Store. Zero: it is for
	// terminals that are not known yet.
	Terminal record.TerminalID `json:"terminal,omitzero"`
	// Expires and Blocked are in milliseconds since 1970; 0: never.
	Expires int64 `json:"expires,omitempty"`
	Blocked int64 `json:"blocked,omitempty"`
}

// A Terminal is a till that enrolled.
type Terminal struct {
	ID  record.TerminalID `json:"id"`
	Key ed25519.PublicKey `json:"key"`
	// Former are keys that it had before, oldest first, with the number of the last record that each may sign for.
	Former []FormerKey `json:"former,omitempty"`
	// KeyChanged is when it got Key, in milliseconds since 1970; 0: it is its first.
	KeyChanged int64        `json:"keyChanged,omitempty"`
	Place      record.Place `json:"place"`
	// Zone is the time zone of its store, an IANA name; empty: UTC.
	Zone string `json:"zone,omitempty"`
	// Places are those where it stood before, oldest first, with the number of its last record at each.
	Places []FormerPlace `json:"places,omitempty"`
	// Blocked is when the merchant blocked it, in milliseconds since 1970; 0: it is not. Blocks are those that ended.
	Blocked int64   `json:"blocked,omitempty"`
	Blocks  []Block `json:"blocks,omitempty"`
	// MayHost says that it may be the hub of its store, and OutOfService that the merchant vouches that it holds nothing
	// of which the hub was not told.
	MayHost      bool `json:"mayHost,omitempty"`
	OutOfService bool `json:"outOfService,omitempty"`
	// Notice is the number of the last notice on that; 0: there was none.
	Notice uint64 `json:"notice,omitempty"`
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
	// Booked is when records of it came last that had not come before, in milliseconds since 1970; 0: never.
	Booked int64 `json:"booked,omitempty"`
	// Forgets is when it noticed that it may have forgotten records, by its last report and its own clock; 0: it has not.
	// Forgot and Ended are what was flagged last of that and of its end by a manager.
	Forgets int64 `json:"forgets,omitempty"`
	Forgot  int64 `json:"forgot,omitempty"`
	Ended   int64 `json:"ended,omitempty"`
	// Remembers is when the merchant ended what it may have forgotten before, in milliseconds since 1970; 0: never.
	Remembers int64 `json:"remembers,omitempty"`
	// LastVerdict is the number of its last verdict.
	LastVerdict uint64 `json:"lastVerdict,omitempty"`
	// Awaiting is how many of its voids and corrections wait for their redemptions.
	Awaiting int `json:"awaiting,omitempty"`
	// Flags counts what a person should look at, by kind.
	Flags map[FlagKind]uint64 `json:"flags,omitempty"`
	// Beyond is when FlagBeyond was raised last, in milliseconds since 1970; 0: never.
	Beyond int64 `json:"beyond,omitempty"`
	// Chains are the chains that it reported, oldest first.
	Chains []Chain `json:"chains,omitempty"`
}

// An Offer is an accepted offer: the identifier with all that is known of it.
type Offer struct {
	ID offer.ID
	// Alias is its GS1 number in canonical form; empty: none.
	Alias    string
	Campaign string
	// Device is the hash of the secret of the device that accepted it; zero: none, or forgotten. Number counts the offers
	// that it accepted, from 1; 0: it is not known.
	Device Hash
	Number int
	// Accepted is when, NotBefore and NotAfter bound its validity, in milliseconds since 1970. NotAfter is exclusive.
	Accepted, NotBefore, NotAfter int64
	// MaxUses is how often it may be redeemed, at least 1.
	MaxUses int
	// Revoked is when it was revoked; 0: it was not.
	Revoked int64
	// Pass is the signed pass.
	Pass string
	// Recovered is when it was taken up from its pass, since the backend had been restored from a backup; 0: it was not.
	Recovered int64
	// Uses are the redemptions that take a use, in the order in which they were committed.
	Uses []Use
	// Err says that the row is not as it was written; the rest is then zero but for ID.
	Err error
}

// A Use is one booked redemption of an offer that was not taken back wholly.
type Use struct {
	Record   record.ID
	Terminal record.TerminalID
	Place    record.Place
	// Earliest and Redeemed bound when it can have happened, Committed is when it was booked; milliseconds since 1970.
	Earliest, Redeemed, Committed int64
	Given                         record.Money
	// Products are the GTINs that it gave a discount on, as far as the terminal reported them.
	Products []string
}

// IsSpent reports whether all uses are taken.
func (o *Offer) IsSpent() bool { return len(o.Uses) >= o.MaxUses }

// An Effect says what an entry counts in the books; 0: nothing but its verdict. A store keeps it as it is.
type Effect uint8

// An Entry is one record as it was booked, with its verdict.
type Entry struct {
	// ID is the record's id. What cannot be booked under it (unreadable, or the id is taken by other bytes) has a name
	// made from its hash.
	ID record.ID
	// Raw is the record as it was signed; nil: it was kept long enough. Hash is its hash.
	Raw      []byte
	Hash     record.Hash
	Terminal record.TerminalID
	// Kind is the record's; 0 where it is unreadable.
	Kind   record.Kind
	Effect Effect
	// Offer is the offer on which it was booked; zero: none.
	Offer    offer.ID
	Campaign string
	Place    record.Place
	// Day is the business date that the POS named, else the day of the sale in the store's time zone, as YYYY-MM-DD.
	Day string
	// Earliest and Latest bound when it happened, in milliseconds since 1970.
	Earliest, Latest int64
	// Given is what a redemption gives, with its corrections; what a void took back, or would take back; what a
	// redemption gave after a correction.
	Given record.Money
	// TakenBack is what voids took back of a redemption, in Given's currency.
	TakenBack int64
	// CorrectedBy is the number, in its terminal's chain, of the last correction of a redemption; 0: none. One that comes
	// later and was made before it changes nothing.
	CorrectedBy uint64
	// Delay is the time from acceptance to redemption in seconds, of a confirmed redemption.
	Delay int64
	// Until is when a reservation lapses, in milliseconds since 1970.
	Until int64
	// Voided is the void that took a redemption back wholly, or the release of a reservation; zero: none.
	Voided  record.ID
	Verdict record.Verdict
	// Err says that the row is not as it was written; the rest is then zero but for ID.
	Err error
}
