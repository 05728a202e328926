package journal_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/journal"
)

// writeSkipped writes a journal whose chain goes on behind a number that it has no record of.
func writeSkipped(t *testing.T, dir string) {
	l := open(t, dir, goldenConfig())
	put(t, l, redemption(1))
	require.NoError(t, l.Skip(t.Context(), 40, journal.Note{Slot: "cursor", Value: []byte("7")}))
	put(t, l, redemption(2))
	require.NoError(t, l.Close())
}

func checkSkipped(t *testing.T, l *journal.Log) {
	numbers := map[journal.ID]uint64{}
	for s, err := range l.History() {
		require.NoError(t, err)
		numbers[s.ID] = s.Number
	}
	assert.Equal(t, map[journal.ID]uint64{id(1): 1, id(2): 41}, numbers)
}
