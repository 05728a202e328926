package format

import (
	"encoding/binary"
	"errors"
	"slices"
)

// An Envelope is a frame's content. Little endian:
//
//	 0  id             16
//	16  ref            16
//	32  written         8  Unix milliseconds
//	40  keep until      8  Unix seconds, 0: not set
//	48  uses            1  signed
//	49  counted keys    1
//	50  keys            1  counted ones first, at most 4; 128 more where there is an attachment
//	51  status          1  of a settlement or a relocated record
//	52  hashes of keys 16 each
//	    attachment         its length in 2 bytes, then itself; only where byte 50 says that there is one
//	    payload            to the end
//
// The payload of a settlement is the verdict; of one of several records their ids, 16 bytes each. What the payloads of
// other kinds are stands at NotePayload, LogStart, Evidence and Relocated.
type Envelope struct {
	ID, Ref    ID
	Written    int64 // Unix milliseconds
	Keep       int64 // until when the record counts, Unix seconds; 0: not set
	Uses       int8
	Counted    uint8 // how many of the hashes are of counted keys
	Status     uint8
	Hashes     [][16]byte
	Attachment []byte // nil: none
	Payload    []byte
}

const (
	envelopeHead = 52
	// withAttachment is added to the number of keys.
	withAttachment = 1 << 7
	// attachmentHead is the length before an attachment.
	attachmentHead = 2
)

// ErrContent says that a content cannot be read.
var ErrContent = errors.New("the content is not what its kind asks for")

// AppendTo appends the envelope as it is stored.
func (e *Envelope) AppendTo(b []byte) []byte {
	b = slices.Grow(b, envelopeHead+16*len(e.Hashes)+attachmentHead+len(e.Attachment)+len(e.Payload))
	b = append(append(b, e.ID[:]...), e.Ref[:]...)
	b = binary.LittleEndian.AppendUint64(b, uint64(e.Written))
	b = binary.LittleEndian.AppendUint64(b, uint64(e.Keep))
	keys := byte(len(e.Hashes))
	if len(e.Attachment) > 0 {
		keys |= withAttachment
	}
	b = append(b, byte(e.Uses), e.Counted, keys, e.Status)
	for i := range e.Hashes {
		b = append(b, e.Hashes[i][:]...)
	}
	if len(e.Attachment) > 0 {
		b = binary.LittleEndian.AppendUint16(b, uint16(len(e.Attachment)))
		b = append(b, e.Attachment...)
	}
	return append(b, e.Payload...)
}

// Parse reads an envelope out of b and into e, whose hashes are used again. Attachment and payload are parts of b.
func (e *Envelope) Parse(b []byte) error {
	if len(b) < envelopeHead {
		return ErrContent
	}
	keys := b[50] &^ withAttachment
	if keys > MaxKeys || b[49] > keys || len(b) < envelopeHead+16*int(keys) {
		return ErrContent
	}
	e.ID, e.Ref = ID(b[:16]), ID(b[16:32])
	e.Written, e.Keep = int64(binary.LittleEndian.Uint64(b[32:])), int64(binary.LittleEndian.Uint64(b[40:]))
	e.Uses, e.Counted, e.Status = int8(b[48]), b[49], b[51]
	e.Hashes = e.Hashes[:0]
	rest := b[envelopeHead:]
	for range int(keys) {
		e.Hashes = append(e.Hashes, [16]byte(rest))
		rest = rest[16:]
	}
	e.Attachment, e.Payload = nil, rest
	if keys == b[50] {
		return nil
	}
	return e.splitAttachment()
}

// splitAttachment takes the attachment off the start of the payload.
func (e *Envelope) splitAttachment() error {
	if len(e.Payload) < attachmentHead {
		return ErrContent
	}
	n, rest := int(binary.LittleEndian.Uint16(e.Payload)), e.Payload[attachmentHead:]
	if n == 0 || n > MaxAttachment || n > len(rest) {
		return ErrContent
	}
	e.Attachment, e.Payload = rest[:n:n], rest[n:]
	return nil
}
