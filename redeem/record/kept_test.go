package record_test

import (
	"bytes"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
)

func TestAStatementIsKeptVerbatim(t *testing.T) {
	signed, err := statement().Sign("k1", key(1))
	require.NoError(t, err)
	raw, err := signed.Encode()
	require.NoError(t, err)
	file := filepath.Join("testdata", "signed-v1.hex")
	if *update {
		require.NoError(t, os.WriteFile(file, []byte(hex.EncodeToString(raw)+"\n"), 0o644))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, strings.TrimSpace(string(want)), hex.EncodeToString(raw))
	got, err := record.DecodeSigned(raw)
	require.NoError(t, err)
	assert.Equal(t, signed, got)

	for name, c := range map[string]struct {
		raw  []byte
		want fault.Code
	}{
		"nothing":       {nil, fault.Malformed},
		"more behind":   {append(bytes.Clone(raw), 0), fault.Malformed},
		"too much":      {make([]byte, record.MaxStatement+1<<11), fault.TooLarge},
		"of tomorrow":   {[]byte{0xa1, 1, 2}, fault.UnsupportedVersion},
		"an empty one":  {[]byte{0xa1, 1, 1}, fault.Malformed},
		"the half":      {raw[:len(raw)/2], fault.Malformed},
		"another thing": {signed.Content, fault.Malformed},
	} {
		_, err := record.DecodeSigned(c.raw)
		assert.ErrorIs(t, err, c.want, name)
	}
	_, err = record.Signed{Content: make([]byte, record.MaxStatement+1<<11)}.Encode()
	assert.ErrorIs(t, err, fault.TooLarge)
}

func FuzzDecodeSigned(f *testing.F) {
	signed, err := statement().Sign("k1", key(1))
	require.NoError(f, err)
	raw, err := signed.Encode()
	require.NoError(f, err)
	f.Add(raw)
	f.Fuzz(func(t *testing.T, raw []byte) {
		if s, err := record.DecodeSigned(raw); err == nil {
			assert.False(t, s.IsZero(), "there is a statement")
		}
	})
}
