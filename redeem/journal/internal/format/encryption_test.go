package format

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/fault"
)

func key(n byte) []byte { return bytes.Repeat([]byte{n}, KeySize) }

func keyring(t *testing.T, keys ...[]byte) Keyring {
	t.Helper()
	all, err := NewKeyring(keys...)
	require.NoError(t, err, "the keys have their size")
	return all
}

func TestContentsOpenInTheirPlaceAlone(t *testing.T) {
	keys := keyring(t, key(1), key(2))
	for _, plain := range []string{"", "content"} {
		sealed := Frame{Kind: KindRecord, Seq: 7, Content: []byte(plain)}
		keys[0].Seal([16]byte{1}, &sealed)
		require.Len(t, sealed.Content, len(plain)+SealedExtra)
		require.NotContains(t, string(sealed.Content), "content")
		for name, c := range map[string]struct {
			segment byte
			change  func(*Frame)
			sealer  *Sealer
			want    bool
		}{
			"as it was":       {1, func(*Frame) {}, keys[0], true},
			"another key":     {1, func(*Frame) {}, keys[1], false},
			"no key":          {1, func(*Frame) {}, nil, false},
			"another segment": {2, func(*Frame) {}, keys[0], false},
			"another number":  {1, func(f *Frame) { f.Seq = 8 }, keys[0], false},
			"another kind":    {1, func(f *Frame) { f.Kind = KindNote }, keys[0], false},
			"too short":       {1, func(f *Frame) { f.Content = f.Content[:SealedExtra-1] }, keys[0], false},
			"another byte":    {1, func(f *Frame) { f.Content[3] ^= 1 }, keys[0], false},
		} {
			f := sealed
			f.Content = bytes.Clone(sealed.Content)
			c.change(&f)
			assert.Equal(t, c.want, c.sealer.Open([16]byte{c.segment}, &f), name)
			if c.want {
				assert.Equal(t, plain, string(f.Content), name)
			}
		}
	}
}

func TestContentsThatAreNotEncryptedOpenWithAnyKey(t *testing.T) {
	f := Frame{Kind: KindRecord, Content: []byte("p")}
	(*Sealer)(nil).Seal([16]byte{1}, &f)
	assert.Equal(t, []byte("p"), f.Content, "no key encrypts nothing")
	assert.Zero(t, f.Flags)
	assert.True(t, keyring(t, key(1))[0].Open([16]byte{1}, &f), "there is nothing to open")
}

func TestKeyringsFindKeysByTheirID(t *testing.T) {
	keys := keyring(t, key(1), key(2))
	for i := range keys {
		s, ok := keys.Find(keys[i].ID)
		assert.True(t, ok && s == keys[i], "key %d", i)
	}
	s, ok := keys.Find(KeyID{})
	assert.True(t, ok && s == nil, "no key is needed")
	_, ok = keys[:1].Find(keys[1].ID)
	assert.False(t, ok, "a key that is not there")
	for _, n := range []int{0, KeySize - 1, KeySize + 1} {
		_, err := NewKeyring(make([]byte, n))
		assert.ErrorIs(t, err, fault.InvalidRequest, "a key of %d bytes", n)
	}
}
