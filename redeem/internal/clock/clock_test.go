package clock

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/internal/evidence"
	"github.com/offlane/offlane/redeem/internal/slot"
	"github.com/offlane/offlane/redeem/internal/vfs/vfstest"
	"github.com/offlane/offlane/redeem/journal"
	"github.com/offlane/offlane/redeem/record"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// A watch is a machine's clocks, set by the test.
type watch struct {
	mu  sync.Mutex
	now record.Reading
}

func (w *watch) Read() record.Reading {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *watch) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now.Wall, w.now.SinceBoot = w.now.Wall.Add(d), w.now.SinceBoot+d
}

func newWatch() *watch {
	return &watch{now: record.Reading{Wall: noon, SinceBoot: time.Hour, Boot: "b1"}}
}

func newClock(w *watch, maxAlone time.Duration) *Clock {
	return New(w, maxAlone, slog.New(slog.DiscardHandler))
}

func (c *Clock) heard(w *watch, at time.Time) {
	c.Hear(record.ServerTime{Millis: at.UnixMilli()}, w.Read())
}

func TestAClockBelievesTheWallClockForAWhile(t *testing.T) {
	w := newWatch()
	c := newClock(w, time.Hour)
	assert.False(t, c.Now().Trusted, "nothing vouches for the wall clock yet")
	assert.Equal(t, time.UnixMilli(0), c.Expiry(), "without evidence nothing expires")
	c.heard(w, noon)
	for after, trusted := range map[time.Duration]bool{
		0: true, time.Hour: true, -evidence.Slack: true, time.Hour + time.Millisecond: false,
		-evidence.Slack - time.Millisecond: false,
	} {
		r := w.Read()
		r.Wall = r.Wall.Add(after)
		e, claimed := c.At(r)
		assert.Equal(t, trusted, e.Trusted, "the wall clock is %s ahead", after)
		assert.Equal(t, noon.UnixMilli(), e.Earliest, "it moves nothing")
		assert.Zero(t, claimed, "the statement counts")
	}
	w.pass(time.Minute)
	assert.Equal(t, noon.Add(time.Minute), c.Expiry().UTC(), "time passes by the machine's count")
}

func TestAVouchedWallClockIsBelievedAlways(t *testing.T) {
	w := newWatch()
	c := newClock(w, -1)
	assert.True(t, c.Now().Trusted, "the vendor vouches for it")
	assert.Equal(t, noon, c.Expiry().UTC(), "and entries expire by it")
}

func TestAClaimIsAskedAboutAgain(t *testing.T) {
	const every, again = 3 * time.Hour, 5 * time.Minute
	w := newWatch()
	c := newClock(w, 0)
	c.heard(w, noon)
	assert.Equal(t, every, c.NextHearing(every, again), "nothing waits")
	c.heard(w, noon.AddDate(1, 0, 0))
	_, claimed := c.At(w.Read())
	assert.Equal(t, noon.AddDate(1, 0, 0).UnixMilli(), claimed, "it goes too far ahead to count at once")
	assert.Equal(t, evidence.ConfirmAfter, c.NextHearing(every, again), "as long as a second one takes")
	w.pass(10 * time.Minute)
	assert.Equal(t, evidence.ConfirmAfter-10*time.Minute, c.NextHearing(every, again), "what is left of that")
	assert.Equal(t, time.Minute, c.NextHearing(time.Minute, again), "but not later than else")
	w.pass(2 * time.Hour)
	assert.Equal(t, again, c.NextHearing(every, again), "the answer was none that counts")
	c.Withdraw(t.Context(), 1, []record.Withdrawal{{Number: 1, From: noon.AddDate(0, 6, 0).UnixMilli(),
		Until: noon.AddDate(2, 0, 0).UnixMilli()}})
	assert.Equal(t, every, c.NextHearing(every, again), "it was withdrawn")
}

