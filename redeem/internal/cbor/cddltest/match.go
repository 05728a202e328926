package cddltest

import (
	"fmt"
	"math"

	"github.com/offlane/offlane/redeem/internal/cbor"
)

// A matcher is a type of CDDL.
type matcher interface {
	match(s *Schema, i item) error
}

// unbounded is the most of * and +.
const unbounded = math.MaxInt

// An entry is one of a map or an array.
type entry struct {
	least, most int
	key         int64 // of a map
	hasKey      bool
	value       matcher
}

type (
	choice    []matcher
	reference string
	number    int64
	text      string
	span      struct{ least, most int64 }
	mapOf     []entry
	arrayOf   []entry
	encoded   struct{ inner matcher } // .cbor
	sizeOf    struct {
		of   matcher
		size span
	}
	tagOf struct {
		tag   uint64
		inner matcher
	}
)

func (c choice) match(s *Schema, i item) (err error) {
	for _, m := range c {
		if err = m.match(s, i); err == nil {
			return nil
		}
	}
	return fmt.Errorf("it is none of %d types, not the last since %w", len(c), err)
}

// prelude are the names that every CDDL has (RFC 8610, appendix D).
var prelude = map[reference]func(item) bool{
	"any":   func(item) bool { return true },
	"uint":  func(i item) bool { return i.major == cbor.Unsigned },
	"nint":  func(i item) bool { return i.major == cbor.Negative },
	"int":   func(i item) bool { return i.major == cbor.Unsigned || i.major == cbor.Negative },
	"bstr":  func(i item) bool { return i.major == cbor.Bytes },
	"bytes": func(i item) bool { return i.major == cbor.Bytes },
	"tstr":  func(i item) bool { return i.major == cbor.Text },
	"text":  func(i item) bool { return i.major == cbor.Text },
	"bool":  func(i item) bool { return i.major == cbor.Simple && i.n != cbor.Null },
	"false": func(i item) bool { return i.major == cbor.Simple && i.n == cbor.False },
	"true":  func(i item) bool { return i.major == cbor.Simple && i.n == cbor.True },
	"null":  func(i item) bool { return i.major == cbor.Simple && i.n == cbor.Null },
}

func (r reference) match(s *Schema, i item) error {
	if is := prelude[r]; is != nil {
		if !is(i) {
			return fmt.Errorf("%s is no %s", i, string(r))
		}
		return nil
	}
	if err := s.types[string(r)].match(s, i); err != nil {
		return fmt.Errorf("%s: %w", string(r), err)
	}
	return nil
}

func (n number) match(_ *Schema, i item) error {
	if got, ok := i.number(); !ok || got != int64(n) {
		return fmt.Errorf("%s is not %d", i, int64(n))
	}
	return nil
}

func (t text) match(_ *Schema, i item) error {
	if i.major != cbor.Text || i.content != string(t) {
		return fmt.Errorf("%s is not %q", i, string(t))
	}
	return nil
}

func (b span) match(_ *Schema, i item) error {
	if got, ok := i.number(); !ok || got < b.least || got > b.most {
		return fmt.Errorf("%s is not from %d to %d", i, b.least, b.most)
	}
	return nil
}

func (z sizeOf) match(s *Schema, i item) error {
	if err := z.of.match(s, i); err != nil {
		return err
	}
	n, isString := int64(len(i.content)), i.major == cbor.Bytes || i.major == cbor.Text
	if !isString || n < z.size.least || n > z.size.most {
		return fmt.Errorf("%s has not from %d to %d bytes", i, z.size.least, z.size.most)
	}
	return nil
}

func (w encoded) match(s *Schema, i item) error {
	if i.major != cbor.Bytes {
		return fmt.Errorf("%s is no byte string", i)
	}
	inner, err := decode(i.content)
	if err != nil {
		return err
	}
	return w.inner.match(s, inner)
}

func (t tagOf) match(s *Schema, i item) error {
	if i.major != cbor.Tag || i.n != t.tag {
		return fmt.Errorf("%s has not the tag %d", i, t.tag)
	}
	return t.inner.match(s, i.items[0])
}

func (m mapOf) match(s *Schema, i item) error {
	if i.major != cbor.Map {
		return fmt.Errorf("%s is no map", i)
	}
	values := map[int64]item{}
	for n := 0; n < len(i.items); n += 2 {
		key, ok := i.items[n].number()
		if !ok {
			return fmt.Errorf("the key %s is no number", i.items[n])
		}
		values[key] = i.items[n+1]
	}
	for _, e := range s.flat(m) {
		value, ok := values[e.key]
		if !ok && e.least > 0 {
			return fmt.Errorf("key %d is missing", e.key)
		}
		if ok {
			if err := e.value.match(s, value); err != nil {
				return fmt.Errorf("key %d: %w", e.key, err)
			}
		}
		delete(values, e.key)
	}
	for key := range values {
		return fmt.Errorf("key %d is not in the CDDL", key)
	}
	return nil
}

// match takes as many items as fit for each entry, which is enough where what follows + or * is another type.
func (a arrayOf) match(s *Schema, i item) error {
	if i.major != cbor.Array {
		return fmt.Errorf("%s is no array", i)
	}
	rest := i.items
	for _, e := range s.flat(a) {
		for n := 0; n < e.most; n++ {
			err := fmt.Errorf("an element is missing")
			if len(rest) > 0 {
				err = e.value.match(s, rest[0])
			}
			if err != nil && n < e.least {
				return fmt.Errorf("element %d: %w", len(i.items)-len(rest), err)
			}
			if err != nil {
				break
			}
			rest = rest[1:]
		}
	}
	if len(rest) > 0 {
		return fmt.Errorf("element %d is not as the CDDL has it", len(i.items)-len(rest))
	}
	return nil
}
