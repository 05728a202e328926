package journal_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/internal/vfs"
	"github.com/offlane/offlane/redeem/journal"
)

// interrupter calls a function before a segment is opened for reading.
type interrupter struct {
	*vfs.Memory
	before func()
}

func (i *interrupter) Open(name string, mode vfs.Mode) (vfs.File, error) {
	if mode == vfs.Read && strings.HasSuffix(name, ".journal") && i.before != nil { // the journal makes segments beside
		i.before()
	}
	return i.Memory.Open(name, mode)
}

// A record stands in one segment and its verdict in another. Both leave after the record was read.
func TestARecordIsReadWithItsVerdictWhileSegmentsLeave(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fs, now := &interrupter{Memory: &vfs.Memory{}}, time.Unix(1_800_000_000, 0)
		cfg := journal.Config{SegmentSize: 16 << 10, KeepReported: time.Hour, Now: func() time.Time { return now }}
		l, err := journal.Open(vfs.WithFS(t.Context(), fs), "j", cfg)
		require.NoError(t, err)
		kept := redemption(1)
		kept.KeepUntil = now.Add(2_000_000 * time.Hour)
		put(t, l, kept)
		for n := range 200 {
			e := redemption(n + 2)
			e.Payload = make([]byte, 250)
			put(t, l, e)
		}
		verdict := journal.Settlement{Ref: id(1), HandOver: true, Payload: []byte("rejected")}
		require.NoError(t, l.Settle(t.Context(), []journal.Settlement{verdict}, nil))
		settleOldest(t, l, 200)

		opened := 0
		fs.before = func() {
			if opened++; opened != 2 {
				return
			}
			fs.before = nil
			now = now.Add(1000 * time.Hour)
			require.NoError(t, l.Tidy(t.Context()))
			require.Greater(t, l.Stats().Returned, uint64(3), "segments leave")
		}
		s, ok, err := l.Get(id(1))
		require.NoError(t, err)
		require.True(t, ok, "the record is kept")
		assert.Nil(t, fs.before, "segments left between the two reads")
		assert.Equal(t, "rejected", string(s.Verdict), "its verdict")
		require.NoError(t, l.Close())
	})
}
