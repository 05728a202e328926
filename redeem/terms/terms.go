package terms

import (
	"fmt"
	"slices"

	"github.com/offlane/offlane/redeem/fault"
)

// Limits that Check and Apply hold their input to. They keep every sum within 63 bits.
const (
	// MaxAmount is the greatest amount in minor units, of terms and of a line.
	MaxAmount = 1_000_000_000_000
	// MaxQuantity is the greatest quantity of terms and of a line: a million items.
	MaxQuantity = 1_000_000 * Item
	// MaxPercent is 100 percent in hundredths of a percent.
	MaxPercent = 10_000
	// MaxProducts is the greatest number of products that terms may list.
	MaxProducts = 1_000
	// MaxLines is the greatest number of lines of a sale.
	MaxLines = 10_000
)

// A Kind is how the discount is reckoned. The zero value is no kind. In CBOR a kind is its number, in JSON its name.
type Kind uint8

// The kinds.
const (
	// AmountOff takes Amount off the eligible items together, never more than they cost.
	AmountOff Kind = 1 + iota
	// PercentOff takes Percent off the eligible items together.
	PercentOff
	// FixedPrice sells each eligible item for Amount. An item that costs less keeps its price.
	FixedPrice
	// FreeItem gives the cheapest eligible items away, one unless MaxQuantity says more.
	FreeItem
)

var kindNames = [...]string{AmountOff: "amount-off", PercentOff: "percent-off", FixedPrice: "fixed-price", FreeItem: "free-item"}

// String returns the kind's name, such as "percent-off".
func (k Kind) String() string {
	if k == 0 || int(k) >= len(kindNames) {
		return fmt.Sprintf("kind-%d", uint8(k))
	}
	return kindNames[k]
}

// MarshalText returns the kind's name; the zero kind is the empty text.
func (k Kind) MarshalText() ([]byte, error) {
	if int(k) >= len(kindNames) {
		return nil, invalid("MarshalText", "%s is not known", k)
	}
	return []byte(kindNames[k]), nil
}

// UnmarshalText reads a kind's name, or the empty text as the zero kind. Its error is fault.InvalidRequest.
func (k *Kind) UnmarshalText(text []byte) error {
	i := slices.Index(kindNames[:], string(text))
	if i < 0 {
		return invalid("UnmarshalText", "the kind %q is not known: it is one of %q", text, kindNames[1:])
	}
	*k = Kind(i)
	return nil
}

// Terms is what the customer gets and on which conditions. Amounts are in minor units of Currency, cents for instance. The
// zero value says nothing: the merchant's own promotion engine knows.
type Terms struct {
	// Kind is how the discount is reckoned. Required.
	Kind Kind `cbor:"1,keyasint,omitempty" json:"kind,omitempty"`
	// Amount is the discount (AmountOff), more than zero, or the price of one item (FixedPrice), zero or more. 0 with the
	// other kinds.
	Amount int64 `cbor:"2,keyasint,omitempty" json:"amount,omitempty"`
	// Percent is in hundredths of a percent, 1 to 10000 (PercentOff). 0 with the other kinds.
	Percent int `cbor:"3,keyasint,omitempty" json:"percent,omitempty"`
	// Currency is the ISO 4217 code in capitals. Empty: every currency, which only terms that name no amount may have.
	Currency string `cbor:"4,keyasint,omitempty" json:"currency,omitempty"`
	// MinSpend is the least total of the eligible lines before this offer; 0: none.
	MinSpend int64 `cbor:"5,keyasint,omitempty" json:"minSpend,omitempty"`
	// MinQuantity is the least quantity of eligible items together; 0: none.
	MinQuantity Quantity `cbor:"6,keyasint,omitempty" json:"minQuantity,omitempty"`
	// Products are the GTINs (GS1 General Specifications, section 3.3.2) of the eligible products, of 8, 12, 13 or 14
	// digits; none: all products.
	Products []string `cbor:"7,keyasint,omitempty" json:"products,omitempty"`
	// MaxQuantity bounds the quantity that gets the discount, the cheapest items first; 0: no bound, and with FreeItem one
	// item.
	MaxQuantity Quantity `cbor:"8,keyasint,omitempty" json:"maxQuantity,omitempty"`
	// Cap bounds the discount; 0: no bound.
	Cap int64 `cbor:"9,keyasint,omitempty" json:"cap,omitempty"`
	// Combinable says that the offer may be used in one sale together with others that say so too.
	Combinable bool `cbor:"10,keyasint,omitempty" json:"combinable,omitempty"`
}

