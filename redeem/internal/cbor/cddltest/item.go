package cddltest

import (
	"errors"
	"fmt"
	"math"

	"github.com/offlane/offlane/redeem/internal/cbor"
)

// An item is one of CBOR.
type item struct {
	major   cbor.Major
	n       uint64 // the argument
	content string // of a text or a byte string
	items   []item // of an array, a map (key, value, key, value) or a tag
}

// decode reads one item in the deterministic encoding.
func decode(data string) (item, error) {
	r := cbor.NewReader(data)
	i := read(&r, 0)
	if !r.IsDone() {
		return item{}, errors.New("it is not one item in the deterministic encoding")
	}
	return i, nil
}

func read(r *cbor.Reader, level int) (i item) {
	major, ok := r.Next()
	r.Expect(ok && level <= cbor.MaxLevels)
	i.major = major
	if major == cbor.Bytes || major == cbor.Text {
		i.content = r.Content(major)
		return i
	}
	i.n = r.Head(major)
	inner := map[cbor.Major]uint64{cbor.Array: i.n, cbor.Map: 2 * i.n, cbor.Tag: 1}[major]
	for n := uint64(0); n < inner && !r.HasFailed(); n++ {
		i.items = append(i.items, read(r, level+1))
	}
	return i
}

// number returns an integer; false where it is none, or none that an int64 holds.
func (i item) number() (int64, bool) {
	switch {
	case i.n > math.MaxInt64:
		return 0, false
	case i.major == cbor.Unsigned:
		return int64(i.n), true
	case i.major == cbor.Negative:
		return -1 - int64(i.n), true
	}
	return 0, false
}

// String says what it is, for errors.
func (i item) String() string {
	switch i.major {
	case cbor.Bytes:
		return fmt.Sprintf("h'%.40x'", i.content)
	case cbor.Text:
		return fmt.Sprintf("%.40q", i.content)
	case cbor.Array:
		return fmt.Sprintf("an array of %d", i.n)
	case cbor.Map:
		return fmt.Sprintf("a map of %d", i.n)
	case cbor.Tag:
		return fmt.Sprintf("tag %d", i.n)
	case cbor.Negative:
		return fmt.Sprintf("-1-%d", i.n)
	}
	return fmt.Sprint(i.n)
}
