package format

import (
	"encoding/binary"
)

// Relocated is the payload of a record that was copied from a segment that is given back: what the frame that it
// replaces said beside the envelope.
//
//	 0  sequence   8
//	 8  number     8
//	16  settled    8  Unix milliseconds, 0: not settled
//	24  hash      32
//	56  length     4  of the record's payload plus one; 0: it is gone
//	60  payload
//	    verdict       to the end
type Relocated struct {
	Seq, Number uint64
	Settled     int64
	Hash        Hash
	Payload     []byte // nil: it is gone
	Verdict     []byte
}

const relocatedHead = 60

// AppendTo appends it as it is stored.
func (r *Relocated) AppendTo(b []byte) []byte {
	b = binary.LittleEndian.AppendUint64(b, r.Seq)
	b = binary.LittleEndian.AppendUint64(b, r.Number)
	b = binary.LittleEndian.AppendUint64(b, uint64(r.Settled))
	b = append(b, r.Hash[:]...)
	length := 0
	if r.Payload != nil {
		length = len(r.Payload) + 1
	}
	b = binary.LittleEndian.AppendUint32(b, uint32(length))
	return append(append(b, r.Payload...), r.Verdict...)
}

// ParseRelocated reads it. Payload and verdict are parts of b.
func ParseRelocated(b []byte) (Relocated, error) {
	if len(b) < relocatedHead {
		return Relocated{}, ErrContent
	}
	le := binary.LittleEndian
	r := Relocated{Seq: le.Uint64(b), Number: le.Uint64(b[8:]), Settled: int64(le.Uint64(b[16:])), Hash: Hash(b[24:56])}
	length, rest := int64(le.Uint32(b[56:])), b[relocatedHead:]
	if length > int64(len(rest))+1 {
		return Relocated{}, ErrContent
	}
	if length > 0 {
		r.Payload, rest = rest[:length-1:length-1], rest[length-1:]
	}
	r.Verdict = rest
	return r, nil
}
