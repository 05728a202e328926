package record

import (
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/internal/cbor"
)

// strict reads what is judged. lenient reads the id and the chain of what may be no record at all.
var (
	strict  = cbor.NewDecoder(cbor.Limits{Elements: 4096, Pairs: 256})
	lenient = cbor.NewDecoder(cbor.Limits{Loose: true})
)

// encode writes core deterministic CBOR (RFC 8949 section 4.2.1).
func encode(v any) ([]byte, error) { return cbor.Marshal(v) }

// What is versioned says of which version it is.
type versioned interface{ version() int }

func (r *Record) version() int  { return r.Version }
func (h *Heading) version() int { return h.Version }
func (v *Verdict) version() int { return v.Version }

// decode reads one CBOR item of a known version and nothing after it. Unknown fields are passed over, so that a newer
// minor release's records are still understood.
func decode(what string, raw []byte, most int, v versioned) error {
	op := "record.Decode"
	if len(raw) > most {
		return fault.New(fault.TooLarge, op, "the %s has %d bytes, at most %d are allowed", what, len(raw), most)
	}
	err := strict.Unmarshal(raw, v)
	if err == nil && v.version() == Version {
		return nil
	}
	var head struct { // of another version nothing else may be as it is in this one
		Version int `cbor:"1,keyasint"`
	}
	if strict.Unmarshal(raw, &head) == nil && head.Version != Version {
		return fault.New(fault.UnsupportedVersion, op,
			"the %s is of version %d, this program knows version %d: update it", what, head.Version, Version)
	}
	return fault.New(fault.Malformed, op, "%s: %w", what, err)
}
