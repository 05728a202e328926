package format

import (
	"encoding/binary"
	"hash/crc32"
)

// A Frame is an entry on disk. Little endian, at a multiple of 8 bytes in its segment, filled up with zeros to the
// next:
//
//	 0  magic    4  "OLJ1"
//	 4  CRC-32C  4  of segment id, offset in the segment (8 bytes), and everything from here on
//	 8  length   4  of the content
//	12  kind     1
//	13  flags    1  1: first of its call, 2: last of its call, 4: encrypted
//	14  position 2  in its group, from 1: sequence less position is the last one that was durable before
//	16  sequence 8
//	24  number   8  of the last record in the chain up to and including this frame
//	32  content
type Frame struct {
	Kind        Kind
	Flags       uint8
	PosInGroup  uint16
	Seq, Number uint64
	Content     []byte
}

// NumberBefore is the number of the last record in the chain before the frame.
func (f *Frame) NumberBefore() uint64 {
	if f.Kind == KindRecord && f.Number > 0 {
		return f.Number - 1
	}
	return f.Number
}

const (
	// FrameMagic is what a frame starts with.
	FrameMagic = "OLJ1"
	// FrameHead is the size of what stands before the content, in bytes.
	FrameHead = 32
	// MaxContent holds the largest relocated record with an attachment, a payload and a verdict, encrypted. The largest
	// evidence is less.
	MaxContent = envelopeHead + MaxKeys*16 + attachmentHead + MaxAttachment + relocatedHead + 2*MaxPayload + SealedExtra

	// FlagFirst is set on the first frame of a call, FlagLast on its last one.
	FlagFirst = 1
	FlagLast  = 2
	// FlagSealed is set where the content is encrypted.
	FlagSealed = 4
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Align rounds up to a multiple of 8 bytes.
func Align(n int64) int64 { return (n + 7) &^ 7 }

// FrameSize is how many bytes a frame with a content of n bytes takes.
func FrameSize(n int) int64 { return Align(int64(FrameHead + n)) }

// checksum is the CRC of a frame that stands at off in the segment whose id's CRC is seed.
func checksum(seed uint32, off int64, frame []byte) uint32 {
	return crc32.Update(checksumOffset(seed, off), castagnoli, frame[8:])
}

// checksumOffset adds the eight bytes of an offset to a CRC. crc32.Update would want them on the heap, for every frame.
func checksumOffset(crc uint32, off int64) uint32 {
	crc = ^crc
	for _, half := range [2]uint32{uint32(off), uint32(off >> 32)} {
		crc ^= half
		for range 4 {
			crc = castagnoli[byte(crc)] ^ crc>>8
		}
	}
	return ^crc
}

// AppendFrame appends f, which is to stand at off in the segment with that seed.
func AppendFrame(b []byte, seed uint32, off int64, f *Frame) []byte {
	start := len(b)
	b = binary.LittleEndian.AppendUint64(b, uint64(off)) // where magic and CRC will be: the CRC goes over it
	b = binary.LittleEndian.AppendUint32(b, uint32(len(f.Content)))
	b = append(b, byte(f.Kind), f.Flags)
	b = binary.LittleEndian.AppendUint16(b, f.PosInGroup)
	b = binary.LittleEndian.AppendUint64(b, f.Seq)
	b = binary.LittleEndian.AppendUint64(b, f.Number)
	b = append(b, f.Content...)
	crc := crc32.Update(seed, castagnoli, b[start:])
	copy(b[start:], FrameMagic)
	binary.LittleEndian.PutUint32(b[start+4:], crc)
	for (len(b)-start)&7 != 0 {
		b = append(b, 0)
	}
	return b
}

// ParseFrame reads the frame at the start of b, which stands at off. Its content is a part of b.
func ParseFrame(b []byte, seed uint32, off int64) (Frame, bool) {
	if len(b) < FrameHead || string(b[:4]) != FrameMagic {
		return Frame{}, false
	}
	le := binary.LittleEndian
	length := le.Uint32(b[8:])
	if length > MaxContent || int(length) > len(b)-FrameHead {
		return Frame{}, false
	}
	end := FrameHead + int(length)
	if le.Uint32(b[4:]) != checksum(seed, off, b[:end]) {
		return Frame{}, false
	}
	f := Frame{Kind: Kind(b[12]), Flags: b[13], PosInGroup: le.Uint16(b[14:]), Seq: le.Uint64(b[16:]),
		Number: le.Uint64(b[24:])}
	f.Content = b[FrameHead:end:end]
	return f, f.PosInGroup > 0 && f.Seq >= uint64(f.PosInGroup)
}
