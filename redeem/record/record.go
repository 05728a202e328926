package record

import (
	"cmp"
	"slices"
	"unicode/utf8"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/terms"
)

// Version is the version of records, headings and verdicts that this package writes. Readers refuse a higher one with
// fault.UnsupportedVersion.
const Version = 1

// MaxSize is the largest record in bytes. Encode refuses to make a larger one and Decode to read it, with fault.TooLarge.
const MaxSize = 8 << 10

// Kind says what a record tells.
type Kind uint8

// The kinds of record. The numbers are part of the format.
const (
	// Redemption: the offer was redeemed in a sale.
	Redemption Kind = 1
	// Void: a redemption was taken back, wholly (a use is free again) or in part (it is not).
	Void Kind = 2
	// Reservation: the offer was set aside for a sale; it lapses by itself.
	Reservation Kind = 3
)

// String returns the kind's name.
func (k Kind) String() string {
	switch k {
	case Redemption:
		return "redemption"
	case Void:
		return "void"
	case Reservation:
		return "reservation"
	}
	return "unknown"
}

// A Place says where something happened. Each part has at most 64 bytes.
type Place struct {
	Merchant string `cbor:"1,keyasint,omitempty" json:"merchant,omitempty"`
	Store    string `cbor:"2,keyasint,omitempty" json:"store,omitempty"`
	Lane     string `cbor:"3,keyasint,omitempty" json:"lane,omitempty"`
}

// Check returns nil for a place that can be recorded, else fault.InvalidRequest.
func (p Place) Check() error {
	return cmp.Or(checkText("merchant", p.Merchant, maxText), checkText("store", p.Store, maxText), checkText("lane", p.Lane, maxText))
}

// A Money is an amount in a currency.
type Money struct {
	// Amount in minor units of the currency, such as cents.
	Amount int64 `cbor:"1,keyasint,omitempty" json:"amount"`
	// Currency is an ISO 4217 code, or empty where no amount is known.
	Currency string `cbor:"2,keyasint,omitempty" json:"currency,omitempty"`
}

// Check returns nil for an amount that can be given: 0 to terms.MaxAmount, with its currency unless it is 0. Its error is
// fault.InvalidRequest.
func (m Money) Check() error {
	if m.Amount < 0 || m.Amount > terms.MaxAmount || m.Amount != 0 && m.Currency == "" || m.Currency != "" && !terms.IsCurrency(m.Currency) {
		return fault.New(fault.InvalidRequest, "record.Money", "%d %q cannot be given: an amount is 0 to %d minor units of a currency by its ISO 4217 code",
			m.Amount, m.Currency, int64(terms.MaxAmount))
	}
	return nil
}

// A GivenBy says who worked out an amount.
type GivenBy uint8

// The sources of an amount. The numbers are part of the format; zero is for where no amount is known.
const (
	// GivenByTerms: the terminal, from the offer's terms and the sale's lines.
	GivenByTerms GivenBy = 1
	// GivenByPOS: the POS, whose own promotion engine decides.
	GivenByPOS GivenBy = 2
)

var givenByNames = [...]string{"", GivenByTerms: "terms", GivenByPOS: "pos"}

// String returns the source's name, empty for zero.
func (g GivenBy) String() string {
	if int(g) < len(givenByNames) {
		return givenByNames[g]
	}
	return "unknown"
}

// MarshalText is the form in JSON, as String.
func (g GivenBy) MarshalText() ([]byte, error) { return []byte(g.String()), nil }

// UnmarshalText reads what MarshalText wrote; anything else is fault.Malformed.
func (g *GivenBy) UnmarshalText(text []byte) error {
	i := slices.Index(givenByNames[:], string(text))
	if i < 0 {
		return fault.New(fault.Malformed, "", "%q is not known to give amounts: it is one of %q", text, givenByNames[1:])
	}
	*g = GivenBy(i)
	return nil
}

