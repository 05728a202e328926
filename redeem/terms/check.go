package terms

import (
	"cmp"
	"slices"

	"github.com/offlane/offlane/redeem/fault"
)

// Limits that Check and Apply hold their input to. They keep every sum within 63 bits.
const (
	// MaxAmount is the greatest amount in minor units, of terms and of a line.
	MaxAmount = 1_000_000_000_000
	// MaxQuantity is the greatest quantity of terms and of a line: a million items, kilograms and so on.
	MaxQuantity = maxItems * item
	// MaxPercent is 100 percent in hundredths of a percent.
	MaxPercent = 10_000
	// maxProducts is the greatest number of products that terms may list.
	maxProducts = 1_000
	// MaxLines is the greatest number of lines of a sale.
	MaxLines = 10_000
)

// Check returns nil for terms that Apply can work with, else fault.InvalidRequest. The zero terms are not among them,
// nor are terms that nobody can mean: parts of an item, a cap below the amount off, a free item by weight without its
// weight.
func (t Terms) Check() error {
	return cmp.Or(t.checkKind(), t.checkLimits(), t.checkCurrency(), t.checkQuantities(), t.checkProducts())
}

func (t Terms) checkKind() error {
	switch {
	case !kindNames.knows(uint8(t.Kind)):
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

func (t Terms) checkLimits() error {
	for _, limit := range []struct {
		name      string
		value, of int64
	}{
		{"amount", t.Amount, MaxAmount}, {"least spend", t.MinSpend, MaxAmount}, {"cap", t.Cap, MaxAmount},
		{"least quantity", int64(t.MinQuantity), int64(MaxQuantity)},
		{"greatest quantity", int64(t.MaxQuantity), int64(MaxQuantity)},
	} {
		if limit.value < 0 || limit.value > limit.of {
			return invalid("Check", "the %s is %d, not between 0 and %d", limit.name, limit.value, limit.of)
		}
	}
	if t.Kind == AmountOff && t.Cap > 0 && t.Cap < t.Amount {
		return invalid("Check", "the cap of %d never lets the amount of %d off: one of the two is wrong", t.Cap, t.Amount)
	}
	return nil
}

func (t Terms) checkCurrency() error {
	switch {
	case t.Currency == "" && (t.Amount != 0 || t.MinSpend != 0 || t.Cap != 0):
		return invalid("Check", "the terms name an amount and no currency")
	case t.Currency != "" && !IsCurrency(t.Currency):
		return invalid("Check", "the currency %q is not three capital letters (ISO 4217)", t.Currency)
	}
	return nil
}

func (t Terms) checkQuantities() error {
	switch {
	case t.Unit >= OtherUnit:
		return invalid("Check", "terms cannot be in the unit %s: it is one of %q, or none for items",
			t.Unit, unitNames[1:OtherUnit])
	case t.Unit == 0 && !t.MinQuantity.whole():
		return notWhole("Check", "the least quantity", t.MinQuantity)
	case t.Unit == 0 && !t.MaxQuantity.whole():
		return notWhole("Check", "the greatest quantity", t.MaxQuantity)
	case t.Unit != 0 && t.Kind == FreeItem && t.MaxQuantity == 0:
		return invalid("Check", "a free item in %s needs a greatest quantity, which says how much is free", t.Unit)
	}
	return nil
}

func notWhole(op, what string, q Quantity) error {
	return invalid(op, "%s %s is no whole number of items: two are Items(2), and what is weighed has a unit", what, q)
}

func (t Terms) checkProducts() error {
	if len(t.Products) > maxProducts {
		return invalid("Check", "%d products, at most %d can be listed", len(t.Products), maxProducts)
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
