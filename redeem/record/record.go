package record

import (
	"cmp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/terms"
)

// Version is the version of records, headings and verdicts that this package writes. Readers refuse a higher one with
// fault.UnsupportedVersion.
const Version = 1

// MaxSize is the largest record in bytes. Encode refuses to make a larger one and Decode to read it, with
// fault.TooLarge.
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
	// Release: a reservation was given up before it lapsed.
	Release Kind = 4
	// Correction: the amount that a redemption gave was brought in line with the final basket; the use stays taken.
	Correction Kind = 5
)

var kindNames = [...]string{Redemption: "redemption", Void: "void", Reservation: "reservation", Release: "release",
	Correction: "correction"}

// String returns the kind's name.
func (k Kind) String() string {
	if k >= Redemption && int(k) < len(kindNames) {
		return kindNames[k]
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
	return cmp.Or(checkText("merchant", p.Merchant, maxText), checkText("store", p.Store, maxText),
		checkText("lane", p.Lane, maxText))
}

// A Money is an amount in a currency.
type Money struct {
	// Amount in minor units of the currency, such as cents.
	Amount int64 `cbor:"1,keyasint,omitempty" json:"amount"`
	// Currency is an ISO 4217 code, or empty where no amount is known.
	Currency string `cbor:"2,keyasint,omitempty" json:"currency,omitempty"`
}

// Check returns nil for an amount that can be given: 0 to terms.MaxAmount, with its currency unless it is 0. Its error
// is fault.InvalidRequest.
func (m Money) Check() error {
	if m.Amount < 0 || m.Amount > terms.MaxAmount || m.Amount != 0 && m.Currency == "" || m.Currency != "" &&
		!terms.IsCurrency(m.Currency) {
		return fault.New(fault.InvalidRequest, "record.Money",
			"%d %q cannot be given: an amount is 0 to %d minor units of a currency by its ISO 4217 code",
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
	// GivenByRemainder: the terminal, as what was left of the redemption as far as it knew. A void with it takes back
	// what is left when it is booked, whatever its amount says.
	GivenByRemainder GivenBy = 3
)

var givenByNames = [...]string{"", GivenByTerms: "terms", GivenByPOS: "pos", GivenByRemainder: "remainder"}

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

// A Sale is how the POS names the sale that a record belongs to. Each text is UTF-8 and has at most 64 bytes, the key
// 128.
type Sale struct {
	// Key is the POS's own name of the sale, unique at the terminal. The same key presented twice is the same redemption.
	Key string `cbor:"1,keyasint"`
	// Transaction is the number printed on the receipt; optional.
	Transaction string `cbor:"2,keyasint,omitempty"`
	// Operator is the POS's name of the cashier; optional. Use a number, not a person's name.
	Operator string `cbor:"3,keyasint,omitempty"`
	// BusinessDate is the merchant's accounting day as YYYY-MM-DD; optional. Where it is given it is part of the sale's
	// name: the same key of another day is another sale.
	BusinessDate string `cbor:"4,keyasint,omitempty"`
	// Shift is the POS's name of the shift for cashing up; optional.
	Shift string `cbor:"5,keyasint,omitempty"`
}

// Check returns nil for a sale that can be recorded, else fault.InvalidRequest.
func (s Sale) Check() error {
	if s.Key == "" {
		return fault.New(fault.InvalidRequest, "",
			"the sale key is missing: without it a repeated call cannot be told from a second sale")
	}
	return cmp.Or(
		checkText("sale key", s.Key, maxKey), checkText("transaction", s.Transaction, maxText),
		checkText("operator", s.Operator, maxText), checkDate(s.BusinessDate), checkText("shift", s.Shift, maxText),
	)
}

// checkDate takes a day of the calendar, or none.
func checkDate(text string) error {
	if text == "" {
		return nil
	}
	if _, err := time.Parse(time.DateOnly, text); err != nil {
		return fault.New(fault.InvalidRequest, "", "the business date %.20q is no day of the calendar: write YYYY-MM-DD",
			text)
	}
	return nil
}

// An Override says who allowed what the terminal would only have asked about, and why.
type Override struct {
	// Manager is the POS's name of the manager, at most 64 bytes; required.
	Manager string `cbor:"1,keyasint"`
	// Why is the manager's reason, at most 512 bytes; required.
	Why string `cbor:"2,keyasint"`
	// Reasons are the reasons that were overridden.
	Reasons []fault.Code `cbor:"3,keyasint,omitempty"`
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
	// Number counts the terminal's records from 1, up to MaxNumber.
	Number uint64 `cbor:"6,keyasint"`
	// Prev is the hash of the record before, zero for the first.
	Prev  Hash  `cbor:"7,keyasint"`
	Place Place `cbor:"8,keyasint"`
	// Offer is the identifier; zero where only an alias was presented. It is a secret of the customer's and stays out of
	// JSON.
	Offer offer.ID `cbor:"9,keyasint,omitzero" json:"-"`
	// Alias is the GS1 number of the offer in canonical form, if it has one.
	Alias string `cbor:"10,keyasint,omitempty"`
	// Campaign is the campaign that the pass named; empty where it was not known.
	Campaign string `cbor:"11,keyasint,omitempty"`
	// Of is the redemption that a void takes back or a correction is about, or the reservation that a redemption
	// completes or a release gives up; zero if none.
	Of   ID   `cbor:"12,keyasint,omitzero"`
	Sale Sale `cbor:"13,keyasint"`
	// Given is the discount that the customer got; with a void what is taken back, without a currency what is left; with
	// a correction what the customer got in the end.
	Given Money `cbor:"14,keyasint,omitzero"`
	// Time is what the terminal knew of the time.
	Time Evidence `cbor:"15,keyasint"`
	// Proven says that a signature showed the offer to be genuine.
	Proven bool `cbor:"16,keyasint,omitempty"`
	// Override is set where a manager decided.
	Override *Override `cbor:"17,keyasint,omitempty"`
	// Partial marks a void of a part of the sale: it gives no use back.
	Partial bool `cbor:"18,keyasint,omitempty"`
	// Until is when a reservation lapses by itself, by the earliest moment that the evidence allows, in milliseconds
	// since 1970.
	Until int64 `cbor:"19,keyasint,omitempty"`
	// Receipt names the redemption that a void takes back where the terminal knows only what was printed, since another
	// one made it.
	Receipt Receipt `cbor:"20,keyasint,omitempty"`
	// Coupon is the GS1 number without serial of a coupon that identifies no single offer. Offer and Alias are then
	// empty, and no use is counted: the campaign's budget bounds it.
	Coupon string `cbor:"21,keyasint,omitempty"`
	// Exclusive says that no other offer may be redeemed in the same sale.
	Exclusive bool `cbor:"22,keyasint,omitempty"`
	// Turned counts what the terminal asked about or refused since its record before, by the gravest reason. It is for
	// those who look after the shop and changes nothing.
	Turned []Turned `cbor:"23,keyasint,omitempty"`
	// GivenBy says who worked out what stands in Given.
	GivenBy GivenBy `cbor:"24,keyasint,omitempty"`
	// Before is, with a correction, what the redemption gave before it.
	Before Money `cbor:"25,keyasint,omitzero"`
	// Group is the id of the first of several uses of one offer that were granted in one sale together; zero: it stands
	// alone.
	Group ID `cbor:"26,keyasint,omitzero"`
	// Notes say under which circumstances the terminal decided, at most 8.
	Notes []Note `cbor:"27,keyasint,omitempty"`
	// Claim is the claim under which the lanes of the store kept the offer for this one; nil: none was made.
	Claim *Claim `cbor:"28,keyasint,omitempty"`
	// Products are the GTINs of what a redemption gave a discount on, as far as the sale's lines tell, each once and at
	// most MaxProducts; none: it is not known.
	Products []string `cbor:"29,keyasint,omitempty"`
}

// MaxProducts is the most products of a record.
const MaxProducts = 8

// maxNotes is the most notes of a record.
const maxNotes = 8

// A Note names a circumstance that changes nothing of what is booked and that somebody may want to know, in at most 64
// bytes. Readers keep those that they do not know.
type Note string

// Notes about the hub of a store.
const (
	// HubUnreachable: the terminal decided alone, since its store's hub did not answer.
	HubUnreachable Note = "hub-unreachable"
	// HubLate: the record was written when the claim had ended.
	HubLate Note = "hub-late"
)

// A Claim says with which claim at its store's hub a record was written.
type Claim struct {
	// Epoch numbers the hub's lives: one that lost its memory begins a new one. From 1.
	Epoch uint64 `cbor:"1,keyasint"`
	// Attempt counts how often the terminal made the same claim. From 1.
	Attempt uint64 `cbor:"2,keyasint"`
}

// Turned is how often customers were turned away, or to a manager, for one reason.
type Turned struct {
	Reason fault.Code `cbor:"1,keyasint"`
	Times  int        `cbor:"2,keyasint"`
}

// Encode checks a record and returns its bytes. It sets Version. Errors: fault.InvalidRequest, fault.TooLarge.
func (r Record) Encode() ([]byte, error) {
	r.Version = Version
	if err := r.check(); err != nil {
		return nil, fault.New(fault.InvalidRequest, "record.Encode", "%w", err)
	}
	raw := r.plain(512) // most are shorter
	if len(raw) > MaxSize {
		return nil, fault.New(fault.TooLarge, "record.Encode", "the record has %d bytes, at most %d are allowed", len(raw),
			MaxSize)
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
	case r.Kind < Redemption || r.Kind > Correction:
		return fault.New(fault.Malformed, "", "kind %d is unknown", r.Kind)
	case r.ID.IsZero() || r.Terminal.IsZero() || r.Chain.IsZero() || r.Number == 0 || r.Number > MaxNumber:
		return fault.New(fault.Malformed, "", "id, terminal, chain and a number up to %d are required",
			uint64(MaxNumber))
	case r.Kind == Void && r.Of.IsZero() && r.Receipt == "" && r.namesNothing():
		return fault.New(fault.Malformed, "", "a void names a redemption, its receipt, or at least the offer")
	case r.Kind != Void && r.namesNothing():
		return fault.New(fault.Malformed, "", "a %s names an offer", r.Kind)
	case (r.Kind == Release || r.Kind == Correction) && r.Of.IsZero():
		return fault.New(fault.Malformed, "", "a %s names the record that it is about", r.Kind)
	case r.Claim != nil && (r.Claim.Epoch == 0 || r.Claim.Attempt == 0):
		return fault.New(fault.Malformed, "", "a claim has an epoch and an attempt, both from 1")
	}
	err := cmp.Or(r.Sale.Check(), r.Place.Check(), r.Given.Check(), r.Before.Check(), r.checkTexts(), r.checkNotes(),
		r.checkProducts())
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

func (r Record) checkNotes() error {
	if len(r.Notes) > maxNotes {
		return fault.New(fault.InvalidRequest, "", "%d notes, at most %d are allowed", len(r.Notes), maxNotes)
	}
	for _, note := range r.Notes {
		if err := checkText("note", string(note), maxText); err != nil {
			return err
		}
	}
	return nil
}

func (r Record) checkProducts() error {
	if len(r.Products) > MaxProducts {
		return fault.New(fault.InvalidRequest, "", "%d products, at most %d are allowed", len(r.Products), MaxProducts)
	}
	for _, gtin := range r.Products {
		if len(gtin) < 8 || len(gtin) > 14 || strings.Trim(gtin, "0123456789") != "" {
			return fault.New(fault.InvalidRequest, "", "the product %.20q is no GTIN of 8 to 14 digits", gtin)
		}
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