// A Sale is how the POS names the sale that a record belongs to. Each text is UTF-8 and has at most 64 bytes, the key 128.
type Sale struct {
	// Key is the POS's own name of the sale, unique at the terminal. The same key presented twice is the same redemption.
	Key string `cbor:"1,keyasint" json:"key"`
	// Transaction is the number printed on the receipt; optional.
	Transaction string `cbor:"2,keyasint,omitempty" json:"transaction,omitempty"`
	// Operator is the POS's name of the cashier; optional. Use a number, not a person's name.
	Operator string `cbor:"3,keyasint,omitempty" json:"operator,omitempty"`
	// BusinessDate is the merchant's accounting day as YYYY-MM-DD; optional.
	BusinessDate string `cbor:"4,keyasint,omitempty" json:"businessDate,omitempty"`
	// Shift is the POS's name of the shift for cashing up; optional.
	Shift string `cbor:"5,keyasint,omitempty" json:"shift,omitempty"`
}

// Check returns nil for a sale that can be recorded, else fault.InvalidRequest.
func (s Sale) Check() error {
	if s.Key == "" {
		return fault.New(fault.InvalidRequest, "", "the sale key is missing: without it a repeated call cannot be told from a second sale")
	}
	return cmp.Or(
		checkText("sale key", s.Key, maxKey), checkText("transaction", s.Transaction, maxText), checkText("operator", s.Operator, maxText),
		checkText("business date", s.BusinessDate, len("2006-01-02")), checkText("shift", s.Shift, maxText),
	)
}

// An Override says who allowed what the terminal would only have asked about, and why.
type Override struct {
	// Manager is the POS's name of the manager, at most 64 bytes; required.
	Manager string `cbor:"1,keyasint" json:"manager"`
	// Why is the manager's reason, at most 512 bytes; required.
	Why string `cbor:"2,keyasint" json:"why"`
	// Reasons are the reasons that were overridden.
	Reasons []fault.Code `cbor:"3,keyasint,omitempty" json:"reasons,omitempty"`
}

// Check returns nil for an override that names the manager and says why, else fault.InvalidRequest.
func (o Override) Check() error {
	if o.Manager == "" || o.Why == "" {
		return fault.New(fault.InvalidRequest, "", "an override names the manager and says why")
	}
	return cmp.Or(checkText("manager", o.Manager, maxText), checkText("manager's reason", o.Why, maxWhy))
}

// A Record is one thing that happened at a terminal. The zero value is not valid.
type Record struct {
	Version  int        `cbor:"1,keyasint"`
	Kind     Kind       `cbor:"2,keyasint"`
	ID       ID         `cbor:"3,keyasint"`
	Terminal TerminalID `cbor:"4,keyasint"`
	Chain    ChainID    `cbor:"5,keyasint"`
	// Number counts the terminal's records from 1.
	Number uint64 `cbor:"6,keyasint"`
	// Prev is the hash of the record before, zero for the first.
	Prev  Hash  `cbor:"7,keyasint"`
	Place Place `cbor:"8,keyasint"`
	// Offer is the identifier; zero where only an alias was presented.
	Offer offer.ID `cbor:"9,keyasint,omitzero"`
	// Alias is the GS1 number of the offer in canonical form, if it has one.
	Alias string `cbor:"10,keyasint,omitempty"`
	// Campaign is the campaign that the pass named; empty where it was not known.
	Campaign string `cbor:"11,keyasint,omitempty"`
	// Of is the redemption that a void takes back, or the reservation that a redemption completes; zero if none.
	Of   ID   `cbor:"12,keyasint,omitzero"`
	Sale Sale `cbor:"13,keyasint"`
	// Given is the discount that the customer got, or with a void what was taken back.
	Given Money `cbor:"14,keyasint,omitzero"`
	// Time is what the terminal knew of the time.
	Time Evidence `cbor:"15,keyasint"`
	// Proven says that a signature showed the offer to be genuine.
	Proven bool `cbor:"16,keyasint,omitempty"`
	// Override is set where a manager decided.
	Override *Override `cbor:"17,keyasint,omitempty"`
	// Partial marks a void of a part of the sale: it gives no use back.
	Partial bool `cbor:"18,keyasint,omitempty"`
	// Until is when a reservation lapses by itself, by the earliest moment that the evidence allows, in milliseconds since 1970.
	// A void that has it, too, releases a reservation.
	Until int64 `cbor:"19,keyasint,omitempty"`
	// Receipt names the redemption that a void takes back where the terminal knows only what was printed, since another one
	// made it.
	Receipt Receipt `cbor:"20,keyasint,omitempty"`
	// Coupon is the GS1 number without serial of a coupon that identifies no single offer. Offer and Alias are then empty, and
	// no use is counted: the campaign's budget bounds it.
	Coupon string `cbor:"21,keyasint,omitempty"`
	// Exclusive says that no other offer may be redeemed in the same sale.
	Exclusive bool `cbor:"22,keyasint,omitempty"`
	// Turned counts what the terminal asked about or refused since its record before, by the gravest reason. It is for those who
	// look after the shop and changes nothing.
	Turned []Turned `cbor:"23,keyasint,omitempty"`
	// GivenBy says who worked out what stands in Given.
	GivenBy GivenBy `cbor:"24,keyasint,omitempty"`
}

