package offer

import (
	"crypto/rand"
	"log/slog"

	"github.com/offlane/offlane/redeem/fault"
)

// An ID is the offer identifier: 128 bits from a cryptographic source. Whoever knows it can redeem the offer, so it is
// never logged in full. The zero value names no offer.
type ID [16]byte

// NewID returns a fresh random identifier.
func NewID() ID {
	var id ID
	for id.IsZero() {
		_, _ = rand.Read(id[:]) // never fails: crypto/rand ends the program instead
	}
	return id
}

// IsZero reports whether the identifier is the zero value, which names no offer.
func (id ID) IsZero() bool { return id == ID{} }

// String returns the first four symbols of the short code and an ellipsis, enough to tell identifiers apart in a log
// and too little to redeem one.
func (id ID) String() string {
	if id.IsZero() {
		return "none"
	}
	return id.Code()[:4] + "…"
}

// LogValue returns what String returns, so that no log handler writes the whole identifier.
func (id ID) LogValue() slog.Value { return slog.StringValue(id.String()) }

// MarshalText returns the short code in full, for JSON. The zero identifier is the empty text.
func (id ID) MarshalText() ([]byte, error) {
	if id.IsZero() {
		return []byte{}, nil
	}
	return []byte(id.Code()), nil
}

// UnmarshalText reads a short code, or the empty text as the zero identifier. Its errors are those of ParseCode.
func (id *ID) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*id = ID{}
		return nil
	}
	parsed, err := ParseCode(string(text))
	if err != nil {
		return err
	}
	*id = parsed
	return nil
}

func errorf(code fault.Code, format string, args ...any) *fault.Error {
	return fault.New(code, "offer.Parse", format, args...)
}
