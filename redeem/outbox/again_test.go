package outbox_test

import (
	"sync"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/internal/vfs"
	"github.com/offlane/offlane/redeem/outbox"
)

// Where the last group cannot be flushed again in its place it is written into a new segment, which overrides it. The power may
// go at any moment of that.
func TestWhatIsWrittenAgainIsNeverLostMeanwhile(t *testing.T) {
	cfg := outbox.Config{SegmentSize: 16 << 10}
	before := &vfs.Memory{}
	l, err := outbox.Open(vfs.Into(t.Context(), before), "j", cfg)
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
			again, err := outbox.Open(vfs.Into(t.Context(), fs.Crash(way)), "j", cfg)
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
	l, err = outbox.Open(vfs.Into(t.Context(), fs), "j", cfg)
	require.NoError(t, err)
	assert.True(t, failed)
	assert.Equal(t, 3, l.Stats().Pending)
	assert.Equal(t, 0, len(l.Damage()))
	require.NoError(t, l.Close())
	t.Logf("%d states", states)
}
