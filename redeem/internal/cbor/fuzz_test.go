package cbor_test

import (
	"bytes"
	"reflect"
	"testing"

	library "github.com/fxamacker/cbor/v2"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/internal/cbor"
)

// FuzzCodec holds the check of the form, the library, the Reader and the Writer to each other. What the check takes
// the library writes again as it was, and so does the Writer of what the Reader reads. What the library writes again
// as it was the check takes, unless it has tags, floating-point numbers or other simple values.
func FuzzCodec(f *testing.F) {
	for _, item := range deterministic {
		f.Add(unhex(f, item))
	}
	for _, item := range other {
		f.Add(unhex(f, item))
	}
	mode, err := library.DecOptions{DupMapKey: library.DupMapKeyEnforcedAPF, IndefLength: library.IndefLengthForbidden,
		MaxNestedLevels: cbor.MaxLevels, TagsMd: library.TagsForbidden, DefaultMapType: reflect.TypeFor[map[any]any](),
		MapKeyByteString: library.MapKeyByteStringAllowed}.DecMode()
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, data []byte) {
		var item any
		err := mode.Unmarshal(data, &item)
		var again []byte
		if err == nil {
			again, err = cbor.Marshal(item)
		}
		same := err == nil && bytes.Equal(again, data)
		walked := cbor.IsDeterministic(data)
		if walked && err == nil && !same {
			t.Fatalf("%x is taken and is written again as %x", data, again)
		}
		if !walked && same && isPlain(item, 1) {
			t.Fatalf("%x is not taken and is written again as it was", data)
		}
		checkReader(t, data, walked)
	})
}

// checkReader holds the Reader to the check of the form, and the Writer to the Reader.
func checkReader(t *testing.T, data []byte, deterministic bool) {
	t.Helper()
	r, w := cbor.NewReader(string(data)), cbor.NewWriter(len(data))
	ordered := copyItem(&r, &w, 1)
	if deterministic && (!r.IsDone() || !bytes.Equal(w.Data(), data)) {
		t.Fatalf("%x is read and written again as %x", data, w.Data())
	}
	if !deterministic && ordered && r.IsDone() {
		t.Fatalf("%x is read and not deterministic", data)
	}
}

// copyItem writes what it reads. It is false where it cannot say whether the keys of a map ascend, or goes too deep.
func copyItem(r *cbor.Reader, w *cbor.Writer, level int) bool {
	major, _ := r.Next()
	ordered := level <= cbor.MaxLevels
	switch major {
	case cbor.Bytes, cbor.Text:
		content := r.Content(major)
		w.Head(major, uint64(len(content)))
		w.Append(content)
	case cbor.Tag:
		r.Expect(false)
	case cbor.Simple:
		n := r.Head(major)
		r.Expect(cbor.False <= n && n <= cbor.Null)
		w.Head(major, n)
	default:
		n := r.Head(major)
		w.Head(major, n)
		switch major {
		case cbor.Map:
			n, ordered = 2*n, n <= 1 && ordered
		case cbor.Array:
		default:
			n = 0
		}
		for ; n > 0 && !r.HasFailed(); n-- {
			ordered = copyItem(r, w, level+1) && ordered
		}
	}
	return ordered
}

// isPlain reports whether an item has nothing but integers, texts, bytes, arrays, maps, true, false and null, not too
// deep.
func isPlain(item any, level int) bool {
	if level > cbor.MaxLevels {
		return false
	}
	switch v := item.(type) {
	case nil, uint64, int64, string, []byte, library.ByteString, bool:
		return true
	case []any:
		for _, inner := range v {
			if !isPlain(inner, level+1) {
				return false
			}
		}
		return true
	case map[any]any:
		for key, inner := range v {
			if !isPlain(key, level+1) || !isPlain(inner, level+1) {
				return false
			}
		}
		return true
	}
	return false
}
