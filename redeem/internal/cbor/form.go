package cbor

import (
	"bytes"
	"encoding/binary"
	"unicode/utf8"
)

// MaxLevels is how deep items may lie within each other.
const MaxLevels = 8

// A Major is a major type of CBOR (RFC 8949, section 3.1).
type Major byte

// The major types.
const (
	Unsigned Major = iota
	Negative
	Bytes
	Text
	Array
	Map
	Tag
	Simple
)

// The simple values that this package takes (RFC 8949, section 3.3).
const (
	False = 20
	True  = 21
	Null  = 22
)

// The arguments of a head that say that the value follows in 1 and in 8 bytes (RFC 8949, section 3).
const (
	oneByte    = 24
	eightBytes = 27
)

// IsDeterministic reports whether data is one item in the core deterministic encoding, at most MaxLevels deep. It
// takes no tags, no floating-point numbers and no simple values but false, true and null, since no format here has
// others. It looks at the bytes alone and allocates nothing.
func IsDeterministic(data []byte) bool {
	rest, ok := skipItem(data, MaxLevels)
	return ok && len(rest) == 0
}

// skipItem returns what follows the first item; ok is false where the item is not in the one form.
func skipItem(data []byte, levels int) (rest []byte, ok bool) {
	major, n, rest, ok := cutHead(data)
	if !ok || levels == 0 {
		return nil, false
	}
	switch major {
	case Unsigned, Negative:
		return rest, true
	case Bytes, Text:
		if n > uint64(len(rest)) || major == Text && !utf8.Valid(rest[:n]) {
			return nil, false
		}
		return rest[n:], true
	case Array:
		for ; n > 0 && ok; n-- {
			rest, ok = skipItem(rest, levels-1)
		}
		return rest, ok
	case Map:
		return skipPairs(rest, n, levels-1)
	case Simple:
		return rest, n >= False && n <= Null && len(data)-len(rest) == 1
	}
	return nil, false
}

// skipPairs returns what follows n pairs whose keys ascend.
func skipPairs(data []byte, n uint64, levels int) (rest []byte, ok bool) {
	var before []byte
	for rest, ok = data, true; n > 0 && ok; n-- {
		start := rest
		if rest, ok = skipItem(rest, levels); !ok {
			break
		}
		key := start[:len(start)-len(rest)]
		if before != nil && bytes.Compare(before, key) >= 0 {
			return nil, false
		}
		before = key
		rest, ok = skipItem(rest, levels)
	}
	return rest, ok
}

// cutHead returns an item's major type and argument, which must stand in its shortest form.
func cutHead[T []byte | string](data T) (major Major, n uint64, rest T, ok bool) {
	if len(data) == 0 {
		return 0, 0, rest, false
	}
	major, info := Major(data[0]>>5), data[0]&31
	if info < oneByte {
		return major, uint64(info), data[1:], true
	}
	if info > eightBytes {
		return 0, 0, rest, false
	}
	width := 1 << (info - oneByte)
	if len(data) <= width {
		return 0, 0, rest, false
	}
	var argument [8]byte
	copy(argument[8-width:], data[1:])
	n = binary.BigEndian.Uint64(argument[:])
	shortest := n >= oneByte
	if width > 1 {
		shortest = n>>(4*width) != 0
	}
	return major, n, data[1+width:], shortest
}
