package format

import (
	"encoding/binary"
)

// NotePayload is the payload of a note: the slot's length (1 byte, less one), the slot and the value. A slot has 1 to
// MaxKey bytes.
func NotePayload(slot string, value []byte) []byte {
	return append(append([]byte{byte(len(slot) - 1)}, slot...), value...)
}

// ParseNote reads the payload of a note. The value is a part of b.
func ParseNote(b []byte) (slot string, value []byte, err error) {
	if len(b) < 1 || len(b) < 2+int(b[0]) {
		return "", nil, ErrContent
	}
	n := 2 + int(b[0])
	return string(b[1:n]), b[n:], nil
}

// A LogStart tells where the log starts since segments were given back: the payload of an entry of KindLogStart.
//
//	0  sequence 8  first one that is still there
//	8  number   8  of the last record before it
type LogStart struct{ First, Number uint64 }

// Payload is the start as it is stored.
func (s LogStart) Payload() []byte {
	return binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(nil, s.First), s.Number)
}

// Advance reads a start out of b. One that is not later than s is ignored.
func (s *LogStart) Advance(b []byte) error {
	if len(b) != 16 {
		return ErrContent
	}
	if first := binary.LittleEndian.Uint64(b); first > s.First {
		*s = LogStart{first, binary.LittleEndian.Uint64(b[8:])}
	}
	return nil
}
