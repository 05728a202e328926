package record

import (
	"github.com/offlane/offlane/redeem/fault"
)

// A Status is the backend's final word on a record.
type Status string

// The four verdicts, and Received.
const (
	// Confirmed: the backend booked it.
	Confirmed Status = "confirmed"
	// Duplicate: another record of the same offer was committed first; First says where and when.
	Duplicate Status = "duplicate"
	// Rejected: it was not booked, for the reason given.
	Rejected Status = "rejected"
	// Quarantined: the backend cannot read it. It is kept at the till for support staff.
	Quarantined Status = "quarantined"
	// Received is no verdict yet: the backend keeps a void or a correction whose redemption has not come, and the verdict
	// follows when it came, or can no longer come. It stands among the Items of an answer alone, without a number.
	Received Status = "received"
)

// A First says which redemption was committed first.
type First struct {
	Place Place `cbor:"1,keyasint" json:"place"`
	// Record is the id of that redemption.
	Record ID `cbor:"2,keyasint" json:"record"`
	// Redeemed is the latest moment, in milliseconds since 1970, at which it can have happened at its till.
	Redeemed int64 `cbor:"3,keyasint,omitempty" json:"redeemed,omitempty"`
	// Committed is when the backend booked it, in milliseconds since 1970.
	Committed int64 `cbor:"4,keyasint" json:"committed"`
}

// A Verdict is the backend's final word on one record, named by id and hash.
type Verdict struct {
	Version int `cbor:"1,keyasint" json:"-"`
	// Number counts the terminal's verdicts from 1, without gaps but for one where the backend was restored from a backup.
	Number uint64 `cbor:"2,keyasint" json:"number"`
	Record ID     `cbor:"3,keyasint" json:"record"`
	Hash   Hash   `cbor:"4,keyasint" json:"hash"`
	Status Status `cbor:"5,keyasint" json:"status"`
	// Reason is set unless the record was confirmed.
	Reason fault.Code `cbor:"6,keyasint,omitempty" json:"reason,omitempty"`
	// Detail is a sentence for a person; it may be empty.
	Detail string `cbor:"7,keyasint,omitempty" json:"detail,omitempty"`
	// First is set on a duplicate.
	First *First `cbor:"8,keyasint,omitempty" json:"first,omitempty"`
	// Judged is when the verdict was given, in milliseconds since 1970.
	Judged int64 `cbor:"9,keyasint" json:"judged"`
	// Booked is the amount that was booked of a void or a correction, where it is another than the record says; nil: the
	// record's.
	Booked *Money `cbor:"10,keyasint,omitempty" json:"booked,omitempty"`
}

// maxVerdict bounds an encoded verdict in bytes.
const maxVerdict = 4 << 10

// Check reports whether the verdict is complete: fault.Malformed if not.
func (v Verdict) Check() error {
	const op = "record.Verdict.Check"
	if v.Record.IsZero() {
		return fault.New(fault.Malformed, op, "the verdict names no record")
	}
	switch v.Status {
	case Confirmed:
		return nil
	case Received:
		if v.Number != 0 {
			return fault.New(fault.Malformed, op, "%q is no verdict and has no number, this one has %d", v.Status, v.Number)
		}
		return nil
	case Duplicate, Rejected, Quarantined:
	default:
		return fault.New(fault.Malformed, op, "the verdict %q is unknown", v.Status)
	}
	if v.Reason == "" {
		return fault.New(fault.Malformed, op, "a record is %s without a reason", v.Status)
	}
	if v.Status == Duplicate && v.First == nil {
		return fault.New(fault.Malformed, op, "a duplicate does not say of what")
	}
	return nil
}

// Encode returns the verdict as it is kept in the journal. It sets Version.
func (v Verdict) Encode() ([]byte, error) {
	v.Version = Version
	raw, err := encode(v)
	if err != nil {
		return nil, fault.New(fault.InvalidRequest, "record.Verdict.Encode", "%w", err)
	}
	if len(raw) > maxVerdict {
		return nil, fault.New(fault.TooLarge, "record.Verdict.Encode", "the verdict has %d bytes, at most %d are allowed",
			len(raw), maxVerdict)
	}
	return raw, nil
}

// DecodeVerdict reads what Encode wrote. Errors: fault.TooLarge, fault.UnsupportedVersion, fault.Malformed.
func DecodeVerdict(raw []byte) (Verdict, error) {
	var v Verdict
	if err := decode("verdict", raw, maxVerdict, &v); err != nil {
		return Verdict{}, err
	}
	return v, v.Check()
}
