package trust

import (
	"fmt"
	"unicode/utf8"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/internal/cbor"
)

// formatVersion is the version of bundles and deltas that this program writes and reads.
const formatVersion = 1

// tolerant reads what is sealed, and outer the seals.
var (
	tolerant = cbor.NewDecoder(cbor.Limits{Elements: maxNames, Pairs: 256})
	outer    = cbor.NewDecoder(cbor.Limits{Pairs: 16, Loose: true})
)

// decode reads a payload of a known version in the deterministic encoding, and passes over keys that it does not know.
// A panic in the library below becomes an error.
func decode(what string, payload []byte, into any) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fault.New(fault.Internal, "trust.Verify", "reading the %s failed: %v", what, r)
		}
	}()
	var head struct {
		Version int `cbor:"1,keyasint"`
	}
	if err := tolerant.Unmarshal(payload, &head); err != nil {
		return malformedError("the %s cannot be read: %w", what, err)
	}
	if head.Version != formatVersion {
		return fault.New(fault.UnsupportedVersion, "trust.Verify",
			"the %s is of version %d, this program reads %d: update it",
			what, head.Version, formatVersion)
	}
	if err := tolerant.Unmarshal(payload, into); err != nil {
		return malformedError("the %s cannot be read: %w", what, err)
	}
	if !cbor.IsDeterministic(payload) {
		return fault.New(fault.NotCanonical, "trust.Verify", "the %s is not in the deterministic encoding", what)
	}
	return nil
}

func malformedError(format string, args ...any) error {
	return fault.New(fault.Malformed, "trust.Verify", format, args...)
}

func invalid(op, format string, args ...any) error {
	return fault.New(fault.InvalidRequest, "trust."+op, format, args...)
}

// checkName bounds a name's length in bytes.
func checkName(what, name string, least, most int) error {
	if len(name) < least || len(name) > most || !utf8.ValidString(name) {
		return fmt.Errorf("the %s %.32q is not %d to %d bytes of UTF-8", what, name, least, most)
	}
	return nil
}
