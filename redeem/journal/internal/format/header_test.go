package format

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var header = Header{Major: Major, Minor: Minor, ID: [16]byte{1}, Journal: [16]byte{2}, Epoch: 3, Ordinal: 4, First: 5,
	Size: 16 << 10,
	Key:  KeyID{6}}

func TestHeadersStandTwice(t *testing.T) {
	b := header.AppendTo(nil)
	require.Len(t, b, BodyStart)
	assert.Equal(t, b[:HeaderSize], b[HeaderSize:], "the second copy is the first")
	h, ok := ParseHeader(b)
	assert.True(t, ok, "what was written can be read")
	assert.Equal(t, header, h)
	for n := range HeaderSize {
		_, ok := ParseHeader(b[:n])
		assert.False(t, ok, "only %d bytes are there", n)
	}
	for i := range HeaderSize {
		flipped := bytes.Clone(b)
		flipped[i] ^= 1
		_, ok := ParseHeader(flipped)
		assert.False(t, ok, "byte %d is another one", i)
	}
	_, ok = ParseHeader(make([]byte, HeaderSize))
	assert.False(t, ok, "zeros are no header")
}

func TestNamesSayWhatTheHeaderSays(t *testing.T) {
	name := header.Name()
	h, ok := ParseName(name)
	require.True(t, ok, "the name of a segment")
	assert.Equal(t, Header{ID: header.ID, Journal: header.Journal, Epoch: 3, Ordinal: 4}, h)
	id, journal := strings.Split(name, "-")[2], strings.TrimSuffix(strings.Split(name, "-")[3], Suffix)
	for _, other := range []string{
		"", Suffix, "LOCK", name + ".new", strings.TrimSuffix(name, Suffix), strings.ToUpper(name), "x" + name,
		strings.Replace(name, "-", "", 1), strings.Replace(name, id, id+"-"+id, 1),
		strings.Replace(name, id, id[1:], 1), strings.Replace(name, id, id+"0", 1), strings.Replace(name, id, "g"+id[1:], 1),
		strings.Replace(name, journal, journal[:30], 1), strings.Replace(name, journal, "+"+journal[1:], 1),
		"0" + name, "g" + name[1:], strings.Replace(name, "-000003-", "-00000g-", 1), strings.Replace(name, "-000003-", "-3-",
			1),
	} {
		_, ok := ParseName(other)
		assert.False(t, ok, "%q is no segment's name", other)
	}
}
