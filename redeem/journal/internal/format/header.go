package format

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"strconv"
	"strings"
)

// A Header is a segment's first 512 bytes, and its second. Little endian:
//
//	  0  magic        8  "OFFLANEJ"
//	  8  major        2
//	 10  minor        2
//	 12  zero         4
//	 16  segment id  16
//	 32  journal id  16
//	 48  epoch        8
//	 56  ordinal      8
//	 64  first        8  sequence number that the segment starts with
//	 72  size         8  of the file
//	 80  key id      16  of the key that the contents are encrypted with; zero: they are not
//	 96  zero       412
//	508  CRC-32C      4  of the 508 bytes before
//
// What must be known even when both are damaged stands in the file's name as well:
// ordinal-epoch-segment id-journal id.journal, all in hexadecimal.
type Header struct {
	Major, Minor uint16
	ID           [16]byte // of the segment
	Journal      [16]byte // the journal's id
	Epoch        uint64
	Ordinal      uint64
	First        uint64 // sequence number that the segment starts with
	Size         int64  // of the file, in bytes
	Key          KeyID
}

const (
	// HeaderMagic is what a header starts with.
	HeaderMagic = "OFFLANEJ"
	// HeaderSize is the size of one copy of the header in bytes.
	HeaderSize = 512
	// BodyStart is where the first frame stands.
	BodyStart = 2 * HeaderSize
	// Suffix is what a segment's name ends in.
	Suffix = ".journal"
	// Major and Minor are the version of the format that this release writes.
	Major = 1
	Minor = 0
)

var (
	// ErrHeader says that no copy of a header can be read.
	ErrHeader = errors.New("both copies of the header are damaged")
	// ErrForeign says that a file is no part of this journal.
	ErrForeign = errors.New("not a segment of a journal")
)

// Name is the name of the segment's file.
func (h *Header) Name() string {
	return fmt.Sprintf("%010x-%06x-%x-%x%s", h.Ordinal, h.Epoch, h.ID, h.Journal, Suffix)
}

// ParseName reads what a file's name says; ok is false for a file that is none of ours.
func ParseName(name string) (h Header, ok bool) {
	stem, ok := strings.CutSuffix(name, Suffix)
	parts := strings.Split(stem, "-")
	if !ok || len(parts) != 4 {
		return h, false
	}
	var errs [4]error
	h.Ordinal, errs[0] = strconv.ParseUint(parts[0], 16, 48)
	h.Epoch, errs[1] = strconv.ParseUint(parts[1], 16, 48)
	errs[2] = parseHex(&h.ID, parts[2])
	errs[3] = parseHex(&h.Journal, parts[3])
	for _, err := range errs {
		ok = ok && err == nil
	}
	return h, ok && h.Name() == name
}

func parseHex(to *[16]byte, text string) error {
	if len(text) != 32 {
		return ErrForeign
	}
	_, err := hex.Decode(to[:], []byte(text))
	return err
}

// AppendTo appends both copies.
func (h *Header) AppendTo(b []byte) []byte {
	var one [HeaderSize]byte
	copy(one[:], HeaderMagic)
	le := binary.LittleEndian
	le.PutUint16(one[8:], h.Major)
	le.PutUint16(one[10:], h.Minor)
	copy(one[16:], h.ID[:])
	copy(one[32:], h.Journal[:])
	le.PutUint64(one[48:], h.Epoch)
	le.PutUint64(one[56:], h.Ordinal)
	le.PutUint64(one[64:], h.First)
	le.PutUint64(one[72:], uint64(h.Size))
	copy(one[80:], h.Key[:])
	le.PutUint32(one[508:], crc32.Checksum(one[:508], castagnoli))
	return append(append(b, one[:]...), one[:]...)
}

// ParseHeader reads one copy; ok is false where it is damaged.
func ParseHeader(b []byte) (h Header, ok bool) {
	le := binary.LittleEndian
	if len(b) < HeaderSize || string(b[:8]) != HeaderMagic || le.Uint32(b[508:]) != crc32.Checksum(b[:508], castagnoli) {
		return h, false
	}
	h.Major, h.Minor = le.Uint16(b[8:]), le.Uint16(b[10:])
	h.ID, h.Journal, h.Key = [16]byte(b[16:]), [16]byte(b[32:]), KeyID(b[80:])
	h.Epoch, h.Ordinal, h.First, h.Size = le.Uint64(b[48:]), le.Uint64(b[56:]), le.Uint64(b[64:]), int64(le.Uint64(b[72:]))
	return h, true
}

// Seed is the CRC of the segment's id, with which every frame's checksum begins.
func (h *Header) Seed() uint32 { return crc32.Checksum(h.ID[:], castagnoli) }
