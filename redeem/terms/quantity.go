package terms

import (
	"fmt"
	"strconv"
	"strings"
)

// A Quantity counts items, or kilograms, litres and the like, in thousandths: two items are 2*Item, 452 grams are 452. In
// CBOR it is the number of thousandths, in JSON and as text a decimal number such as 2 or 0.452.
type Quantity int64

// Item is one item, or one kilogram, litre and so on.
const Item Quantity = 1000

const quantityDigits = 3

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
	return invalid("ParseQuantity", "%.*q is no quantity: write a number of at most %d with up to %d decimals, such as 0.452",
		most, text, MaxQuantity/Item, quantityDigits)
}

// String returns the decimal number without needless zeros, such as "2" or "0.452".
func (q Quantity) String() string {
	sign, n := "", uint64(q)
	if q < 0 {
		sign, n = "-", -n
	}
	text := fmt.Sprintf("%s%d.%03d", sign, n/uint64(Item), n%uint64(Item))
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
