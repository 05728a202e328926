package cbor

import "github.com/fxamacker/cbor/v2"

// A Raw is an item as it is encoded, for a field that is read later.
type Raw = cbor.RawMessage

var canonical = must(cbor.CoreDetEncOptions().EncMode())

// must is for modes, whose options are constants.
func must[T any](mode T, err error) T {
	if err != nil {
		panic("cbor: the options of a mode cannot be: " + err.Error())
	}
	return mode
}

// Marshal returns v in the core deterministic encoding. It errs for what CBOR cannot hold, such as a text that is not
// UTF-8.
func Marshal(v any) ([]byte, error) { return canonical.Marshal(v) }

// Limits bound what a Decoder reads.
type Limits struct {
	// Elements is the most elements of an array, from 16; 0: the library's own bound, 131,072.
	Elements int
	// Pairs is the most pairs of a map, from 16; 0: the library's own bound, 131,072.
	Pairs int
	// KnownKeys refuses a key for which a Go type has no field; false: it is passed over.
	KnownKeys bool
	// Loose takes tags, and of a key that stands twice the first. It is for a look at what another part of the
	// program judges.
	Loose bool
}

// A Decoder reads items into Go types, at most MaxLevels deep and without indefinite lengths. Make one for each
// format and keep it: making one takes longer than reading with it. It may be used by several goroutines at once.
type Decoder struct{ mode cbor.DecMode }

// NewDecoder returns a decoder with these limits. It panics for limits that cannot be.
func NewDecoder(l Limits) Decoder {
	options := cbor.DecOptions{IndefLength: cbor.IndefLengthForbidden, MaxNestedLevels: MaxLevels,
		MaxArrayElements: l.Elements, MaxMapPairs: l.Pairs}
	if !l.Loose {
		options.DupMapKey, options.TagsMd = cbor.DupMapKeyEnforcedAPF, cbor.TagsForbidden
	}
	if l.KnownKeys {
		options.ExtraReturnErrors = cbor.ExtraDecErrorUnknownField
	}
	return Decoder{must(options.DecMode())}
}

// Unmarshal reads one item with nothing behind it.
func (d Decoder) Unmarshal(data []byte, into any) error { return d.mode.Unmarshal(data, into) }

// Split parts the first item from what follows it. It errs where there is no whole item.
func (d Decoder) Split(data []byte) (first, rest []byte, err error) {
	var item Skipped
	rest, err = d.mode.UnmarshalFirst(data, &item)
	if err != nil {
		return nil, nil, err
	}
	return data[:len(data)-len(rest)], rest, nil
}

// Skipped is a field that is passed over without a copy of it.
type Skipped struct{}

// UnmarshalCBOR keeps nothing.
func (*Skipped) UnmarshalCBOR([]byte) error { return nil }
