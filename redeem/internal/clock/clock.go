// Package clock keeps what a terminal knows of the time. The wall clock is what anybody may have set; signed
// statements of the backend and the machine's count since boot say how far it can be right.
package clock

import (
	"bytes"
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/offlane/offlane/redeem/internal/evidence"
	"github.com/offlane/offlane/redeem/internal/slot"
	"github.com/offlane/offlane/redeem/journal"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/redeem/trust"
)

// defaultMaxAlone is how long the wall clock is believed after the earliest possible moment.
const defaultMaxAlone = 7 * 24 * time.Hour

// A Source reads a machine's clocks. It may be called from several goroutines at once.
type Source interface {
	Read() record.Reading
}

// A Clock weighs what the machine's clocks say against the statements of time that it heard. Its lock is held for
// moments: the source and the logger are called without it. Its methods may be called from several goroutines at once.
type Clock struct {
	source   Source
	maxAlone time.Duration
	log      *slog.Logger

	mu         sync.Mutex // guards what follows
	elapsed    count
	known      knowledge
	offset     offset
	noted      int64  // the count that the journal has, or will have with what is being written
	offsetKept offset // the offset that it has
}

// New makes a clock that knows nothing yet. maxAlone is Policy.MaxAlone: how long the wall clock is believed after the
// last statement; 0: 7 days; a negative value believes it always.
func New(source Source, maxAlone time.Duration, log *slog.Logger) *Clock {
	return &Clock{source: source, maxAlone: maxAlone, log: log}
}

// Recall takes up what the journal knows of the time. From then on time passes by this run's count.
func (c *Clock) Recall(log *journal.Log) {
	counted, _ := log.Note(slot.Count)
	known, _ := log.Note(slot.Time)
	wall, _ := log.Note(slot.Wall)
	now := c.source.Read()
	c.mu.Lock()
	defer c.mu.Unlock()
	if counted != nil {
		c.elapsed = slot.Decode[count](counted)
	}
	if known != nil {
		c.known = slot.Decode[knowledge](known)
	}
	if wall != nil {
		c.offset = slot.Decode[offset](wall)
	}
	c.noted, c.offsetKept = c.elapsed.Passed, c.offset
	c.advanceLocked(now)
}

// Read reads the machine's clocks.
func (c *Clock) Read() record.Reading { return c.source.Read() }

// Now is what is known of the time now.
func (c *Clock) Now() record.Evidence {
	e, _ := c.At(c.source.Read())
	return e
}

// At is what is known of the time at a reading, and the present by a statement that nothing confirms, in milliseconds
// since 1970; 0: there is none.
func (c *Clock) At(r record.Reading) (e record.Evidence, claimed int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.evidenceLocked(r), c.known.claimedTime(c.elapsed.at(r))
}

// Expiry is the moment by which entries of the journal expire: the earliest that the evidence allows, never a wall
// clock that somebody set forward. Without evidence it is 1970, so that nothing expires.
func (c *Clock) Expiry() time.Time {
	e := c.Now()
	if c.maxAlone < 0 {
		return time.UnixMilli(e.Wall)
	}
	return time.UnixMilli(e.Earliest)
}

// evidenceLocked works out what is known of the time at a reading: the true moment lies at or after Earliest, and the
// wall clock is believed from there to Earliest plus maxAlone.
func (c *Clock) evidenceLocked(r record.Reading) record.Evidence {
	e := record.Evidence{Wall: r.Wall.UnixMilli(), SinceBoot: r.SinceBoot.Milliseconds(), Boot: r.Boot}
	if best, ok := c.known.best(); ok {
		e.Server, e.Correction, e.Earliest = best.Millis, best.Correction, best.lead()+c.elapsed.at(r)
	}
	if c.maxAlone < 0 { // the caller vouches for the wall clock
		e.Latest, e.Trusted = max(e.Wall, e.Earliest), true
		return e
	}
	if e.Earliest == 0 {
		return e
	}
	e.Latest = e.Earliest + c.mostAlone()
	e.Trusted = e.Wall >= e.Earliest-evidence.Slack.Milliseconds() && e.Wall <= e.Latest
	if off := c.leadLocked(r, e); off > evidence.Slack.Milliseconds() || off < -evidence.Slack.Milliseconds() {
		e.Off = off
	}
	return e
}

// leadLocked is how far the wall clock is ahead. Where the backend was heard in this run, the count tells what the time
// is; else the clock is taken to be off as it was in the run before, if that can be and nobody set it in this run.
func (c *Clock) leadLocked(r record.Reading, e record.Evidence) int64 {
	if c.elapsed.Boot == r.Boot && c.known.hears(c.elapsed.Run) {
		return e.Wall - e.Earliest
	}
	if c.offset.changes(r) {
		return 0
	}
	if right := e.Wall - c.elapsed.Off; right < e.Earliest || right > e.Latest {
		return 0
	}
	return c.elapsed.Off
}

// mostAlone is maxAlone in milliseconds as far as statements of time go by it.
func (c *Clock) mostAlone() int64 {
	if c.maxAlone > 0 {
		return c.maxAlone.Milliseconds()
	}
	return defaultMaxAlone.Milliseconds()
}

