package record

import (
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
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

// A Money is an amount in a currency.
type Money struct {
	// Amount in minor units of the currency, such as cents.
	Amount int64 `cbor:"1,keyasint,omitempty" json:"amount"`
	// Currency is an ISO 4217 code, or empty where no amount is known.
	Currency string `cbor:"2,keyasint,omitempty" json:"currency,omitempty"`
}

// A Sale is how the POS names the sale that a record belongs to.
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

// An Override says who allowed what the terminal would only have asked about, and why.
type Override struct {
	// Manager is the POS's name of the manager; required.
	Manager string `cbor:"1,keyasint" json:"manager"`
	// Why is the manager's reason; required.
	Why string `cbor:"2,keyasint" json:"why"`
	// Reasons are the reasons that were overridden.
	Reasons []fault.Code `cbor:"3,keyasint,omitempty" json:"reasons,omitempty"`
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
	raw, err := encode(r)
	if err != nil {
		return nil, fault.New(fault.InvalidRequest, "record.Encode", "%w", err)
	}
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
	case r.Sale.Key == "":
		return fault.New(fault.Malformed, "", "the sale key is missing")
	}
	return r.checkLengths()
}

func (r Record) namesNothing() bool { return r.Offer.IsZero() && r.Alias == "" && r.Coupon == "" }

func (r Record) checkLengths() error {
	limits := []struct {
		name, text string
		most       int
	}{
		{"merchant", r.Place.Merchant, 64}, {"store", r.Place.Store, 64}, {"lane", r.Place.Lane, 64},
		{"alias", r.Alias, 128}, {"campaign", r.Campaign, 64}, {"sale key", r.Sale.Key, 128},
		{"transaction", r.Sale.Transaction, 64}, {"operator", r.Sale.Operator, 64},
		{"business date", r.Sale.BusinessDate, 10}, {"shift", r.Sale.Shift, 64}, {"currency", r.Given.Currency, 3},
		{"receipt", string(r.Receipt), receiptLength + 1}, {"coupon", r.Coupon, 128},
	}
	for _, l := range limits {
		if len(l.text) > l.most {
			return fault.New(fault.Malformed, "", "the %s has %d bytes, at most %d are allowed", l.name, len(l.text), l.most)
		}
	}
	return nil
}
