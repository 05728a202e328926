package journal

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"slices"
	"time"
)

// An envelope is a frame's content. Little endian:
//
//	 0  id             16
//	16  ref            16
//	32  written         8  Unix milliseconds
//	40  keep until      8  Unix seconds, 0: not set
//	48  uses            1  signed
//	49  counted keys    1
//	50  keys            1  counted ones first, at most 4; 128 more where there is an attachment
//	51  status          1  of a settlement or a carried record
//	52  hashes of keys 16 each
//	    attachment         its length in 2 bytes, then itself; only where byte 50 says that there is one
//	    payload            to the end
//
// The payload of a note is the slot's length (1 byte, less one), the slot and the value; of a settlement the verdict; of one of
// several records their ids, 16 bytes each; what that of others is stands at their types.
type envelope struct {
	id, ref       ID
	written, keep int64
	uses          int8
	counted       uint8
	status        uint8
	hashes        [][16]byte
	attachment    []byte // nil: none
	payload       []byte
}

const (
	envelopeHead = 52
	// withAttachment is added to the number of keys.
	withAttachment = 1 << 7
	// attachmentHead is the length before an attachment.
	attachmentHead = 2
)

var errEnvelope = errors.New("the content is not what its kind asks for")

func (e *envelope) appendTo(b []byte) []byte {
	b = slices.Grow(b, envelopeHead+16*len(e.hashes)+attachmentHead+len(e.attachment)+len(e.payload))
	b = append(append(b, e.id[:]...), e.ref[:]...)
	b = binary.LittleEndian.AppendUint64(b, uint64(e.written))
	b = binary.LittleEndian.AppendUint64(b, uint64(e.keep))
	keys := byte(len(e.hashes))
	if len(e.attachment) > 0 {
		keys |= withAttachment
	}
	b = append(b, byte(e.uses), e.counted, keys, e.status)
	for i := range e.hashes {
		b = append(b, e.hashes[i][:]...)
	}
	if len(e.attachment) > 0 {
		b = binary.LittleEndian.AppendUint16(b, uint16(len(e.attachment)))
		b = append(b, e.attachment...)
	}
	return append(b, e.payload...)
}

// parse reads an envelope out of b and into e, whose hashes are used again. Attachment and payload are parts of b.
func (e *envelope) parse(b []byte) error {
	if len(b) < envelopeHead {
		return errEnvelope
	}
	keys := b[50] &^ withAttachment
	if keys > MaxKeys || b[49] > keys || len(b) < envelopeHead+16*int(keys) {
		return errEnvelope
	}
	e.id, e.ref = ID(b[:16]), ID(b[16:32])
	e.written, e.keep = int64(binary.LittleEndian.Uint64(b[32:])), int64(binary.LittleEndian.Uint64(b[40:]))
	e.uses, e.counted, e.status = int8(b[48]), b[49], b[51]
	e.hashes = e.hashes[:0]
	rest := b[envelopeHead:]
	for range int(keys) {
		e.hashes = append(e.hashes, [16]byte(rest))
		rest = rest[16:]
	}
	e.attachment, e.payload = nil, rest
	if keys == b[50] {
		return nil
	}
	return e.detach()
}

// detach takes the attachment off the start of the payload.
func (e *envelope) detach() error {
	if len(e.payload) < attachmentHead {
		return errEnvelope
	}
	n, rest := int(binary.LittleEndian.Uint16(e.payload)), e.payload[attachmentHead:]
	if n == 0 || n > MaxAttachment || n > len(rest) {
		return errEnvelope
	}
	e.attachment, e.payload = rest[:n:n], rest[n:]
	return nil
}

func notePayload(slot string, value []byte) []byte {
	return append(append([]byte{byte(len(slot) - 1)}, slot...), value...)
}

// given tells where the log begins since segments were given back: the payload of an entry of kindReturned.
//
//	0  sequence 8  first one that is still there
//	8  number   8  of the last record before it
type given struct{ first, number uint64 }

func (g given) payload() []byte {
	return binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(nil, g.first), g.number)
}

func (g *given) parse(b []byte) error {
	if len(b) != 16 {
		return errEnvelope
	}
	if first := binary.LittleEndian.Uint64(b); first > g.first {
		*g = given{first, binary.LittleEndian.Uint64(b[8:])}
	}
	return nil
}

