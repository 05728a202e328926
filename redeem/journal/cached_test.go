package journal_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/internal/vfs"
	"github.com/offlane/offlane/redeem/journal"
)

// handles counts the files of a file system that are open.
type handles struct {
	*vfs.Memory
	mu     sync.Mutex
	opened int            // so far, for reading
	open   map[string]int // now
}

type handle struct {
	vfs.File
	of   *handles
	name string
}

func (h *handles) Open(name string, mode vfs.Mode) (vfs.File, error) {
	f, err := h.Memory.Open(name, mode)
	if err != nil {
		return nil, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if mode == vfs.Read {
		h.opened++
	}
	h.open[name]++
	return &handle{f, h, name}, nil
}

func (f *handle) Close() error {
	f.of.mu.Lock()
	defer f.of.mu.Unlock()
	if f.of.open[f.name]--; f.of.open[f.name] == 0 {
		delete(f.of.open, f.name)
	}
	return f.File.Close()
}

// Remove refuses a file that is open, as Windows may.
func (h *handles) Remove(name string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.open[name] > 0 {
		return &vfs.Held{Owner: "a reader"}
	}
	return h.Memory.Remove(name)
}

// openOnHandles opens a journal of small segments, whose clock the test moves.
func openOnHandles(t *testing.T) (*journal.Log, *handles, *time.Time) {
	fs := &handles{Memory: &vfs.Memory{}, open: map[string]int{}}
	now := time.Unix(1_800_000_000, 0)
	cfg := journal.Config{SegmentSize: 16 << 10, KeepReported: time.Hour, Now: func() time.Time { return now }}
	l, err := journal.Open(vfs.WithFS(context.Background(), fs), "j", cfg)
	require.NoError(t, err)
	return l, fs, &now
}

// TestBatchesOpenEachSegmentOnce drains a journal and gives its segments back: a batch goes on in the file of the one
// before, and no file is open that was given back, nor any after Close.
func TestBatchesOpenEachSegmentOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, fs, now := openOnHandles(t)
		for n := range 200 {
			e := redemption(n + 1)
			e.Payload = make([]byte, 250)
			put(t, l, e)
		}
		segments := l.Stats().Segments
		require.Greater(t, segments, 3)
		fs.opened = 0
		for range 20 {
			settleOldest(t, l, 10)
		}
		assert.Equal(t, segments, fs.opened)

		put(t, l, redemption(201))
		_, err := l.Pending(1, 1<<20)
		require.NoError(t, err)
		*now = now.Add(1000 * time.Hour)
		require.NoError(t, l.Tidy(t.Context()))
		assert.Less(t, l.Stats().Segments, 3)
		assert.NotZero(t, l.Stats().Returned)
		_, err = l.Pending(1, 1<<20)
		require.NoError(t, err)
		require.NoError(t, l.Close())
		assert.Empty(t, fs.open)
	})
}

// TestSegmentThatPendingReadLastIsGivenBack holds the case apart in which the segment that leaves is the one that is
// kept open.
func TestSegmentThatPendingReadLastIsGivenBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, fs, now := openOnHandles(t)
		defer l.Close()
		var all []journal.Settlement
		for n := range 100 {
			e := redemption(n + 1)
			e.Payload = make([]byte, 250)
			put(t, l, e)
			all = append(all, journal.Settlement{Ref: e.ID})
		}
		_, err := l.Pending(1, 1<<20)
		require.NoError(t, err)
		require.NoError(t, l.Settle(t.Context(), all, nil))
		*now = now.Add(1000 * time.Hour)
		require.NoError(t, l.Tidy(t.Context()))
		assert.NotZero(t, l.Stats().Returned)
		synctest.Wait() // until the next segment is made
		names, err := fs.List("j")
		require.NoError(t, err)
		assert.Len(t, names, l.Stats().Segments+1, "the segments and the one that was made ahead: %v", names)
	})
}
