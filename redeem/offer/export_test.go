package offer

import "github.com/offlane/offlane/barcode/gs1"

// DecodeBase45 is decodeBase45, for tests.
func DecodeBase45(text string) ([]byte, error) { return decodeBase45(text) }

// EncodeBase45 is encodeBase45 as text, for tests.
func EncodeBase45(data []byte) string { return string(encodeBase45(data)) }

// A Reading is what one of the two ways to read a pass makes of it.
type Reading struct {
	Pass           Pass
	Content, Value []byte
}

// ReadPlain is readPlain, for tests.
func ReadPlain(data []byte) (Reading, bool) {
	pass, signed, ok := readPlain(data)
	if !ok {
		return Reading{}, false
	}
	return Reading{*pass, signed.content, signed.value}, true
}

// ReadAny is readAny, for tests.
func ReadAny(data []byte) (Reading, bool) {
	pass, signed, err := readAny(data)
	if err != nil {
		return Reading{}, false
	}
	return Reading{*pass, signed.content, signed.value}, true
}

// Unseparated is Reader.countUnseparated, for tests.
func (r Reader) Unseparated(text string) (count uint64, listed []gs1.Elements) {
	return r.countUnseparated(text)
}

// Claims and Own are the maps of a pass.
type (
	Claims = claims
	Own    = own
)

// Lengths of codes, for tests.
const (
	CodeLen   = codeLen
	DigitsLen = digitsLen
)

// ParseDigits is parseDigits, for tests.
func ParseDigits(text string) (ID, error) { return parseDigits(text) }

// CouponCode is Presented.couponCode, for tests.
func (p Presented) CouponCode() (gs1.Coupon, bool) { return p.couponCode() }

// PositiveOffer is Presented.positiveOffer, for tests.
func (p Presented) PositiveOffer() (gs1.PositiveOffer, bool) { return p.positiveOffer() }

// Find is Keys.find, for tests.
func (k Keys) Find(issuer, id string) (Key, bool) { return k.find(issuer, id) }
