package journal_test

import (
	"context"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/internal/vfs"
	"github.com/offlane/offlane/redeem/journal"
)

// TestWhatWasNeverFlushedIsNotMoved has the flush of a call fail, and the segment after it too, so that the call's
// entries stand behind the end of a segment. Others follow in a later epoch, and the segment is given back.
func TestWhatWasNeverFlushedIsNotMoved(t *testing.T) {
	for what, call := range map[string]func(ctx context.Context, l *journal.Log) error{
		"evidence": func(ctx context.Context, l *journal.Log) error {
			return l.Settle(ctx, []journal.Settlement{{Ref: id(1), HandOver: true}}, []byte("of one"))
		},
		"a record": func(ctx context.Context, l *journal.Log) error {
			return l.Append(ctx, func(*journal.View) ([]journal.Entry, error) { return []journal.Entry{attached(9)}, nil })
		},
	} {
		fs, called := &vfs.Memory{}, false
		failure := &vfs.Failure{Nth: 1, Times: 2, Err: syscall.EIO, Match: func(op vfs.Operation) bool {
			return called && (op.Kind == "sync" || op.Kind == "create")
		}}
		fs.Before = func(op vfs.Operation) error {
			err := failure.Fail(op)
			if err != nil && op.Kind == "sync" {
				fs.Forget(op.Name)
			}
			return err
		}
		ctx, now := vfs.WithFS(t.Context(), fs), newClock()
		cfg := journal.Config{SegmentSize: 16 << 10, Now: now.time}
		l, err := journal.Open(ctx, "j", cfg)
		require.NoError(t, err, what)
		put(t, l, attached(1))
		called = true
		require.ErrorIs(t, call(ctx, l), fault.OutcomeUnknown, what)
		put(t, l, attached(2))
		l.LetMove(id(1))
		require.NoError(t, l.Tidy(ctx), what)
		require.EqualValues(t, 1, l.Stats().Returned, "%s: segments given back", what)
		put(t, l, attached(3))
		for range 2 {
			assert.Empty(t, evidenceOf(t, l, idsUpTo(3)...), what)
			pending, err := l.Pending(10, 1<<20)
			require.NoError(t, err, what)
			var numbers []uint64
			for i := range pending {
				numbers = append(numbers, pending[i].Number)
			}
			assert.ElementsMatch(t, []uint64{1, 2, 3}, numbers, "%s: numbers of the chain", what)
			assert.Empty(t, l.Damage(), what)
			require.NoError(t, l.Close(), what)
			l, err = journal.Open(ctx, "j", cfg)
			require.NoError(t, err, what)
		}
		require.NoError(t, l.Close(), what)
	}
}
