package record

import (
	"github.com/fxamacker/cbor/v2"

	"github.com/offlane/offlane/redeem/fault"
)

// encode writes core deterministic CBOR (RFC 8949 section 4.2.1). The mode is made anew each time, which costs less than a
// microsecond beside a flush and keeps the package free of global state.
func encode(v any) ([]byte, error) {
	mode, err := cbor.CoreDetEncOptions().EncMode()
	if err != nil {
		return nil, err
	}
	return mode.Marshal(v)
}

// decode reads one CBOR item of a known version and nothing after it. Unknown fields are passed over, so that a newer
// minor release's records are still understood.
func decode(what string, raw []byte, most int, v any) error {
	op := "record.Decode"
	if len(raw) > most {
		return fault.New(fault.TooLarge, op, "the %s has %d bytes, at most %d are allowed", what, len(raw), most)
	}
	mode, err := cbor.DecOptions{
		DupMapKey:        cbor.DupMapKeyEnforcedAPF,
		IndefLength:      cbor.IndefLengthForbidden,
		TagsMd:           cbor.TagsForbidden,
		MaxNestedLevels:  8,
		MaxArrayElements: 4096,
		MaxMapPairs:      256,
		UTF8:             cbor.UTF8RejectInvalid,
	}.DecMode()
	if err != nil {
		return fault.New(fault.Internal, op, "%w", err)
	}
	var head struct {
		Version int `cbor:"1,keyasint"`
	}
	if err := mode.Unmarshal(raw, &head); err != nil {
		return fault.New(fault.Malformed, op, "%s: %w", what, err)
	}
	if head.Version != Version {
		return fault.New(fault.UnsupportedVersion, op,
			"the %s is of version %d, this program knows version %d: update it", what, head.Version, Version)
	}
	if err := mode.Unmarshal(raw, v); err != nil {
		return fault.New(fault.Malformed, op, "%s: %w", what, err)
	}
	return nil
}
