package redeem

import (
	"bytes"
	"context"
	"time"

	"github.com/offlane/offlane/redeem/journal"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/redeem/trust"
)

// defaultMaxAlone is how long the wall clock is believed after the earliest possible moment.
const defaultMaxAlone = 7 * 24 * time.Hour

// evidence works out what is known of the time at a reading: the true moment lies at or after Earliest, and the wall
// clock is believed from there to Earliest plus maxAlone. The caller holds t.mu.
func (t *Terminal) evidence(r Reading) record.Evidence {
	e := record.Evidence{Wall: r.Wall.UnixMilli(), SinceBoot: r.SinceBoot.Milliseconds(), Boot: r.Boot}
	if best, found := t.known.best(); found {
		e.Server, e.Correction, e.Earliest = best.Millis, best.Correction, best.ahead()+t.elapsed.at(r)
	}
	if t.cfg.Policy.MaxAlone < 0 { // the caller vouches for the wall clock
		e.Latest, e.Trusted = max(e.Wall, e.Earliest), true
		return e
	}
	if e.Earliest == 0 {
		return e
	}
	e.Latest = e.Earliest + t.maxAlone()
	e.Trusted = e.Wall >= e.Earliest-slack.Milliseconds() && e.Wall <= e.Latest
	if off := t.off(r, e); off > slack.Milliseconds() || off < -slack.Milliseconds() {
		e.Off = off
	}
	return e
}

// off is how far the wall clock is ahead. Where the backend was heard in this run, the count tells what the time is;
// else the clock is taken to be off as it was in the run before, if that can be.
func (t *Terminal) off(r Reading, e record.Evidence) int64 {
	if t.elapsed.Boot == r.Boot && t.known.hears(t.elapsed.Run) {
		return e.Wall - e.Earliest
	}
	if right := e.Wall - t.elapsed.Off; right < e.Earliest || right > e.Latest {
		return 0
	}
	return t.elapsed.Off
}

// maxAlone is Policy.MaxAlone in milliseconds as far as statements of time go by it.
func (t *Terminal) maxAlone() int64 {
	if most := t.cfg.Policy.MaxAlone; most > 0 {
		return most.Milliseconds()
	}
	return defaultMaxAlone.Milliseconds()
}

// carry counts up to a reading. The caller holds t.mu.
func (t *Terminal) carry(r Reading) {
	off := t.evidence(r).Off
	if t.elapsed = t.elapsed.on(r); t.known.hears(t.elapsed.Run) {
		t.elapsed.Off = off
	}
}

// readTime reads the clocks and weighs them against the evidence.
func (t *Terminal) readTime() record.Evidence { return t.evidenceAt(t.clock.Read()) }

func (t *Terminal) evidenceAt(now Reading) record.Evidence {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.evidence(now)
}

// weighTime is the evidence at a reading, and the present by a statement that nothing confirms; 0: there is none.
func (t *Terminal) weighTime(now Reading) (e record.Evidence, claimed int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.evidence(now), t.known.claimed(t.elapsed.at(now))
}

// hear takes a statement of time that a root signed, at the reading when it came.
func (t *Terminal) hear(millis int64, correction uint64, now bool, r Reading) {
	t.mu.Lock()
	t.carry(r)
	before := t.known.Claim
	t.known.take(statement{Millis: millis, Correction: correction, At: t.elapsed.Passed, Run: t.elapsed.Run, Now: now},
		r.Wall.UnixMilli(), t.maxAlone())
	claim := t.known.Claim
	t.mu.Unlock()
	if claim != before && claim.Millis != 0 {
		t.log.Warn("a signed time goes further ahead than the clocks allow: it counts once another one confirms it",
			timeAttr("says", time.UnixMilli(millis)), timeAttr("wall", r.Wall))
	}
}

