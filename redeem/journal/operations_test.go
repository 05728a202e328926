package journal_test

import (
	"sync"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/internal/vfs"
	"github.com/offlane/offlane/redeem/journal"
)

// A meter counts what a file system is asked to do.
type meter struct {
	mu  sync.Mutex
	ops []vfs.Operation
}

func (m *meter) before(op vfs.Operation) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.ops = append(m.ops, op)
	return nil
}

// take returns how often each kind was asked for since it was called last: on files that were made meanwhile with their
// folder, and on others.
func (m *meter) take() (making, using map[string]int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	making, using = map[string]int{}, map[string]int{}
	made := map[string]bool{}
	for _, op := range m.ops {
		made[op.Name] = made[op.Name] || op.Kind == "create"
		if made[op.Name] || op.Kind == "syncdir" {
			making[op.Kind]++
		} else {
			using[op.Kind]++
		}
	}
	m.ops = nil
	return making, using
}

// TestACallIsOneWriteAndOneFlush counts: a call costs one write and one flush, whatever is in it, and each segment that
// is made ahead at most six operations.
func TestACallIsOneWriteAndOneFlush(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var m meter
		ctx := vfs.WithFS(t.Context(), &vfs.Memory{Before: m.before})
		l, err := journal.Open(ctx, "j", journal.Config{SegmentSize: 16 << 10})
		require.NoError(t, err)
		m.take()
		for n, made := 1, l.Stats().Made; made < 10; n++ {
			e := attached(n)
			e.Payload = make([]byte, 250)
			put(t, l, e)
			if n%10 == 0 {
				settleOldest(t, l, 10)
			}
			synctest.Wait() // a segment is made ahead
			making, using := m.take()
			calls := 1
			if n%10 == 0 {
				calls = 2
			}
			assert.Equal(t, map[string]int{"write": calls, "sync": calls}, using, "record %d", n)
			before := made
			made = l.Stats().Made
			sum := 0
			for _, times := range making {
				sum += times
			}
			assert.LessOrEqual(t, sum, 6*int(made-before), "record %d: %v", n, making)
		}
		require.NoError(t, l.Close())
	})
}

func settleOldest(t *testing.T, l *journal.Log, n int) {
	batch, err := l.Pending(n, 1<<20)
	require.NoError(t, err)
	require.Len(t, batch, n)
	var answers []journal.Settlement
	for _, s := range batch {
		answers = append(answers, journal.Settlement{Ref: s.ID, Payload: []byte("confirmed")})
	}
	require.NoError(t, l.Settle(t.Context(), answers, []byte("signed")))
}
