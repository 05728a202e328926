package terms

import (
	"fmt"
	"slices"
)

// A Kind is how the discount is reckoned. The zero value is no kind. In CBOR a kind is its number, in JSON its name.
type Kind uint8

// The kinds.
const (
	// AmountOff takes Amount off the eligible items together, never more than they cost.
	AmountOff Kind = 1 + iota
	// PercentOff takes Percent off the eligible items together.
	PercentOff
	// FixedPrice sells each eligible item, or each kilogram and so on where the terms have a unit, for Amount. What costs
	// less keeps its price.
	FixedPrice
	// FreeItem gives the cheapest eligible items away, one unless MaxQuantity says more.
	FreeItem
)

// A Unit is what a quantity is measured in. The zero value is no unit: items are counted. In CBOR a unit is its
// number, in JSON its name, the zero value the empty text.
type Unit uint8

// The units.
const (
	// Kilogram is the kilogram, "kg".
	Kilogram Unit = 1 + iota
	// Litre is the litre, "l".
	Litre
	// Metre is the metre, "m".
	Metre
	// Pound is the pound of 0.45359237 kg, "lb".
	Pound
	// OtherUnit is any other unit, "other", and the last. A line may have it, and terms may not.
	OtherUnit
)

// A LineKind is what a line of a sale stands for. With the zero value, the empty text, the signs of the line tell.
type LineKind string

// The kinds of lines. They count whatever the signs of the line are.
const (
	// Return is goods that came back: the line lowers the quantity and the spend.
	Return LineKind = "return"
	// Deduction is money off and no goods, such as a coupon: the line lowers the spend, and its quantity is not looked at.
	Deduction LineKind = "deduction"
	// Deposit is a deposit on packaging, paid or paid back: no offer looks at it.
	Deposit LineKind = "deposit"
)

// names holds the names of constants by number. The zero value's name is empty.
type names []string

var (
	kindNames = names{
		AmountOff: "amount-off", PercentOff: "percent-off", FixedPrice: "fixed-price", FreeItem: "free-item",
	}
	unitNames = names{Kilogram: "kg", Litre: "l", Metre: "m", Pound: "lb", OtherUnit: "other"}
)

// String returns the kind's name, such as "percent-off".
func (k Kind) String() string { return kindNames.name("kind", uint8(k)) }

// MarshalText returns the kind's name; the zero kind is the empty text.
func (k Kind) MarshalText() ([]byte, error) { return kindNames.marshal("kind", uint8(k)) }

// UnmarshalText reads a kind's name, or the empty text as the zero kind. Its error is fault.InvalidRequest.
func (k *Kind) UnmarshalText(text []byte) error {
	return kindNames.unmarshal("kind", text, (*uint8)(k))
}

// String returns the unit's name, such as "kg", or "items" for the zero value.
func (u Unit) String() string {
	if u == 0 {
		return "items"
	}
	return unitNames.name("unit", uint8(u))
}

// MarshalText returns the unit's name; no unit is the empty text.
func (u Unit) MarshalText() ([]byte, error) { return unitNames.marshal("unit", uint8(u)) }

// UnmarshalText reads a unit's name, or the empty text as no unit. Its error is fault.InvalidRequest.
func (u *Unit) UnmarshalText(text []byte) error {
	return unitNames.unmarshal("unit", text, (*uint8)(u))
}

// knows reports whether a number has a name.
func (n names) knows(i uint8) bool { return 0 < i && int(i) < len(n) }

func (n names) name(what string, i uint8) string {
	if !n.knows(i) {
		return fmt.Sprintf("%s-%d", what, i)
	}
	return n[i]
}

func (n names) marshal(what string, i uint8) ([]byte, error) {
	if i == 0 {
		return []byte{}, nil
	}
	if !n.knows(i) {
		return nil, invalid("MarshalText", "%s is not known", n.name(what, i))
	}
	return []byte(n[i]), nil
}

func (n names) unmarshal(what string, text []byte, into *uint8) error {
	i := slices.Index(n, string(text))
	if i < 0 {
		return invalid("UnmarshalText", "the %s %q is not known: it is one of %q", what, text, n[1:])
	}
	*into = uint8(i)
	return nil
}
