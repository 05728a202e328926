package format

import (
	"encoding/binary"
	"slices"
)

// Evidence is the payload of an entry of KindEvidence.
//
//	 0  origin   8  sequence of the entry that this one is a copy of; 0: it is none
//	 8  records  2  that the evidence covers, 1 to 1024
//	10  ids     16 each
//	    data       to the end, at least 1 byte
type Evidence struct {
	Origin uint64
	IDs    []byte
	Data   []byte
}

const (
	evidenceHead = 10
	// MaxCovered is how many records one entry covers. More settlements than a report has records are a second entry.
	MaxCovered = 1024
)

// The largest evidence, encrypted, is no larger than what a frame holds.
const _ = uint(MaxContent - (envelopeHead + evidenceHead + MaxCovered*len(ID{}) + MaxEvidence + SealedExtra))

// AppendTo appends the evidence as it is stored.
func (e *Evidence) AppendTo(b []byte) []byte {
	b = slices.Grow(b, evidenceHead+len(e.IDs)+len(e.Data))
	b = binary.LittleEndian.AppendUint64(b, e.Origin)
	b = binary.LittleEndian.AppendUint16(b, uint16(e.Records()))
	return append(append(b, e.IDs...), e.Data...)
}

// Records is how many records the evidence covers.
func (e *Evidence) Records() int { return len(e.IDs) / len(ID{}) }

// ID is the i-th of them.
func (e *Evidence) ID(i int) ID { return ID(e.IDs[i*len(ID{}):]) }

// ParseEvidence reads evidence, which keeps parts of b.
func ParseEvidence(b []byte) (e Evidence, err error) {
	if len(b) < evidenceHead {
		return e, ErrContent
	}
	n, rest := int(binary.LittleEndian.Uint16(b[8:])), b[evidenceHead:]
	if n == 0 || n > MaxCovered || len(rest) <= n*len(ID{}) {
		return e, ErrContent
	}
	e.Origin, e.IDs, e.Data = binary.LittleEndian.Uint64(b), rest[:n*len(ID{})], rest[n*len(ID{}):]
	return e, nil
}
