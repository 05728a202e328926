// Package terms says what an offer is worth. It declares the terms as they stand inside passes, bundles and the wire.
package terms

// A Kind is how the discount is reckoned. The zero value is no kind.
type Kind uint8

// The kinds.
const (
	// AmountOff takes Amount off.
	AmountOff Kind = 1 + iota
	// PercentOff takes Percent off.
	PercentOff
	// FixedPrice sells each item for Amount.
	FixedPrice
	// FreeItem gives items away.
	FreeItem
)

// Terms is what the customer gets and on which conditions. Amounts are in minor units of Currency.
type Terms struct {
	// Kind is how the discount is reckoned.
	Kind Kind `cbor:"1,keyasint,omitempty" json:"kind,omitempty"`
	// Amount is the discount or the price.
	Amount int64 `cbor:"2,keyasint,omitempty" json:"amount,omitempty"`
	// Percent is in hundredths of a percent.
	Percent int `cbor:"3,keyasint,omitempty" json:"percent,omitempty"`
	// Currency is the ISO 4217 code.
	Currency string `cbor:"4,keyasint,omitempty" json:"currency,omitempty"`
	// MinSpend is the least total of the eligible lines; zero: none.
	MinSpend int64 `cbor:"5,keyasint,omitempty" json:"minSpend,omitempty"`
	// MinQuantity is the least number of eligible items; zero: none.
	MinQuantity int64 `cbor:"6,keyasint,omitempty" json:"minQuantity,omitempty"`
	// Products are the GTINs that are eligible; none: all.
	Products []string `cbor:"7,keyasint,omitempty" json:"products,omitempty"`
	// MaxItems bounds the items that get the discount; zero: none.
	MaxItems int64 `cbor:"8,keyasint,omitempty" json:"maxItems,omitempty"`
	// Cap bounds the discount; zero: none.
	Cap int64 `cbor:"9,keyasint,omitempty" json:"cap,omitempty"`
	// Combinable says whether the offer may be used together with others.
	Combinable bool `cbor:"10,keyasint,omitempty" json:"combinable,omitempty"`
}
