package cbor_test

import (
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/internal/cbor"
)

func TestAWriterWritesAsMarshalDoes(t *testing.T) {
	for _, pairs := range []int{0, 1, 23, 24, 255} {
		w, want := cbor.NewWriter(0), map[uint64]any{}
		w.PutInt(7, -1) // belongs to nothing, as a map around this one would
		before := len(w.Data())
		outer := w.OpenMap()
		for i := range uint64(pairs) {
			switch i % 5 {
			case 0:
				w.PutInt(i, math.MinInt64+int64(i))
				want[i] = math.MinInt64 + int64(i)
			case 1:
				w.PutText(i, strings.Repeat("x", int(i)))
				want[i] = strings.Repeat("x", int(i))
			case 2:
				w.PutBytes(i, make([]byte, i))
				want[i] = make([]byte, i)
			case 3:
				w.PutUint(i, math.MaxUint64>>(i%64))
				want[i] = uint64(math.MaxUint64) >> (i % 64)
			case 4:
				w.Key(i)
				inner := w.OpenMap()
				w.OptTrue(1, true)
				w.OptTrue(2, false)
				w.CloseMap(inner)
				want[i] = map[int]bool{1: true}
			}
		}
		w.CloseMap(outer)
		data, err := cbor.Marshal(want)
		require.NoError(t, err)
		assert.Equal(t, data, w.Data()[before:], "a map of %d pairs", pairs)
	}
}

func TestWhatIsZeroIsLeftOut(t *testing.T) {
	w := cbor.NewWriter(8)
	all := w.OpenMap()
	w.OptInt(1, 0)
	w.OptUint(2, 0)
	w.OptText(3, "")
	w.OptTrue(4, false)
	w.OptInt(5, -1)
	w.OptUint(6, 1)
	w.OptText(7, "a")
	w.PutInt(8, 0)
	w.CloseMap(all)
	assert.Equal(t, unhex(t, "a405200601076161"+"0800"), w.Data(), "the pairs that are not zero, and one that is put")
}

func TestAReaderFailsForGood(t *testing.T) {
	r := cbor.NewReader("\x01\x02")
	assert.Equal(t, uint64(1), r.Head(cbor.Unsigned), "the first number")
	assert.False(t, r.IsDone(), "there is another number")
	r.Head(cbor.Text)
	assert.True(t, r.HasFailed(), "a number is no text")
	assert.Zero(t, r.Head(cbor.Unsigned), "what is read after a failure")
	assert.False(t, r.IsDone(), "nothing is done after a failure")
	_, ok := r.Next()
	assert.False(t, ok, "nothing comes after a failure")
}

func TestAReaderTakesNoFieldThatIsLeftOut(t *testing.T) {
	for name, test := range map[string]struct {
		data string
		read func(*cbor.Reader)
		ok   bool
	}{
		"1":                  {"\x01", func(r *cbor.Reader) { r.Positive(5) }, true},
		"the most":           {"\x05", func(r *cbor.Reader) { r.Positive(5) }, true},
		"0":                  {"\x00", func(r *cbor.Reader) { r.Positive(5) }, false},
		"too much":           {"\x06", func(r *cbor.Reader) { r.Positive(5) }, false},
		"true":               {"\xf5", func(r *cbor.Reader) { r.True() }, true},
		"false":              {"\xf4", func(r *cbor.Reader) { r.True() }, false},
		"true in two bytes":  {"\xf8\x15", func(r *cbor.Reader) { r.True() }, false},
		"texts":              {"\x61a\x61b", func(r *cbor.Reader) { r.Texts(2) }, true},
		"empty texts":        {"\x60\x60", func(r *cbor.Reader) { r.Texts(2) }, true},
		"no texts":           {"", func(r *cbor.Reader) { r.Texts(0) }, false},
		"more than there is": {"\x61a", func(r *cbor.Reader) { r.Texts(1 << 40) }, false},
		"not UTF-8":          {"\x61\xff", func(r *cbor.Reader) { r.Texts(1) }, false},
		"keys that ascend":   {"\x01\x02", func(r *cbor.Reader) { r.Fields(2, func(uint64) {}) }, true},
		"a key twice":        {"\x02\x02", func(r *cbor.Reader) { r.Fields(2, func(uint64) {}) }, false},
		"the greatest key": {"\x1b\xff\xff\xff\xff\xff\xff\xff\xff\x01", func(r *cbor.Reader) {
			r.Fields(2, func(uint64) {})
		}, false},
	} {
		r := cbor.NewReader(test.data)
		test.read(&r)
		assert.Equal(t, test.ok, r.IsDone(), "%s: read to the end", name)
	}
}
