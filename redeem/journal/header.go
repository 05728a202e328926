package journal

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"strconv"
	"strings"
)

// A header is a segment's first 512 bytes, and its second. Little endian:
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
type header struct {
	major, minor uint16
	id           [16]byte
	journal      [16]byte
	epoch        uint64
	ordinal      uint64
	first        uint64
	size         int64
	key          keyID
}

const (
	headerMagic = "OFFLANEJ"
	headerSize  = 512
	bodyStart   = 2 * headerSize
	suffix      = ".journal"
	// Major and Minor are the version of the format that this release writes.
	major = 1
	minor = 0
)

var (
	errHeader  = errors.New("both copies of the header are damaged")
	errForeign = errors.New("not a segment of a journal")
)

func (h *header) name() string {
	return fmt.Sprintf("%010x-%06x-%x-%x%s", h.ordinal, h.epoch, h.id, h.journal, suffix)
}

// parseName reads what a file's name says; ok is false for a file that is none of ours.
func parseName(name string) (h header, ok bool) {
	stem, ok := strings.CutSuffix(name, suffix)
	parts := strings.Split(stem, "-")
	if !ok || len(parts) != 4 {
		return h, false
	}
	var errs [4]error
	h.ordinal, errs[0] = strconv.ParseUint(parts[0], 16, 48)
	h.epoch, errs[1] = strconv.ParseUint(parts[1], 16, 48)
	errs[2] = parseHex(&h.id, parts[2])
	errs[3] = parseHex(&h.journal, parts[3])
	for _, err := range errs {
		ok = ok && err == nil
	}
	return h, ok && h.name() == name
}

func parseHex(to *[16]byte, text string) error {
	if len(text) != 32 {
		return errForeign
	}
	_, err := hex.Decode(to[:], []byte(text))
	return err
}

// appendTo appends both copies.
func (h *header) appendTo(b []byte) []byte {
	var room [headerSize]byte
	copy(room[:], headerMagic)
	le := binary.LittleEndian
	le.PutUint16(room[8:], h.major)
	le.PutUint16(room[10:], h.minor)
	copy(room[16:], h.id[:])
	copy(room[32:], h.journal[:])
	le.PutUint64(room[48:], h.epoch)
	le.PutUint64(room[56:], h.ordinal)
	le.PutUint64(room[64:], h.first)
	le.PutUint64(room[72:], uint64(h.size))
	copy(room[80:], h.key[:])
	le.PutUint32(room[508:], crc32.Checksum(room[:508], castagnoli))
	return append(append(b, room[:]...), room[:]...)
}

// parseHeader reads one copy; ok is false where it is damaged.
func parseHeader(b []byte) (h header, ok bool) {
	le := binary.LittleEndian
	if len(b) < headerSize || string(b[:8]) != headerMagic || le.Uint32(b[508:]) != crc32.Checksum(b[:508], castagnoli) {
		return h, false
	}
	h.major, h.minor = le.Uint16(b[8:]), le.Uint16(b[10:])
	h.id, h.journal, h.key = [16]byte(b[16:]), [16]byte(b[32:]), keyID(b[80:])
	h.epoch, h.ordinal, h.first, h.size = le.Uint64(b[48:]), le.Uint64(b[56:]), le.Uint64(b[64:]), int64(le.Uint64(b[72:]))
	return h, true
}

// seed is the CRC of the segment's id, with which every frame's checksum begins.
func (h *header) seed() uint32 { return crc32.Checksum(h.id[:], castagnoli) }
