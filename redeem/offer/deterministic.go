package offer

import (
	"bytes"
	"encoding/binary"
	"unicode/utf8"
)

// maxDepth is how deep items may lie within each other.
const maxDepth = 8

// isCanonical reports whether data is one item in the core deterministic encoding (RFC 8949, section 4.2.1) without
// tags and floating-point numbers, which nothing here uses. It looks at the bytes alone, so that a till spends its time
// on the signature.
func isCanonical(data []byte) bool {
	rest, ok := afterItem(data, maxDepth)
	return ok && len(rest) == 0
}

// The major types of CBOR (RFC 8949, section 3.1).
const (
	majorUnsigned = iota
	majorNegative
	majorBytes
	majorText
	majorArray
	majorMap
	majorTag
	majorSimple
)

// afterItem returns what follows the first item; ok is false where the item is not in the one form.
func afterItem(data []byte, depth int) (rest []byte, ok bool) {
	major, n, rest, ok := afterHead(data)
	if !ok || depth == 0 {
		return nil, false
	}
	switch major {
	case majorUnsigned, majorNegative:
		return rest, true
	case majorBytes, majorText:
		if n > uint64(len(rest)) || major == majorText && !utf8.Valid(rest[:n]) {
			return nil, false
		}
		return rest[n:], true
	case majorArray:
		for ; n > 0 && ok; n-- {
			rest, ok = afterItem(rest, depth-1)
		}
		return rest, ok
	case majorMap:
		return afterPairs(rest, n, depth-1)
	case majorSimple:
		const no, null = 20, 22
		return rest, n >= no && n <= null && len(data)-len(rest) == 1
	}
	return nil, false
}

// afterPairs returns what follows n pairs whose keys ascend.
func afterPairs(data []byte, n uint64, depth int) (rest []byte, ok bool) {
	var before []byte
	for rest, ok = data, true; n > 0 && ok; n-- {
		start := rest
		if rest, ok = afterItem(rest, depth); !ok {
			break
		}
		key := start[:len(start)-len(rest)]
		if before != nil && bytes.Compare(before, key) >= 0 {
			return nil, false
		}
		before = key
		rest, ok = afterItem(rest, depth)
	}
	return rest, ok
}

// afterHead returns an item's major type and argument, which must stand in its shortest form.
func afterHead[T []byte | string](data T) (major int, n uint64, rest T, ok bool) {
	if len(data) == 0 {
		return 0, 0, rest, false
	}
	major, info := int(data[0]>>5), data[0]&31
	const oneByte, eightBytes = 24, 27
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
