package journal_test

import (
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/internal/vfs"
	"github.com/offlane/offlane/redeem/journal"
)

// Where the last group cannot be flushed again in its place it is written into a new segment, which overrides it. The
// power may go at any moment of that.
func TestWhatIsWrittenAgainIsNeverLostMeanwhile(t *testing.T) {
	cfg := journal.Config{SegmentSize: 16 << 10}
	before := &vfs.Memory{}
	l, err := journal.Open(vfs.WithFS(t.Context(), before), "j", cfg)
	require.NoError(t, err)
	put(t, l, redemption(1), redemption(2), redemption(3))
	fs := before.Crash(func(int) bool { return true })
	require.NoError(t, l.Close())

	var mu sync.Mutex // a segment is made ahead in the background
	failed, states := false, 0
	fs.Before = func(op vfs.Operation) error {
		mu.Lock()
		defer mu.Unlock()
		for _, way := range fs.Crashes(20, uint64(states)) {
			states++
			again, err := journal.Open(vfs.WithFS(t.Context(), fs.Crash(way)), "j", cfg)
			if assert.NoError(t, err) {
				assert.Equal(t, 3, again.Stats().Pending, "crash before %v", op)
				assert.NoError(t, again.Close())
			}
		}
		if op.Kind == "write" && !failed {
			failed = true
			return syscall.EIO
		}
		return nil
	}
	l, err = journal.Open(vfs.WithFS(t.Context(), fs), "j", cfg)
	require.NoError(t, err)
	assert.True(t, failed, "the failure came")
	assert.Equal(t, 3, l.Stats().Pending)
	assert.Equal(t, 0, len(l.Damage()))
	require.NoError(t, l.Close())
	t.Logf("%d states", states)
}

// An opening that fails leaves nothing behind that goes on: by then the folder may be another process's.
func TestAnOpeningThatFailsTouchesNothingAfterwards(t *testing.T) {
	now := time.Now()
	cfg := journal.Config{SegmentSize: 16 << 10, KeepReported: time.Hour, Now: func() time.Time { return now }}
	full := leftToGiveBack(t, cfg)
	now = now.Add(2 * time.Hour)
	for fail := 1; ; fail++ {
		opened := false
		synctest.Test(t, func(t *testing.T) {
			fs := full.Crash(func(int) bool { return true })
			var operations atomic.Int64 // from the first write on, which is the one that makes it write again
			fs.Before = func(op vfs.Operation) error {
				if operations.Load() == 0 && op.Kind != "write" {
					return nil
				}
				if n := operations.Add(1); n == 1 || n > int64(fail) {
					return syscall.EIO
				}
				return nil
			}
			l, err := journal.Open(vfs.WithFS(t.Context(), fs), "j", cfg)
			done := operations.Load()
			synctest.Wait()
			if opened = err == nil; opened {
				assert.NoError(t, l.Close())
				return
			}
			assert.Equal(t, done, operations.Load(), "operations after it failed at number %d", fail)
		})
		if opened || t.Failed() {
			assert.Greater(t, fail, 5)
			break
		}
	}
}

// leftToGiveBack is a disk with a log of several segments, all but the last of which may be given back, as a power cut
// leaves it.
func leftToGiveBack(t *testing.T, cfg journal.Config) *vfs.Memory {
	fs := &vfs.Memory{}
	l, err := journal.Open(vfs.WithFS(t.Context(), fs), "j", cfg)
	require.NoError(t, err)
	for n := range 400 {
		put(t, l, redemption(n+1))
		settleOldest(t, l, 1)
	}
	put(t, l, redemption(1000))
	require.Greater(t, l.Stats().Segments, 2)
	left := fs.Crash(func(int) bool { return true })
	require.NoError(t, l.Close())
	return left
}

// What a snapshot covers is looked at afterwards, also where Open had to write the last group again and gave old
// segments back.
func TestWhatIsWrittenAgainAfterASnapshotIsNoDamage(t *testing.T) {
	for name, later := range map[string]time.Duration{
		"nothing is given back": 0, "old segments are given back": 1000 * time.Hour,
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				now := time.Now()
				cfg := journal.Config{SegmentSize: 16 << 10, Now: func() time.Time { return now }}
				disk := &vfs.Memory{}
				l, err := journal.Open(vfs.WithFS(t.Context(), disk), "j", cfg)
				require.NoError(t, err)
				for n := range 800 {
					put(t, l, redemption(n+1))
					settleOldest(t, l, 1)
				}
				require.NoError(t, l.Close())
				require.NotEmpty(t, disk.Bytes("j/index.snapshot"))
				l, err = journal.Open(vfs.WithFS(t.Context(), disk), "j", cfg)
				require.NoError(t, err)
				put(t, l, redemption(1000), redemption(1001))
				left := disk.Crash(func(int) bool { return true })
				require.NoError(t, l.Close())

				var failed atomic.Bool
				left.Before = func(op vfs.Operation) error {
					if op.Kind == "write" && failed.CompareAndSwap(false, true) {
						return syscall.EIO
					}
					return nil
				}
				now = now.Add(later)
				l, err = journal.Open(vfs.WithFS(t.Context(), left), "j", cfg)
				require.NoError(t, err)
				require.True(t, failed.Load(), "the failure came")
				require.NoError(t, l.Verify(t.Context()))
				assert.Empty(t, l.Damage())
				assert.Equal(t, 2, l.Stats().Pending)
				require.NoError(t, l.Close())
			})
		})
	}
}
