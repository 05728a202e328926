package recovery

import (
	"bytes"

	"github.com/offlane/offlane/redeem/journal/internal/format"
	"github.com/offlane/offlane/redeem/journal/internal/index"
)

// A Visitor is told what a segment holds, in order.
type Visitor interface {
	// Frame is a frame whose checksum fits; padded says that only zeros follow up to the next. f belongs to the scanner,
	// which uses it again: an allocation a frame took 24 MB more for two million records.
	Frame(off int64, f *format.Frame, padded bool)
	// Junk is a stretch without a frame that is not all zeros, and ends with a byte that is not zero.
	Junk(from, to int64)
}

// Scan reads what counts of a segment whose file has these bytes. What stands behind its end was never flushed, and a
// later epoch overrides it.
func Scan(b []byte, s *index.Segment, v Visitor) {
	scan(b[:min(int64(len(b)), s.End)], format.BodyStart, s.Sum, v)
}

// scan reads a segment's bytes from an offset on; seed is the one of its header. After what is no frame it goes on at
// the next one that is.
func scan(b []byte, from int64, seed uint32, v Visitor) {
	f := new(format.Frame)
	for pos := from; pos < int64(len(b)); {
		var ok bool
		if *f, ok = format.ParseFrame(b[pos:], seed, pos); ok {
			end := pos + format.FrameHead + int64(len(f.Content))
			next := min(format.Align(end), int64(len(b)))
			v.Frame(pos, f, isZero(b[end:next]))
			pos = next
			continue
		}
		next := resync(b, seed, pos+1)
		if rest := bytes.TrimRight(b[pos:next], "\x00"); len(rest) > 0 {
			v.Junk(pos, pos+int64(len(rest)))
		}
		pos = next
	}
}

// resync returns where the next frame at or behind pos starts, or the end.
func resync(b []byte, seed uint32, pos int64) int64 {
	for {
		i := bytes.Index(b[min(pos, int64(len(b))):], []byte(format.FrameMagic))
		if i < 0 {
			return int64(len(b))
		}
		pos += int64(i)
		if _, ok := format.ParseFrame(b[pos:], seed, pos); ok && pos%8 == 0 {
			return pos
		}
		pos++
	}
}

func isZero(b []byte) bool {
	for _, c := range b {
		if c != 0 {
			return false
		}
	}
	return true
}