// Turned is how often customers were turned away, or to a manager, for one reason.
type Turned struct {
	Reason fault.Code `cbor:"1,keyasint" json:"reason"`
	Times  int        `cbor:"2,keyasint" json:"times"`
}

// Encode checks a record and returns its bytes. It sets Version. Errors: fault.InvalidRequest, fault.TooLarge.
func (r Record) Encode() ([]byte, error) {
	r.Version = Version
	if err := r.check(); err != nil {
		return nil, fault.New(fault.InvalidRequest, "record.Encode", "%w", err)
	}
	raw := r.appendTo(make([]byte, 0, 512)) // most are shorter
	if len(raw) > MaxSize {
		return nil, fault.New(fault.TooLarge, "record.Encode", "the record has %d bytes, at most %d are allowed", len(raw), MaxSize)
	}
	return raw, nil
}

// Decode reads a record. Errors: fault.TooLarge, fault.UnsupportedVersion, fault.Malformed.
func Decode(raw []byte) (Record, error) {
	var r Record
	if err := decode("record", raw, MaxSize, &r); err != nil {
		return Record{}, err
	}
	if err := r.check(); err != nil {
		return Record{}, fault.New(fault.Malformed, "record.Decode", "record %s: %w", r.ID, err)
	}
	return r, nil
}

func (r Record) check() error {
	switch {
	case r.Kind < Redemption || r.Kind > Reservation:
		return fault.New(fault.Malformed, "", "kind %d is unknown", r.Kind)
	case r.ID.IsZero() || r.Terminal.IsZero() || r.Chain.IsZero() || r.Number == 0:
		return fault.New(fault.Malformed, "", "id, terminal, chain and number are required")
	case r.Kind == Void && r.Of.IsZero() && r.Receipt == "" && r.namesNothing():
		return fault.New(fault.Malformed, "", "a void names a redemption, its receipt, or at least the offer")
	case r.Kind != Void && r.namesNothing():
		return fault.New(fault.Malformed, "", "a %s names an offer", r.Kind)
	}
	err := cmp.Or(r.Sale.Check(), r.Place.Check(), r.Given.Check(), r.checkTexts())
	if err == nil && r.Override != nil {
		err = r.Override.Check()
	}
	return err
}

// The most bytes of texts.
const (
	maxText = 64
	maxKey  = 128
	maxWhy  = 512
)

// checkText keeps out what CBOR cannot hold (RFC 8949, section 3.1: text is UTF-8) and what is too long.
func checkText(name, text string, most int) error {
	switch {
	case len(text) > most:
		return fault.New(fault.InvalidRequest, "", "the %s has %d bytes, at most %d are allowed", name, len(text), most)
	case !utf8.ValidString(text):
		return fault.New(fault.InvalidRequest, "", "the %s is not UTF-8", name)
	}
	return nil
}

func (r Record) namesNothing() bool { return r.Offer.IsZero() && r.Alias == "" && r.Coupon == "" }

func (r Record) checkTexts() error {
	return cmp.Or(
		checkText("alias", r.Alias, 128), checkText("campaign", r.Campaign, maxText), checkText("coupon", r.Coupon, 128),
		checkText("receipt", string(r.Receipt), receiptLength+1),
	)
}