func TestTheCountRidesOnARecordOnceAMinute(t *testing.T) {
	w := newWatch()
	c := newClock(w, 0)
	w.pass(time.Hour)
	assert.Empty(t, c.CountNotes(w.Read()), "there is nothing to count from")
	c.heard(w, noon)
	first := c.CountNotes(w.Read())
	require.Len(t, first, 2, "more than a minute passed")
	assert.Equal(t, slot.Wall, first[1].Slot, "with the first one goes how the wall clock stands")
	assert.Empty(t, c.CountNotes(w.Read()), "it was just noted")
	w.pass(noteEvery - time.Millisecond)
	assert.Empty(t, c.CountNotes(w.Read()), "less than a minute passed")
	w.pass(time.Millisecond)
	entries := c.CountNotes(w.Read())
	require.Len(t, entries, 1, "a minute passed")
	assert.Equal(t, slot.Count, entries[0].Slot, "the count")
	w.now.Wall = w.now.Wall.Add(time.Hour)
	assert.Len(t, c.CountNotes(w.Read()), 2, "somebody set the wall clock")
	assert.Empty(t, c.CountNotes(w.Read()), "it was just noted")
}

func TestWhatTheJournalKnowsOfTheTimeIsTakenUp(t *testing.T) {
	log, err := journal.Open(t.Context(), vfstest.Folder(t), journal.Config{SegmentSize: 16 << 10})
	require.NoError(t, err)
	defer log.Close()
	w := newWatch()
	c := newClock(w, 0)
	c.heard(w, noon)
	w.pass(time.Hour)
	notes := c.Notes(log)
	require.Len(t, notes, 3, "the count, the statements and the wall clock")
	require.NoError(t, log.Settle(t.Context(), nil, nil, notes...))
	assert.Len(t, c.Notes(log), 1, "neither the statements nor the wall clock changed")

	w.now.Boot, w.now.SinceBoot = "b2", time.Minute // the machine was off for a while that nobody knows
	again := newClock(w, 0)
	again.Recall(log)
	assert.Equal(t, noon.Add(time.Hour+time.Minute).UnixMilli(), again.Now().Earliest, "what passed for certain")
}

// What was known of the wall clock's error before a reboot holds until somebody sets the clock, also where the till is
// opened again and where the machine is started once more.
func TestAWallClockThatIsSetAfterARebootIsBelieved(t *testing.T) {
	const behind = 8 * time.Hour
	log, err := journal.Open(t.Context(), vfstest.Folder(t), journal.Config{SegmentSize: 16 << 10})
	require.NoError(t, err)
	defer log.Close()
	w := newWatch()
	c := newClock(w, 0)
	keep := func() { require.NoError(t, log.Settle(t.Context(), nil, nil, c.Notes(log)...)) }
	open := func() { c = newClock(w, 0); c.Recall(log) }
	c.heard(w, noon)
	w.now.Wall = noon.Add(-behind)
	assert.Equal(t, -behind.Milliseconds(), c.Now().Off, "the backend told the time")
	keep()

	w.pass(10 * time.Minute)
	w.now.Boot, w.now.SinceBoot = "b2", time.Minute
	open()
	assert.Equal(t, -behind.Milliseconds(), c.Now().Off, "a reboot changes no clock")
	w.pass(time.Hour)
	w.now.Wall = w.now.Wall.Add(evidence.Slack)
	assert.Equal(t, -behind.Milliseconds(), c.Now().Off, "a small correction sets no clock")
	keep()
	w.now.Wall = w.now.Wall.Add(behind)
	assert.Zero(t, c.Now().Off, "somebody set it")
	open()
	assert.Zero(t, c.Now().Off, "somebody set it before the till was opened again")
	require.NotEmpty(t, c.CountNotes(w.Read()), "what changed goes with the next record")
	keep()
	w.now.Boot, w.now.SinceBoot = "b3", time.Minute
	open()
	assert.Zero(t, c.Now().Off, "it was set in the run before")
}

// A logger that reads the clock shows that nothing is logged under its lock.
type asker struct{ clock *Clock }

func (a *asker) Enabled(context.Context, slog.Level) bool { return true }

func (a *asker) Handle(context.Context, slog.Record) error { a.clock.Now(); return nil }

func (a *asker) WithAttrs([]slog.Attr) slog.Handler { return a }

func (a *asker) WithGroup(string) slog.Handler { return a }

func TestAClockIsReadFromItsLogger(t *testing.T) {
	w, a := newWatch(), &asker{}
	a.clock = New(w, 0, slog.New(a))
	a.clock.heard(w, noon)
	var group sync.WaitGroup
	for i := range 4 {
		group.Go(func() {
			a.clock.heard(w, noon.AddDate(1+i, 0, 0))
			a.clock.Withdraw(t.Context(), uint64(i+1), nil)
			a.clock.CountNotes(w.Read())
		})
	}
	group.Wait()
	assert.Equal(t, noon.UnixMilli(), a.clock.Now().Earliest, "no claim counts")
}
