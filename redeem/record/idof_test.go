package record_test

import (
	"testing"

	"github.com/fxamacker/cbor/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/record"
)

func TestIDOfNamesEveryRecord(t *testing.T) {
	ours := chain(t, 1)[0]
	newer, err := cbor.Marshal(map[int]any{1: 99, 3: record.ID{7}, 200: "of the future"})
	require.NoError(t, err)
	garbage := []byte("no record at all")
	hash := record.HashOf(garbage)

	assert.Equal(t, sample(1, record.Hash{}).ID, record.IDOf(ours))
	assert.Equal(t, record.ID{7}, record.IDOf(newer), "the id is read even where the version is not known")
	assert.Equal(t, record.ID(hash[:16]), record.IDOf(garbage))
	assert.False(t, record.IDOf(nil).IsZero(), "nothing has an identifier, too")

	assert.Equal(t, record.ChainID{3}, record.ChainOf(ours))
	assert.True(t, record.ChainOf(garbage).IsZero(), "garbage is in no chain")
}

func FuzzIDOf(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte{0xa1, 0x03, 0x50, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16})
	f.Fuzz(func(t *testing.T, raw []byte) {
		id := record.IDOf(raw)
		assert.False(t, id.IsZero(), "whatever the bytes are, there is an identifier")
		if rec, err := record.Decode(raw); err == nil {
			assert.Equal(t, rec.ID, id)
			assert.Equal(t, rec.Chain, record.ChainOf(raw))
		}
	})
}