// IsZero reports whether the terms say nothing.
func (t Terms) IsZero() bool {
	return t.Kind == 0 && t.Amount == 0 && t.Percent == 0 && t.Currency == "" && t.MinSpend == 0 && t.MinQuantity == 0 &&
		len(t.Products) == 0 && t.MaxQuantity == 0 && t.Cap == 0 && !t.Combinable
}

// Check returns nil for terms that Apply can work with, else fault.InvalidRequest. The zero terms are not among them.
func (t Terms) Check() error {
	if err := t.checkKind(); err != nil {
		return err
	}
	for _, limit := range []struct {
		name      string
		value, of int64
	}{
		{"amount", t.Amount, MaxAmount}, {"least spend", t.MinSpend, MaxAmount}, {"cap", t.Cap, MaxAmount},
		{"least quantity", int64(t.MinQuantity), int64(MaxQuantity)}, {"greatest quantity", int64(t.MaxQuantity), int64(MaxQuantity)},
	} {
		if limit.value < 0 || limit.value > limit.of {
			return invalid("Check", "the %s is %d, not between 0 and %d", limit.name, limit.value, limit.of)
		}
	}
	if t.Currency == "" && (t.Amount != 0 || t.MinSpend != 0 || t.Cap != 0) {
		return invalid("Check", "the terms name an amount and no currency")
	}
	if t.Currency != "" && !IsCurrency(t.Currency) {
		return invalid("Check", "the currency %q is not three capital letters (ISO 4217)", t.Currency)
	}
	return t.checkProducts()
}

func (t Terms) checkKind() error {
	switch {
	case t.Kind < AmountOff || t.Kind > FreeItem:
		return invalid("Check", "%s is not known", t.Kind)
	case t.Kind == AmountOff && t.Amount == 0:
		return invalid("Check", "an amount off of zero is no offer")
	case t.Kind != AmountOff && t.Kind != FixedPrice && t.Amount != 0:
		return invalid("Check", "%s goes with no amount, but there is %d", t.Kind, t.Amount)
	case t.Kind == FixedPrice && t.Currency == "":
		return invalid("Check", "a fixed price needs a currency")
	case t.Kind == PercentOff && (t.Percent < 1 || t.Percent > MaxPercent):
		return invalid("Check", "%d hundredths of a percent are not between 1 and %d", t.Percent, MaxPercent)
	case t.Kind != PercentOff && t.Percent != 0:
		return invalid("Check", "%s goes with no percentage, but there is %d", t.Kind, t.Percent)
	}
	return nil
}

func (t Terms) checkProducts() error {
	if len(t.Products) > MaxProducts {
		return invalid("Check", "%d products, at most %d can be listed", len(t.Products), MaxProducts)
	}
	for _, text := range t.Products {
		if _, ok := parseGTIN(text); !ok {
			return invalid("Check", "the product %q is no GTIN of 8, 12, 13 or 14 digits with a right check digit", text)
		}
	}
	products := t.products()
	for i := 1; i < len(products); i++ {
		if products[i-1] == products[i] {
			return invalid("Check", "the product %d stands twice", products[i])
		}
	}
	return nil
}

// products returns the listed products in order.
func (t Terms) products() []gtin {
	products := make([]gtin, len(t.Products))
	for i, text := range t.Products {
		products[i], _ = parseGTIN(text)
	}
	slices.Sort(products)
	return products
}

// IsCurrency reports whether a text has the form of an ISO 4217 code: three capital letters.
func IsCurrency(s string) bool {
	isCapital := func(c byte) bool { return 'A' <= c && c <= 'Z' }
	return len(s) == 3 && isCapital(s[0]) && isCapital(s[1]) && isCapital(s[2])
}

func invalid(op, format string, args ...any) *fault.Error {
	return fault.New(fault.InvalidRequest, "terms."+op, format, args...)
}
