package journal_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/internal/vfs"
	"github.com/offlane/offlane/redeem/journal"
)

// grown writes so many records of which the backend answers all but those that it fails over, each in a time of its
// own.
func grown(t *testing.T, l *journal.Log, now *clock, from, n int, bad func(int) bool) {
	t.Helper()
	for i := from; i < from+n; i++ {
		e := redemption(i)
		e.Attachment = fmt.Appendf(nil, "beside %d", i)
		put(t, l, e)
		if !bad(i) {
			require.NoError(t, l.Settle(t.Context(), []journal.Settlement{{Ref: e.ID}}, nil))
		}
		now.pass(time.Hour)
	}
}

// A record that fails for ever would keep its segment, and all after it, for ever: it may be moved.
func TestAPendingRecordThatMayMoveKeepsNoSegment(t *testing.T) {
	for _, key := range [][]byte{nil, make([]byte, 32)} {
		ctx := vfs.WithFS(t.Context(), &vfs.Memory{})
		now := newClock()
		config := journal.Config{SegmentSize: 16 << 10, KeepReported: 24 * time.Hour, Now: now.time, Key: key}
		l, err := journal.Open(ctx, "j", config)
		require.NoError(t, err)
		bad := func(i int) bool { return i == 5 || i == 40 }
		grown(t, l, now, 1, 600, bad)
		require.NoError(t, l.Tidy(ctx))
		kept := l.Stats().Segments
		require.Greater(t, kept, 8, "a pending record keeps what is behind it, in the order in which it is reported")
		before, _, err := l.Get(id(5))
		require.NoError(t, err)
		hash := before.Hash()

		l.LetMove(id(5))
		require.NoError(t, l.Tidy(ctx))
		assert.Greater(t, l.Stats().Segments, kept-4, "the other one still keeps its segment")
		l.LetMove(id(5), id(40))
		require.NoError(t, l.Tidy(ctx))
		assert.LessOrEqual(t, l.Stats().Segments, 4, "nothing is kept for them any more")
		grown(t, l, now, 1001, 600, bad) // they are moved again and again
		require.NoError(t, l.Tidy(ctx))
		assert.LessOrEqual(t, l.Stats().Segments, 4, "the log does not grow")

		for range 2 {
			assert.Equal(t, 2, l.Stats().Pending)
			pending, err := l.Pending(10, 1<<20)
			require.NoError(t, err)
			require.Len(t, pending, 2)
			assert.Equal(t, id(5), pending[0].ID, "they stay in their order")
			assert.Equal(t, "redemption 5", string(pending[0].Payload))
			assert.Equal(t, "beside 5", string(pending[0].Attachment))
			assert.Equal(t, hash, pending[0].Hash())
			assert.Equal(t, before.Number, pending[0].Number)
			see(t, l, func(v *journal.View) { assert.Equal(t, 1, v.Uses("offer 5"), "its use is taken") })
			require.NoError(t, l.Close())
			l, err = journal.Open(ctx, "j", config)
			require.NoError(t, err)
		}
		assert.Empty(t, l.Damage())
		require.NoError(t, l.Settle(ctx, []journal.Settlement{{Ref: id(5), HandOver: true, Payload: []byte("verdict")}}, nil))
		stored, ok, err := l.Get(id(5))
		require.NoError(t, err)
		require.True(t, ok, "it is there")
		assert.Equal(t, "verdict", string(stored.Verdict))
		assert.True(t, stored.Due, "and has its verdict")
		require.NoError(t, l.Close())
	}
}
