package journal

import (
	"encoding/binary"
	"hash/crc32"
)

// A frame is a record on disk. Little endian, at a multiple of 8 bytes in its segment, filled up with zeros to the next:
//
//	 0  magic    4  "OLJ1"
//	 4  CRC-32C  4  of segment id, offset in the segment (8 bytes), and everything from here on
//	 8  length   4  of the content
//	12  kind     1
//	13  flags    1  1: first of its call, 2: last of its call, 4: encrypted
//	14  place    2  in its group, from 1: sequence less place is the last one that was durable before
//	16  sequence 8
//	24  number   8  of the last record in the chain up to and including this frame
//	32  content
type frame struct {
	kind        Kind
	flags       uint8
	place       uint16
	seq, number uint64
	content     []byte
	about       []uint64 // the records that a settlement names, where they were just looked up; not on disk
}

// before is the number of the last record in the chain before the frame.
func (f *frame) before() uint64 {
	if f.kind == KindRecord && f.number > 0 {
		return f.number - 1
	}
	return f.number
}

const (
	frameMagic = "OLJ1"
	frameHead  = 32
	// maxContent holds the largest carried record with an attachment, a payload and a verdict, encrypted. The largest
	// evidence is less.
	maxContent = envelopeHead + MaxKeys*16 + attachmentHead + MaxAttachment + carriedHead + 2*MaxPayload + sealedExtra

	flagFirst  = 1
	flagLast   = 2
	flagSealed = 4
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func align(n int64) int64 { return (n + 7) &^ 7 }

// frameSize is the room that a frame with a content of n bytes takes.
func frameSize(n int) int64 { return align(int64(frameHead + n)) }

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

// appendFrame appends f, which is to stand at off in the segment with that seed.
func appendFrame(b []byte, seed uint32, off int64, f *frame) []byte {
	start := len(b)
	b = binary.LittleEndian.AppendUint64(b, uint64(off)) // where magic and CRC will be: the CRC goes over it
	b = binary.LittleEndian.AppendUint32(b, uint32(len(f.content)))
	b = append(b, byte(f.kind), f.flags)
	b = binary.LittleEndian.AppendUint16(b, f.place)
	b = binary.LittleEndian.AppendUint64(b, f.seq)
	b = binary.LittleEndian.AppendUint64(b, f.number)
	b = append(b, f.content...)
	crc := crc32.Update(seed, castagnoli, b[start:])
	copy(b[start:], frameMagic)
	binary.LittleEndian.PutUint32(b[start+4:], crc)
	for (len(b)-start)&7 != 0 {
		b = append(b, 0)
	}
	return b
}

// parseFrame reads the frame at the start of b, which stands at off. Its content is a part of b.
func parseFrame(b []byte, seed uint32, off int64) (frame, bool) {
	if len(b) < frameHead || string(b[:4]) != frameMagic {
		return frame{}, false
	}
	le := binary.LittleEndian
	length := le.Uint32(b[8:])
	if length > maxContent || int(length) > len(b)-frameHead {
		return frame{}, false
	}
	end := frameHead + int(length)
	if le.Uint32(b[4:]) != checksum(seed, off, b[:end]) {
		return frame{}, false
	}
	f := frame{kind: Kind(b[12]), flags: b[13], place: le.Uint16(b[14:]), seq: le.Uint64(b[16:]), number: le.Uint64(b[24:])}
	f.content = b[frameHead:end:end]
	return f, f.place > 0 && f.seq >= uint64(f.place)
}