// advanceLocked counts up to a reading. A wall clock that was set while nobody tells the time is off by what nobody
// knows: what was known of it before says nothing any more.
func (c *Clock) advanceLocked(r record.Reading) {
	off, changes := c.evidenceLocked(r).Off, c.offset.changes(r)
	c.elapsed = c.elapsed.advance(r)
	if c.known.hears(c.elapsed.Run) {
		c.elapsed.Off = off
	} else if changes {
		c.elapsed.Off = 0
	}
	if changes || c.offset.Boot != r.Boot {
		c.offset = offsetAt(r)
	}
}

// Hear takes the backend's clock as evidence: a moment that a root signed as it was sent, at the reading when it came.
func (c *Clock) Hear(at record.ServerTime, r record.Reading) {
	c.hear(at.Millis, at.Correction, true, r)
}

func (c *Clock) hear(millis int64, correction uint64, now bool, r record.Reading) {
	c.mu.Lock()
	c.advanceLocked(r)
	before := c.known.Claim
	c.known.add(statement{Millis: millis, Correction: correction, At: c.elapsed.Passed, Run: c.elapsed.Run, Now: now},
		r.Wall.UnixMilli(), c.mostAlone())
	claim := c.known.Claim
	c.mu.Unlock()
	if claim != before && claim.Millis != 0 {
		c.log.Warn("a signed time goes further ahead than the clocks allow: it counts once another one confirms it",
			slog.Time("says", time.UnixMilli(millis)), slog.Time("wall", r.Wall))
	}
}

// HearBundle takes what a trust bundle says of the time: what was withdrawn, and when it was made.
func (c *Clock) HearBundle(ctx context.Context, bundle *trust.Bundle) {
	newest, withdrawals := uint64(0), make([]record.Withdrawal, len(bundle.Withdrawals))
	for i, w := range bundle.Withdrawals {
		withdrawals[i] = record.Withdrawal{Number: w.Number, From: w.From.UnixMilli(), Until: w.Until.UnixMilli()}
		newest = max(newest, w.Number)
	}
	c.Withdraw(ctx, newest, withdrawals)
	c.hear(bundle.Made.UnixMilli(), bundle.Correction, false, c.source.Read())
}

// Withdraw takes what a correction of the backend's clock names for no evidence any more. One that is not newer than
// the last changes nothing.
func (c *Clock) Withdraw(ctx context.Context, number uint64, withdrawals []record.Withdrawal) {
	c.mu.Lock()
	heeded := c.known.withdraw(number, withdrawals)
	c.mu.Unlock()
	if heeded {
		c.log.WarnContext(ctx, "the backend corrected its clock: what it withdrew is no evidence any more",
			"correction", number)
	}
}

// NextHearing is how long to wait until the backend is asked again, at most so long: while a statement waits for
// another one that confirms it, not longer than that takes. Where that time is over, the backend was asked and its
// answer had no clock that can be verified: then it is again.
func (c *Clock) NextHearing(every, again time.Duration) time.Duration {
	now := c.source.Read()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.known.Claim.Millis == 0 {
		return every
	}
	wait := evidence.ConfirmAfter - time.Duration(c.elapsed.at(now)-c.known.Claim.At)*time.Millisecond
	if wait <= 0 {
		wait = again
	}
	return min(every, wait)
}

// Notes are what the journal is to know of the time: the count, and where they changed what statements say and how the
// wall clock stands to the count.
func (c *Clock) Notes(log *journal.Log) []journal.Note {
	now := c.source.Read()
	c.mu.Lock()
	c.advanceLocked(now)
	c.noted, c.offsetKept = c.elapsed.Passed, c.offset
	notes := []journal.Note{{Slot: slot.Count, Value: slot.Encode(c.elapsed)}}
	rare := []journal.Note{{Slot: slot.Time, Value: slot.Encode(c.known)}, {Slot: slot.Wall, Value: slot.Encode(c.offset)}}
	c.mu.Unlock()
	for _, n := range rare {
		if raw, _ := log.Note(n.Slot); !bytes.Equal(raw, n.Value) {
			notes = append(notes, n)
		}
	}
	return notes
}

// noteEvery is how much time may pass before the count rides on a record again: what a reboot can take away from what
// is known of the time is at most that, as long as the till is in use.
const noteEvery = time.Minute

// CountNotes are the count as it goes with a record and with a clean end, or none where the journal knows it well
// enough, or where there is nothing to count from. A wall clock that was set, and one of a new run, goes along at once.
func (c *Clock) CountNotes(now record.Reading) []journal.Note {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.known.Confirmed) == 0 && c.known.Claim.Millis == 0 {
		return nil
	}
	kept := c.offset == c.offsetKept && !c.offset.changes(now)
	if kept && c.elapsed.at(now) < c.noted+noteEvery.Milliseconds() {
		return nil
	}
	c.advanceLocked(now)
	c.noted, c.offsetKept = c.elapsed.Passed, c.offset
	notes := []journal.Note{{Slot: slot.Count, Value: slot.Encode(c.elapsed)}}
	if !kept {
		notes = append(notes, journal.Note{Slot: slot.Wall, Value: slot.Encode(c.offset)})
	}
	return notes
}