func parseNote(b []byte) (slot string, value []byte, err error) {
	if len(b) < 1 || len(b) < 2+int(b[0]) {
		return "", nil, errEnvelope
	}
	n := 2 + int(b[0])
	return string(b[1:n]), b[n:], nil
}

// evidenceEntry is the payload of an entry of kindEvidence.
//
//	 0  origin   8  sequence of the entry that this one is a copy of; 0: it is none
//	 8  records  2  that the evidence covers, 1 to 1024
//	10  ids     16 each
//	    data       to the end, at least 1 byte
type evidenceEntry struct {
	origin uint64
	ids    []byte
	data   []byte
}

const (
	evidenceHead = 10
	// mostCovered is how many records one entry covers. More settlements than a report has records are a second entry.
	mostCovered = 1024
)

// The largest evidence, encrypted, is no larger than what a frame holds.
const _ = uint(maxContent - (envelopeHead + evidenceHead + mostCovered*len(ID{}) + MaxEvidence + sealedExtra))

func (e *evidenceEntry) appendTo(b []byte) []byte {
	b = slices.Grow(b, evidenceHead+len(e.ids)+len(e.data))
	b = binary.LittleEndian.AppendUint64(b, e.origin)
	b = binary.LittleEndian.AppendUint16(b, uint16(e.records()))
	return append(append(b, e.ids...), e.data...)
}

func (e *evidenceEntry) records() int { return len(e.ids) / len(ID{}) }

func (e *evidenceEntry) id(i int) ID { return ID(e.ids[i*len(ID{}):]) }

func parseEvidence(b []byte) (e evidenceEntry, err error) {
	if len(b) < evidenceHead {
		return e, errEnvelope
	}
	n, rest := int(binary.LittleEndian.Uint16(b[8:])), b[evidenceHead:]
	if n == 0 || n > mostCovered || len(rest) <= n*len(ID{}) {
		return e, errEnvelope
	}
	e.origin, e.ids, e.data = binary.LittleEndian.Uint64(b), rest[:n*len(ID{})], rest[n*len(ID{}):]
	return e, nil
}

// carried is the payload of a carried record: what the frame that it replaces said beside the envelope.
//
//	 0  sequence   8
//	 8  number     8
//	16  settled    8  Unix milliseconds, 0: not settled
//	24  hash      32
//	56  length     4  of the record's payload plus one; 0: it is gone
//	60  payload
//	    verdict       to the end
type carried struct {
	seq, number uint64
	settled     int64
	hash        Hash
	payload     []byte
	verdict     []byte
}

const carriedHead = 60

func (c *carried) appendTo(b []byte) []byte {
	b = binary.LittleEndian.AppendUint64(b, c.seq)
	b = binary.LittleEndian.AppendUint64(b, c.number)
	b = binary.LittleEndian.AppendUint64(b, uint64(c.settled))
	b = append(b, c.hash[:]...)
	length := 0
	if c.payload != nil {
		length = len(c.payload) + 1
	}
	b = binary.LittleEndian.AppendUint32(b, uint32(length))
	return append(append(b, c.payload...), c.verdict...)
}

func parseCarried(b []byte) (carried, error) {
	if len(b) < carriedHead {
		return carried{}, errEnvelope
	}
	le := binary.LittleEndian
	c := carried{seq: le.Uint64(b), number: le.Uint64(b[8:]), settled: int64(le.Uint64(b[16:])), hash: Hash(b[24:56])}
	length, rest := int64(le.Uint32(b[56:])), b[carriedHead:]
	if length > int64(len(rest))+1 {
		return carried{}, errEnvelope
	}
	if length > 0 {
		c.payload, rest = rest[:length-1:length-1], rest[length-1:]
	}
	c.verdict = rest
	return c, nil
}

func milliseconds(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func seconds(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}

func fromMilliseconds(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

func fromSeconds(s int64) time.Time {
	if s == 0 {
		return time.Time{}
	}
	return time.Unix(s, 0).UTC()
}

// keyHash is what is stored of a key: a hash that cannot be tried without the journal's salt. The salt before and the
// cut behind make a plain SHA-256 a keyed one.
func keyHash(salt [16]byte, key string) [16]byte {
	var room [16 + MaxKey]byte
	n := copy(room[:], salt[:])
	n += copy(room[n:], key)
	sum := sha256.Sum256(room[:n])
	return [16]byte(sum[:16])
}
