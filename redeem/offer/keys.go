package offer

import (
	"crypto/ed25519"
	"iter"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/offlane/offlane/redeem/fault"
)

// MaxName is the greatest length in bytes of an issuer's name, a merchant's, a store's, a campaign's and a key's id.
const MaxName = 64

// A Key is an issuer's public key and the time in which it may sign. Rotation with overlap is two keys with two ids
// whose times overlap: both verify.
type Key struct {
	// ID is the key's id as passes name it, 1 to MaxName bytes, unique within its issuer.
	ID string `json:"id"`
	// Issuer is the name that passes signed with this key bear, 1 to MaxName bytes.
	Issuer string `json:"issuer"`
	// Public is the Ed25519 public key (RFC 8032), 32 bytes.
	Public ed25519.PublicKey `json:"public"`
	// NotBefore and NotAfter bound the moment of signing: from NotBefore on, and before NotAfter. Zero: no bound.
	NotBefore time.Time `json:"notBefore,omitzero"`
	NotAfter  time.Time `json:"notAfter,omitzero"`
}

// InForce reports whether the key may sign at t.
func (k Key) InForce(t time.Time) bool { return isInRange(t, k.NotBefore, k.NotAfter) }

// isInRange reports whether t is in [from, until), where a zero bound is none.
func isInRange(t, from, until time.Time) bool {
	return (from.IsZero() || !t.Before(from)) && (until.IsZero() || t.Before(until))
}

// Keys is a set of issuers' keys. The zero value holds none; a set never changes once it is made.
type Keys struct{ byID map[string][]Key }

// NewKeys makes a set. Its error is fault.InvalidRequest for a key without name or id, of a wrong length, or with the
// id of another one of the same issuer.
func NewKeys(keys ...Key) (Keys, error) {
	byID := make(map[string][]Key, len(keys))
	for _, k := range keys {
		if err := k.check(); err != nil {
			return Keys{}, err
		}
		if slices.ContainsFunc(byID[k.ID], func(other Key) bool { return other.Issuer == k.Issuer }) {
			return Keys{}, invalid("NewKeys", "issuer %q has two keys with the id %q: give each its own", k.Issuer, k.ID)
		}
		byID[k.ID] = append(byID[k.ID], k)
	}
	return Keys{byID}, nil
}

func (k Key) check() error {
	switch {
	case !isName(k.ID):
		return invalid("NewKeys", "a key's id has 1 to %d bytes, this one has %d", MaxName, len(k.ID))
	case !isName(k.Issuer):
		return invalid("NewKeys", "key %q: an issuer's name has 1 to %d bytes, this one has %d", k.ID, MaxName, len(k.Issuer))
	case len(k.Public) != ed25519.PublicKeySize:
		return invalid("NewKeys", "key %q: a public key has %d bytes, this one has %d", k.ID, ed25519.PublicKeySize,
			len(k.Public))
	case !k.NotAfter.IsZero() && !k.NotBefore.Before(k.NotAfter):
		return invalid("NewKeys", "key %q: its time ends before it begins", k.ID)
	}
	return nil
}

// All yields every key, in no particular order.
func (k Keys) All() iter.Seq[Key] {
	return func(yield func(Key) bool) {
		for _, keys := range k.byID {
			for _, key := range keys {
				if !yield(key) {
					return
				}
			}
		}
	}
}

// find returns the issuer's key with this id.
func (k Keys) find(issuer, id string) (Key, bool) {
	for _, key := range k.byID[id] {
		if key.Issuer == issuer {
			return key, true
		}
	}
	return Key{}, false
}

func isName(s string) bool { return len(s) > 0 && len(s) <= MaxName && utf8.ValidString(s) }

func invalid(op, format string, args ...any) *fault.Error {
	return fault.New(fault.InvalidRequest, "offer."+op, format, args...)
}