// nextHearing is how long to wait until the backend is asked again: while a statement waits for another one that
// confirms it, not longer than that takes. The caller holds t.mu.
func (t *Terminal) nextHearing(now Reading) time.Duration {
	if t.known.Claim.Millis == 0 {
		return t.cfg.Reporting.Every
	}
	wait := confirmAfter - time.Duration(t.elapsed.at(now)-t.known.Claim.At)*time.Millisecond
	if wait <= 0 { // it was asked, and the answer had no clock that can be verified
		wait = t.cfg.Reporting.MaxWait
	}
	return min(t.cfg.Reporting.Every, wait)
}

// heedCorrection drops the statements of time that the backend withdrew, if a root that is known here signed that.
func (t *Terminal) heedCorrection(ctx context.Context, signed record.Signed) {
	if signed.IsZero() {
		return
	}
	roots, _ := t.trusted()
	correction, err := opened(roots, signed, signed.OpenTimeCorrection)
	if err != nil {
		t.log.WarnContext(ctx, "a correction of the clock that no known root signed is not heeded", "key", signed.KeyID,
			errAttr(err))
		return
	}
	t.dropStatements(ctx, correction.Number, correction.Withdrawals)
}

// dropStatements takes what was withdrawn for no evidence any more.
func (t *Terminal) dropStatements(ctx context.Context, number uint64, withdrawals []record.Withdrawal) {
	t.mu.Lock()
	heeded := t.known.withdraw(number, withdrawals)
	t.mu.Unlock()
	if heeded {
		t.log.WarnContext(ctx, "the backend corrected its clock: what it withdrew is no evidence any more",
			"correction", number)
	}
}

// hearBundle takes what a bundle says of the time: what was withdrawn, and when it was made.
func (t *Terminal) hearBundle(ctx context.Context, bundle *trust.Bundle) {
	newest, withdrawals := uint64(0), make([]record.Withdrawal, len(bundle.Withdrawals))
	for i, w := range bundle.Withdrawals {
		withdrawals[i] = record.Withdrawal{Number: w.Number, From: w.From.UnixMilli(), Until: w.Until.UnixMilli()}
		newest = max(newest, w.Number)
	}
	t.dropStatements(ctx, newest, withdrawals)
	t.hear(bundle.Made.UnixMilli(), bundle.Correction, false, t.clock.Read())
}

// recallTime reads what the journal knows of the time. From then on time passes by this run's count.
func (t *Terminal) recallTime() {
	if raw, ok := t.journal.Note(slotCount); ok {
		t.elapsed = decodeNote[count](raw)
	}
	if raw, ok := t.journal.Note(slotTime); ok {
		t.known = decodeNote[knowledge](raw)
	}
	t.noted = t.elapsed.Passed
	t.carry(t.clock.Read())
}

// timeNotes are what the journal is to know of the time: the count, and what statements say where that changed.
func (t *Terminal) timeNotes() []journal.Note {
	now := t.clock.Read()
	t.mu.Lock()
	t.carry(now)
	t.noted = t.elapsed.Passed
	counted, known := encodeNote(t.elapsed), encodeNote(t.known)
	t.mu.Unlock()
	notes := []journal.Note{{Slot: slotCount, Value: counted}}
	if raw, _ := t.journal.Note(slotTime); !bytes.Equal(raw, known) {
		notes = append(notes, journal.Note{Slot: slotTime, Value: known})
	}
	return notes
}

// noteEvery is how much time may pass before the count rides on a record again: what a reboot can take away from what
// is known of the time is at most that, as long as the till is in use.
const noteEvery = time.Minute

// countNote returns the count as an entry to go with a record, or none where the journal knows it well enough, or where
// there is nothing to count from.
func (t *Terminal) countNote(now Reading) []journal.Entry {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.known.Confirmed) == 0 && t.known.Claim.Millis == 0 || t.elapsed.at(now) < t.noted+noteEvery.Milliseconds() {
		return nil
	}
	t.carry(now)
	t.noted = t.elapsed.Passed
	return []journal.Entry{{Kind: journal.KindNote, Slot: slotCount, Payload: encodeNote(t.elapsed)}}
}
