package journal_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/internal/vfs"
	"github.com/offlane/offlane/redeem/journal"
)

// A clock is moved by a test while the log looks at it in the background.
type clock struct{ seconds atomic.Int64 }

func newClock() *clock {
	c := new(clock)
	c.seconds.Store(1_800_000_000)
	return c
}

func (c *clock) time() time.Time { return time.Unix(c.seconds.Load(), 0) }

func (c *clock) pass(d time.Duration) { c.seconds.Add(int64(d / time.Second)) }

// TestWhatLivesIsNotCopiedForEver gives segments back that are full of verdicts which nobody takes: what lives is
// copied to the end of the log a few times at most. Once the verdicts are handed over, the log gets small.
func TestWhatLivesIsNotCopiedForEver(t *testing.T) {
	tidying, stop := context.WithCancel(t.Context())
	var removed atomic.Int64
	ctx := vfs.WithFS(t.Context(), &vfs.Memory{Before: func(op vfs.Operation) error {
		if op.Kind == "remove" && removed.Add(1) > 1000 {
			stop()
		}
		return nil
	}})
	now := newClock()
	l, err := journal.Open(ctx, "j", journal.Config{SegmentSize: 16 << 10, Now: now.time})
	require.NoError(t, err)
	defer l.Close()
	var ids []journal.ID
	for n := range 400 {
		e := redemption(n + 1)
		e.Payload = make([]byte, 2400)
		put(t, l, e)
		due := journal.Settlement{Ref: e.ID, HandOver: true, Payload: []byte("duplicate")}
		require.NoError(t, l.Settle(ctx, []journal.Settlement{due}, nil))
		ids = append(ids, e.ID)
	}
	segments := l.Stats().Segments
	now.pass(500 * time.Hour)
	for range 3 {
		require.NoError(t, l.Tidy(tidying))
	}
	assert.LessOrEqual(t, l.Stats().Returned, uint64(2*segments))
	assert.Len(t, collect(t, l.Verdicts()), len(ids))

	require.NoError(t, l.HandOver(ctx, ids...))
	require.NoError(t, l.Tidy(tidying))
	assert.Less(t, l.Stats().Segments, 4)
}
