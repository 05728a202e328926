package journal_test

import (
	"context"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/internal/vfs"
	"github.com/offlane/offlane/redeem/journal"
)

// A curious logger asks the log for its state whenever it is told something.
type curious struct {
	slog.Handler
	log   atomic.Pointer[journal.Log]
	asked atomic.Int64
}

func (c *curious) Enabled(context.Context, slog.Level) bool { return true }

func (c *curious) Handle(context.Context, slog.Record) error {
	if l := c.log.Load(); l != nil {
		l.Stats()
		l.Damage()
		c.asked.Add(1)
	}
	return nil
}

func TestALoggerMayCallTheLog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var failing atomic.Bool
		fs := &vfs.Memory{Before: func(op vfs.Operation) error {
			if failing.Load() && (op.Kind == "sync" || op.Kind == "create") {
				return context.DeadlineExceeded
			}
			return nil
		}}
		handler := &curious{Handler: slog.DiscardHandler}
		ctx := vfs.WithFS(t.Context(), fs)
		l, err := journal.Open(ctx, "j", journal.Config{SegmentSize: 16 << 10, Logger: slog.New(handler)})
		require.NoError(t, err, "a new journal")
		handler.log.Store(l)
		put(t, l, redemption(1))
		failing.Store(true)
		for n := range 3 {
			err := l.Append(ctx, func(*journal.View) ([]journal.Entry, error) { return []journal.Entry{redemption(n + 2)}, nil })
			assert.Error(t, err, "the disk fails")
		}
		failing.Store(false)
		put(t, l, redemption(9))
		assert.NotZero(t, handler.asked.Load(), "the logger was told of the failures")
		require.NoError(t, l.Close())
	})
}

// A slow disk has reads of whole segments wait until the test lets them go.
type slow struct {
	*vfs.Memory
	armed   atomic.Bool
	reading chan string
	goOn    chan struct{}
}

type slowFile struct {
	vfs.File
	of   *slow
	name string
}

func (s *slow) Open(name string, mode vfs.Mode) (vfs.File, error) {
	f, err := s.Memory.Open(name, mode)
	if err != nil || mode != vfs.Read {
		return f, err
	}
	return &slowFile{f, s, name}, nil
}

func (f *slowFile) ReadAt(b []byte, off int64) (int, error) {
	if len(b) >= 16<<10 && f.of.armed.Load() && strings.HasSuffix(f.name, ".journal") {
		f.of.reading <- f.name
		<-f.of.goOn
	}
	return f.File.ReadAt(b, off)
}

// TestNobodyWaitsForTheReadingOfASegment appends, reads and asks while a whole segment is read: one that is given back,
// and one that is searched for evidence.
func TestNobodyWaitsForTheReadingOfASegment(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fs := &slow{Memory: &vfs.Memory{}, reading: make(chan string), goOn: make(chan struct{})}
		now := time.Unix(1_800_000_000, 0)
		cfg := journal.Config{SegmentSize: 16 << 10, KeepReported: time.Hour, Now: func() time.Time { return now }}
		l, err := journal.Open(vfs.WithFS(t.Context(), fs), "j", cfg)
		require.NoError(t, err, "a new journal")
		n := 0
		for ; l.Stats().Segments < 4; n++ {
			put(t, l, redemption(n+1))
			require.NoError(t, l.Settle(t.Context(), []journal.Settlement{{Ref: id(n + 1)}}, []byte("evidence")))
		}
		use := func() {
			n++
			put(t, l, redemption(n))
			_, ok, err := l.Get(id(n))
			assert.True(t, ok && err == nil, "record %d can be read", n)
			l.Stats()
		}
		now = now.Add(1000 * time.Hour)
		fs.armed.Store(true)
		done := make(chan struct{})
		go func() {
			assert.NoError(t, l.Tidy(t.Context()))
			for range l.Evidence(id(n)) {
				continue
			}
			close(done)
		}()
		reads := 0
		for ended := false; !ended; {
			select {
			case <-fs.reading:
				reads++
				use()
				fs.goOn <- struct{}{}
			case <-done:
				ended = true
			}
		}
		assert.Greater(t, reads, 3, "segments that were given back, and those that were searched")
		assert.NotZero(t, l.Stats().Returned, "segments that were given back")
		require.NoError(t, l.Close())
	})
}

// A note that was acknowledged stays, also where its group was still to be written when the segment that it belongs
// into was filled and given back.
func TestANoteThatWaitsForItsGroupStays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var armed atomic.Bool
		goOn := make(chan struct{})
		fs := &vfs.Memory{Before: func(op vfs.Operation) error {
			if op.Kind == "sync" && armed.Swap(false) {
				<-goOn
			}
			return nil
		}}
		ctx := vfs.WithFS(t.Context(), fs)
		l, err := journal.Open(ctx, "j", journal.Config{SegmentSize: 16 << 10})
		require.NoError(t, err, "a new journal")
		big := make([]byte, 4000)
		for range 3 {
			require.NoError(t, l.PutNote(ctx, "a", big), "most of the first segment is used")
		}
		synctest.Wait()
		armed.Store(true)
		for _, note := range []struct {
			slot  string
			value []byte
		}{{"a", []byte("first")}, {"b", []byte("acknowledged")}, {"c", big}} {
			go func() { assert.NoError(t, l.PutNote(ctx, note.slot, note.value), "the note in slot %s", note.slot) }()
			synctest.Wait()
		}
		close(goOn)
		synctest.Wait()
		require.NoError(t, l.Close(), "the journal is closed")
		l, err = journal.Open(ctx, "j", journal.Config{SegmentSize: 16 << 10})
		require.NoError(t, err, "the journal is there")
		for slot, want := range map[string]int{"a": len("first"), "b": len("acknowledged"), "c": len(big)} {
			value, ok := l.Note(slot)
			assert.True(t, ok, "the note in slot %s is there", slot)
			assert.Len(t, value, want, "the note in slot %s", slot)
		}
		require.NoError(t, l.Close(), "the journal is closed")
	})
}

// Close writes nothing beyond the end of a segment, however little room is left in it.
func TestTheEndOfACloseFitsTheSegment(t *testing.T) {
	for size := 2800; size < 3200; size += 4 {
		cfg := journal.Config{SegmentSize: 16 << 10, Key: make([]byte, 32)}
		ctx := vfs.WithFS(t.Context(), &vfs.Memory{})
		l, err := journal.Open(ctx, "j", cfg)
		require.NoError(t, err, "a new journal")
		for _, n := range []int{4000, 4000, 4000, size} {
			require.NoError(t, l.PutNote(ctx, "a", make([]byte, n)), "a note of %d bytes", n)
		}
		require.NoError(t, l.Close(), "the journal is closed")
		l, err = journal.Open(ctx, "j", cfg)
		require.NoError(t, err, "the journal is there")
		assert.Empty(t, l.Damage(), "with a last note of %d bytes", size)
		require.NoError(t, l.Close(), "the journal is closed again")
	}
}
