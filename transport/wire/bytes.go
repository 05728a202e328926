package wire

import (
	"encoding/base64"

	"github.com/offlane/offlane/redeem/fault"
)

// Bytes are signed or encoded bytes that travel verbatim: in JSON a string of base64url without padding (RFC 4648
// section 5).
type Bytes []byte

// MarshalText returns the base64url form.
func (b Bytes) MarshalText() ([]byte, error) {
	return base64.RawURLEncoding.AppendEncode(nil, b), nil
}

// UnmarshalText reads the base64url form; anything else, padding and set trailing bits included, is fault.Malformed.
func (b *Bytes) UnmarshalText(text []byte) error {
	raw, err := base64.RawURLEncoding.Strict().AppendDecode(nil, text)
	if err != nil {
		return fault.New(fault.Malformed, "wire.Bytes", "not base64url without padding: %w", err)
	}
	*b = raw
	return nil
}
