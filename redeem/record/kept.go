package record

import "github.com/offlane/offlane/redeem/fault"

// A kept is a signed statement as a terminal keeps it.
type kept struct {
	Version   int    `cbor:"1,keyasint"`
	KeyID     string `cbor:"2,keyasint"`
	Content   []byte `cbor:"3,keyasint"`
	Signature []byte `cbor:"4,keyasint"`
}

func (k *kept) version() int { return k.Version }

// maxKept bounds a statement as it is kept in bytes.
const maxKept = MaxStatement + 1<<10

// Encode returns the statement as a terminal keeps it in its journal, with the bytes that were signed verbatim. Errors:
// fault.InvalidRequest, fault.TooLarge.
func (s Signed) Encode() ([]byte, error) {
	const op = "record.Signed.Encode"
	raw, err := encode(kept{Version, s.KeyID, s.Content, s.Signature})
	if err != nil {
		return nil, fault.New(fault.InvalidRequest, op, "%w", err)
	}
	if len(raw) > maxKept {
		return nil, fault.New(fault.TooLarge, op, "the statement has %d bytes, at most %d are allowed", len(raw), maxKept)
	}
	return raw, nil
}

// DecodeSigned reads what Encode wrote. It verifies nothing: Open does that. Errors as Decode.
func DecodeSigned(raw []byte) (Signed, error) {
	var k kept
	if err := decode("signed statement", raw, maxKept, &k); err != nil {
		return Signed{}, err
	}
	if len(k.Content) == 0 || len(k.Signature) == 0 {
		return Signed{}, fault.New(fault.Malformed, "record.DecodeSigned", "the statement is empty or not signed")
	}
	return Signed{k.KeyID, k.Content, k.Signature}, nil
}
