package terms

import (
	"fmt"
	"strconv"
	"strings"
)

// A Quantity is a number of items, or of kilograms, litres and the like where a Unit says so, in thousandths. Items
// makes one of items; 452 is 0.452 kg where the unit is the kilogram. In CBOR it is the number of thousandths, in JSON
// and as text a decimal number such as 2 or 0.452.
type Quantity int64

// item is one item, or one kilogram and so on.
const item Quantity = 1000

const maxItems = 1_000_000

const quantityDigits = 3

// Items returns the quantity of n items. Check refuses more than a million, and so does Apply.
func Items(n int) Quantity { return Quantity(min(max(n, -maxItems-1), maxItems+1)) * item }

// whole reports whether a quantity is a whole number of items.
func (q Quantity) whole() bool { return q%item == 0 }

// ParseQuantity reads a decimal number with a point and at most three decimals, which may be negative. Its error is
// fault.InvalidRequest.
func ParseQuantity(text string) (Quantity, error) {
	digits, sign := strings.CutPrefix(text, "-")
	whole, decimals, point := strings.Cut(digits, ".")
	if whole == "" || point && decimals == "" || len(decimals) > quantityDigits || strings.ContainsAny(digits, "+-_") {
		return 0, notQuantity(text)
	}
	n, err := strconv.ParseInt(whole+decimals+strings.Repeat("0", quantityDigits-len(decimals)), 10, 64)
	if err != nil || n > int64(MaxQuantity) {
		return 0, notQuantity(text)
	}
	if sign {
		n = -n
	}
	return Quantity(n), nil
}

func notQuantity(text string) error {
	const most = 32
	return invalid("ParseQuantity", "%.*q is no quantity: write a number of at most %d with up to %d decimals, "+
		"such as 0.452", most, text, maxItems, quantityDigits)
}

// String returns the decimal number without needless zeros, such as "2" or "0.452".
func (q Quantity) String() string {
	sign, n := "", uint64(q)
	if q < 0 {
		sign, n = "-", -n
	}
	text := fmt.Sprintf("%s%d.%03d", sign, n/uint64(item), n%uint64(item))
	return strings.TrimRight(strings.TrimRight(text, "0"), ".")
}

// MarshalJSON returns the decimal number.
func (q Quantity) MarshalJSON() ([]byte, error) { return []byte(q.String()), nil }

// UnmarshalJSON reads what ParseQuantity reads; null changes nothing.
func (q *Quantity) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		return nil
	}
	parsed, err := ParseQuantity(string(data))
	if err == nil {
		*q = parsed
	}
	return err
}
