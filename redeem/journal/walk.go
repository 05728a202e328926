package journal

import (
	"bytes"
)

// A visitor is told what a segment holds, in order.
type visitor interface {
	// frame is a frame whose checksum fits; padded says that only zeros follow up to the next.
	frame(off int64, f frame, padded bool)
	// junk is a stretch without a frame that is not all zeros, and ends with a byte that is not zero.
	junk(from, to int64)
}

// walk reads a segment from an offset on. After what is no frame it goes on at the next one that is.
func walk(b []byte, from int64, seed uint32, v visitor) {
	for pos := from; pos < int64(len(b)); {
		f, ok := parseFrame(b[pos:], seed, pos)
		if ok {
			end := pos + frameHead + int64(len(f.content))
			next := min(align(end), int64(len(b)))
			v.frame(pos, f, isZero(b[end:next]))
			pos = next
			continue
		}
		next := resync(b, seed, pos+1)
		if rest := bytes.TrimRight(b[pos:next], "\x00"); len(rest) > 0 {
			v.junk(pos, pos+int64(len(rest)))
		}
		pos = next
	}
}

// resync returns where the next frame at or behind pos starts, or the end.
func resync(b []byte, seed uint32, pos int64) int64 {
	for {
		i := bytes.Index(b[min(pos, int64(len(b))):], []byte(frameMagic))
		if i < 0 {
			return int64(len(b))
		}
		pos += int64(i)
		if _, ok := parseFrame(b[pos:], seed, pos); ok && pos%8 == 0 {
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
