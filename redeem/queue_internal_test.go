package redeem

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAQueueCallsOneAfterAnother(t *testing.T) {
	var q queue
	var called []int
	for i := range 100 {
		q.add(func() {
			called = append(called, i)
			if i == 7 {
				q.add(func() { called = append(called, 1007) }) // from a call
			}
		})
	}
	q.wait()
	require.Len(t, called, 101, "wait returns when all were called")
	assert.Less(t, called[6], called[7], "in the order in which they were added")
	assert.Contains(t, called, 1007, "what a call adds is called as well")
}

func TestAQueueLosesNothingThatIsAddedAsItEmpties(t *testing.T) {
	var q queue
	var group sync.WaitGroup
	n := 0 // without a lock: the calls come one after another
	for range 8 {
		group.Go(func() {
			for range 1000 {
				q.add(func() { n++ })
			}
		})
	}
	group.Wait()
	q.wait()
	assert.Equal(t, 8000, n, "each call once")
}

// A bubble ends only when its goroutines have.
func TestAQueueLeavesNoGoroutine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var q queue
		q.wait()
		q.add(func() {})
		synctest.Wait()
		q.mu.Lock()
		defer q.mu.Unlock()
		assert.Nil(t, q.ended, "the goroutine ends when there is nothing to call")
	})
}

// A page keeps log records, as a user's handler does.
type page struct {
	level slog.Level
	lines []string
}

func (p *page) Enabled(_ context.Context, level slog.Level) bool { return level >= p.level }

func (p *page) Handle(_ context.Context, r slog.Record) error {
	p.lines = append(p.lines, r.Message)
	return nil
}

func (p *page) WithAttrs([]slog.Attr) slog.Handler { return p }

func (p *page) WithGroup(string) slog.Handler { return p }

func TestAQueuedLoggerWritesWhatItsHandlerWants(t *testing.T) {
	var q queue
	p := &page{level: slog.LevelInfo}
	log := queuedLogger(slog.New(p), &q).With("a", 1).WithGroup("g")
	log.Debug("not wanted")
	log.Info("first")
	log.Warn("second")
	q.wait()
	assert.Equal(t, []string{"first", "second"}, p.lines, "the records of its level, in their order")
	none := slog.New(slog.DiscardHandler)
	assert.Same(t, none, queuedLogger(none, &q), "a logger that writes nothing needs no queue")
}
