package redeem

import "github.com/offlane/offlane/redeem/internal/cbor"

// encodeNote writes what a note of the journal keeps: numbers, texts and lists of them, which cannot fail to encode.
func encodeNote(v any) []byte {
	raw, err := cbor.Marshal(v)
	if err != nil {
		panic("redeem: numbers and texts cannot fail to encode: " + err.Error())
	}
	return raw
}

// noteDecoder passes over what a later version adds.
var noteDecoder = cbor.NewDecoder(cbor.Limits{})

// decodeNote reads what encodeNote wrote. What cannot be read is the zero value.
func decodeNote[T any](raw []byte) (v T) {
	if noteDecoder.Unmarshal(raw, &v) != nil {
		return *new(T)
	}
	return v
}
