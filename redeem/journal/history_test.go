package journal_test

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/internal/vfs"
	"github.com/offlane/offlane/redeem/journal"
)

// A gate lets operations of one kind through, or holds them back until it is opened.
type gate struct {
	kind   string
	closed atomic.Pointer[chan struct{}]
	held   atomic.Int32
}

func (g *gate) shut() (open func()) {
	c := make(chan struct{})
	g.closed.Store(&c)
	return func() { g.closed.Store(nil); close(c) }
}

func (g *gate) before(op vfs.Operation) error {
	if c := g.closed.Load(); c != nil && op.Kind == g.kind {
		g.held.Add(1)
		<-*c
	}
	return nil
}

// While the copies of old records are on their way to the medium, everything that reads must see those records.
func TestRecordsAreSeenWhileTheyAreCarriedOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		flush := &gate{kind: "sync"}
		ctx := vfs.WithFS(t.Context(), &vfs.Memory{Before: flush.before})
		now := time.Now()
		l, err := journal.Open(ctx, "j", journal.Config{SegmentSize: 16 << 10, Now: func() time.Time { return now }})
		require.NoError(t, err)
		const records = 300
		for n := 1; n <= records; n++ {
			e := redemption(n)
			e.KeepUntil, e.Payload = now.Add(1000*time.Hour), make([]byte, 1000)
			put(t, l, e)
			require.NoError(t, l.Settle(ctx, []journal.Settlement{{Ref: e.ID, HandOver: n%10 == 0, Quarantine: n%15 == 0,
				Payload: []byte("verdict")}}, nil))
		}
		synctest.Wait()
		now = now.Add(500 * time.Hour)
		open := flush.shut()
		tidied := make(chan error)
		go func() { tidied <- l.Tidy(ctx) }()
		synctest.Wait()
		require.NotZero(t, flush.held.Load(), "the first copies stand before the flush")

		var history, verdicts, quarantined []journal.Stored
		var one journal.Stored
		var found bool
		read := make(chan error)
		go func() {
			history, verdicts, quarantined = collect(t, l.History()), collect(t, l.Verdicts()), collect(t, l.Quarantined())
			var err error
			one, found, err = l.Get(id(1))
			read <- err
		}()
		synctest.Wait() // until it is through, or waits for the flush
		open()
		require.NoError(t, <-read)
		assert.Equal(t, records, len(history))
		assert.Equal(t, records/10, len(verdicts))
		assert.Equal(t, records/15, len(quarantined))
		for _, s := range verdicts {
			assert.Equal(t, "verdict", string(s.Verdict))
		}
		assert.True(t, found, "the record is there")
		assert.Equal(t, id(1), one.ID)
		require.NoError(t, <-tidied)
		require.NoError(t, l.Tidy(ctx))
		assert.NotZero(t, l.Stats().Returned)
		assert.Equal(t, records, len(collect(t, l.History())))
		require.NoError(t, l.Close())
	})
}

func collect(t *testing.T, records func(func(journal.Stored, error) bool)) (all []journal.Stored) {
	for s, err := range records {
		if !assert.NoError(t, err) {
			break
		}
		all = append(all, s)
	}
	return all
}

// A verdict that is being written is not handed to the POS before it is on the medium.
func TestVerdictIsReadOnceItIsOnTheMedium(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		flush := &gate{kind: "sync"}
		ctx := vfs.WithFS(t.Context(), &vfs.Memory{Before: flush.before})
		l, err := journal.Open(ctx, "j", journal.Config{})
		require.NoError(t, err)
		put(t, l, redemption(1))
		synctest.Wait()
		open := flush.shut()
		settled := make(chan error)
		go func() {
			settled <- l.Settle(ctx, []journal.Settlement{{Ref: id(1), HandOver: true, Payload: []byte("duplicate")}}, nil)
		}()
		synctest.Wait()
		read := make(chan []journal.Stored, 1)
		go func() { read <- collect(t, l.Verdicts()) }()
		synctest.Wait()
		assert.Empty(t, read)
		open()
		require.NoError(t, <-settled)
		if all := <-read; assert.Len(t, all, 1) {
			assert.Equal(t, "duplicate", string(all[0].Verdict))
		}
		require.NoError(t, l.Close())
	})
}
