package trust

import (
	"bytes"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/internal/cbor"
	"github.com/offlane/offlane/redeem/offer"
)

// Accept returns the bundle that a terminal of the merchant works with once it was handed data, a bundle or a delta of
// the one at hand, by the network or by a person. The bundle at hand, nil if none, stays good whatever is wrong with
// the data.
//
// Its error is one of those of Verify, fault.OtherMerchant, fault.RolledBack where the data is older than what is at
// hand, fault.Conflict where it has the same sequence and says something else, and fault.NotFound for a delta whose
// base is not the one at hand: ask for the whole bundle. Data that is at hand already is no error and changes nothing.
func Accept(have *Bundle, data []byte, roots offer.Keys, merchant string) (*Bundle, error) {
	if have != nil && bytes.Equal(have.data, data) {
		return have, nil
	}
	offered, err := verifyAny(have, data, roots)
	if err != nil {
		return nil, err
	}
	if offered.Merchant != merchant {
		return nil, fault.New(fault.OtherMerchant, "trust.Accept", "bundle %d is for %q, this terminal is of %q",
			offered.Sequence, offered.Merchant, merchant)
	}
	if have != nil && bytes.Equal(have.data, offered.data) {
		return have, nil
	}
	if err := offered.mayReplace(have); err != nil {
		return nil, err
	}
	return offered, nil
}

func verifyAny(have *Bundle, data []byte, roots offer.Keys) (*Bundle, error) {
	if !isDelta(data) {
		return Verify(data, roots)
	}
	delta, err := verifyDelta(data, roots)
	switch {
	case err != nil:
		return nil, err
	case have == nil || delta.Base != have.baseSequence():
		return nil, fault.New(fault.NotFound, "trust.Accept",
			"the delta changes bundle %d, which is not at hand: fetch the whole bundle",
			delta.Base)
	case delta.Merchant != have.Merchant:
		return nil, fault.New(fault.OtherMerchant, "trust.Accept", "delta %d is for %q, the bundle at hand for %q",
			delta.Sequence, delta.Merchant, have.Merchant)
	}
	return have.apply(delta, data)
}

// isDelta reports whether data calls itself a delta. Whether it is one is for verifyDelta to say.
func isDelta(data []byte) bool {
	const labelType = 16 // RFC 9596
	var message struct {
		_           struct{} `cbor:",toarray"`
		Protected   []byte
		Unprotected cbor.Skipped
		Payload     cbor.Skipped
		Signature   cbor.Skipped
	}
	if len(data) > maxSize || outer.Unmarshal(data, &message) != nil {
		return false
	}
	var headers map[any]any
	return outer.Unmarshal(message.Protected, &headers) == nil && headers[uint64(labelType)] == typeDelta
}

// mayReplace keeps an older bundle from coming back.
func (b *Bundle) mayReplace(have *Bundle) error {
	switch {
	case have == nil || b.Sequence > have.Sequence:
		return nil
	case b.Sequence < have.Sequence:
		return fault.New(fault.RolledBack, "trust.Accept", "bundle %d is older than %d, which stays", b.Sequence,
			have.Sequence)
	}
	return fault.New(fault.Conflict, "trust.Accept",
		"another bundle %d is at hand and stays: the backend gave one number twice", b.Sequence)
}
