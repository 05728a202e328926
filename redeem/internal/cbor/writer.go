package cbor

import (
	"encoding/binary"
	"math"
)

// A Writer appends items in the core deterministic encoding. The keys of a map come in ascending order: that is the
// caller's to keep. The methods that begin with Put write a pair, those with Opt one that is left out where it is
// zero or empty. It is for one goroutine.
type Writer struct {
	data  []byte
	pairs int // of the map that is being written
}

// NewWriter returns a writer that allocates once for up to size bytes.
func NewWriter(size int) Writer { return Writer{data: make([]byte, 0, size)} }

// Data returns what was written.
func (w *Writer) Data() []byte { return w.data }

// A Mark is what CloseMap needs to know of OpenMap.
type Mark struct{ start, pairs int }

// OpenMap begins a map of at most 255 pairs.
func (w *Writer) OpenMap() Mark {
	m := Mark{len(w.data), w.pairs}
	w.data, w.pairs = append(w.data, 0), 0
	return m
}

// CloseMap ends the map that was begun last.
func (w *Writer) CloseMap(m Mark) {
	const head = byte(Map) << 5
	if w.pairs < oneByte {
		w.data[m.start] = head | byte(w.pairs)
	} else {
		w.data = append(w.data, 0)
		copy(w.data[m.start+2:], w.data[m.start+1:])
		w.data[m.start], w.data[m.start+1] = head|oneByte, byte(w.pairs)
	}
	w.pairs = m.pairs
}

// Head writes the head of an item: its major type and its argument in the fewest bytes.
func (w *Writer) Head(major Major, n uint64) {
	first := byte(major) << 5
	switch {
	case n < oneByte:
		w.data = append(w.data, first|byte(n))
	case n <= math.MaxUint8:
		w.data = append(w.data, first|oneByte, byte(n))
	case n <= math.MaxUint16:
		w.data = binary.BigEndian.AppendUint16(append(w.data, first|(oneByte+1)), uint16(n))
	case n <= math.MaxUint32:
		w.data = binary.BigEndian.AppendUint32(append(w.data, first|(oneByte+2)), uint32(n))
	default:
		w.data = binary.BigEndian.AppendUint64(append(w.data, first|(oneByte+3)), n)
	}
}

// Append writes the content of an item whose head was written.
func (w *Writer) Append(content string) { w.data = append(w.data, content...) }

// Text writes a text, which is to be UTF-8.
func (w *Writer) Text(text string) {
	w.Head(Text, uint64(len(text)))
	w.Append(text)
}

// Key begins a pair.
func (w *Writer) Key(key uint64) {
	w.pairs++
	w.Head(Unsigned, key)
}

// PutText writes a pair with a text.
func (w *Writer) PutText(key uint64, text string) {
	w.Key(key)
	w.Text(text)
}

// OptText is PutText, left out where the text is empty.
func (w *Writer) OptText(key uint64, text string) {
	if text != "" {
		w.PutText(key, text)
	}
}

// PutBytes writes a pair with a byte string.
func (w *Writer) PutBytes(key uint64, bytes []byte) {
	w.Key(key)
	w.Head(Bytes, uint64(len(bytes)))
	w.data = append(w.data, bytes...)
}

// PutUint writes a pair with a number from 0.
func (w *Writer) PutUint(key, n uint64) {
	w.Key(key)
	w.Head(Unsigned, n)
}

// OptUint is PutUint, left out where the number is 0.
func (w *Writer) OptUint(key, n uint64) {
	if n != 0 {
		w.PutUint(key, n)
	}
}

// PutInt writes a pair with a number.
func (w *Writer) PutInt(key uint64, n int64) {
	w.Key(key)
	if n < 0 {
		w.Head(Negative, uint64(^n))
		return
	}
	w.Head(Unsigned, uint64(n))
}

// OptInt is PutInt, left out where the number is 0.
func (w *Writer) OptInt(key uint64, n int64) {
	if n != 0 {
		w.PutInt(key, n)
	}
}

// OptTrue writes a pair with true, left out where set is false.
func (w *Writer) OptTrue(key uint64, set bool) {
	if set {
		w.Key(key)
		w.Head(Simple, True)
	}
}
