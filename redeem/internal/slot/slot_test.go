package slot_test

import (
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/internal/slot"
	"github.com/offlane/offlane/redeem/internal/vfs/vfstest"
	"github.com/offlane/offlane/redeem/journal"
	"github.com/offlane/offlane/redeem/record"
)

func TestASlotIsReadAsItWasWritten(t *testing.T) {
	log, err := journal.Open(t.Context(), vfstest.Folder(t), journal.Config{SegmentSize: 16 << 10})
	require.NoError(t, err)
	defer log.Close()
	assert.Zero(t, slot.Number(log, slot.Cursor), "an empty slot")
	assert.Zero(t, slot.ChainOf(log), "no chain yet")

	chain := record.NewChainID()
	require.NoError(t, log.Settle(t.Context(), nil, nil, slot.NumberNote(slot.Cursor, 1<<40),
		journal.Note{Slot: slot.Bundle, Value: []byte{1}}, journal.Note{Slot: slot.Chain, Value: chain[:]}))
	assert.Equal(t, uint64(1<<40), slot.Number(log, slot.Cursor), "the number that was written")
	assert.Zero(t, slot.Number(log, slot.Bundle), "what is no number")
	assert.Equal(t, chain, slot.ChainOf(log), "the chain that was written")
}

// The encoding is part of the journal's format.
func TestTheEncodingOfASlot(t *testing.T) {
	ranges := []record.Range{{First: 3, Last: 4}}
	assert.Equal(t, "81a201030204", hex.EncodeToString(slot.Encode(ranges)), "as it was always written")
	assert.Equal(t, ranges, slot.Decode[[]record.Range](slot.Encode(ranges)), "it is read as it was written")
	assert.Empty(t, slot.Decode[[]record.Range]([]byte{0xff}), "what cannot be read is empty")
	assert.Equal(t, "0000000000000007", hex.EncodeToString(slot.NumberNote(slot.Bundle, 7).Value), "eight bytes")
	assert.Panics(t, func() { slot.Encode(func() {}) }, "what no slot holds")
}
