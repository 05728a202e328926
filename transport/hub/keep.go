package hub

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/journal"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/hub/internal/arbiter"
)

// A keeper has the arbiter and its journal: what an answer rests on is on disk before the answer goes out.
//
// Each state of a claim or a lane is a record in the journal. The newest one of each is pending, older ones are
// settled, so that their segments are given back. The arbiter changes in the callback of Append, so that the order of
// its states is that of the journal. Where the disk fails it is ahead of the journal, which errs on the safe side:
// nothing was granted that is not on disk, and what could not be stored is stored with the next change.
type keeper struct {
	log       *journal.Log
	sinceBoot func() time.Duration
	epoch     func() uint64

	mu      sync.Mutex // guards what follows; taken under the journal's lock, never the other way round
	arbiter *arbiter.Arbiter
	unsaved map[subject]revision // what the disk did not take
	stored  map[subject]place    // the record of each claim and lane
	old     []journal.ID         // records that newer ones replaced, to be settled
	spare   []*write             // that ended
}

// A subject is the claim or the lane whose state a record holds.
type subject struct {
	claim  arbiter.Key // of a lane with its Lane alone
	isLane bool
}

func laneSubject(id record.TerminalID) subject { return subject{arbiter.Key{Lane: id}, true} }

// A place is the record that holds a claim or lane, and which version of it.
type place struct {
	id      journal.ID
	version uint64
}

// A revision is a claim or a lane as it is to be stored. Calls may return in another order than that of their changes:
// of several revisions the one with the highest version counts.
type revision struct {
	of      subject
	version uint64
	claim   *arbiter.Claim
	lane    *arbiter.Lane // none of the two: the claim was dropped
	id      journal.ID    // of its record
}

// A write is what one call stores.
type write struct {
	entries   []journal.Entry
	payloads  []byte // of the entries
	revisions []revision
	rest      bool // it is only a part of what the disk did not take before
}

// apply changes the arbiter and returns when that is on disk, as well as everything that the change saw.
func (k *keeper) apply(ctx context.Context, change func(a *arbiter.Arbiter, now time.Duration)) error {
	for {
		rest, err := k.applyOnce(ctx, change)
		if err != nil || !rest {
			return err
		}
	}
}

// applyOnce stores a change, or a part of what could not be stored before: then rest is true, and nothing was changed.
func (k *keeper) applyOnce(ctx context.Context, change func(*arbiter.Arbiter, time.Duration)) (rest bool, err error) {
	var w *write
	err = k.log.Append(ctx, func(*journal.View) ([]journal.Entry, error) {
		if w == nil { // a callback is called again where its group was not written
			w = k.change(change)
		}
		return w.entries, nil
	})
	if w == nil {
		return false, err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if err != nil {
		for _, r := range w.revisions {
			k.keepLocked(r)
		}
		return false, err
	}
	k.replaceLocked(w)
	rest = w.rest
	k.reuseLocked(w)
	return rest, nil
}

// mostSpare is how many writes are kept for the next changes: one for each lane of a large store.
const mostSpare = 16

func (k *keeper) reuseLocked(w *write) {
	clear(w.revisions)
	clear(w.entries)
	w.revisions, w.entries, w.payloads = w.revisions[:0], w.entries[:0], w.payloads[:0]
	if len(k.spare) < mostSpare {
		k.spare = append(k.spare, w)
	}
}

// newWriteLocked returns an empty write.
func (k *keeper) newWriteLocked() *write {
	n := len(k.spare)
	if n == 0 {
		return &write{}
	}
	w := k.spare[n-1]
	k.spare = k.spare[:n-1]
	return w
}

// keepLocked has a revision stored with the next change, unless there is a newer one.
func (k *keeper) keepLocked(r revision) {
	if max(k.stored[r.of].version, k.unsaved[r.of].version) <= r.version {
		k.unsaved[r.of] = r
	}
}

// mostUnsaved is how many revisions that could not be stored go into the journal together with a new change.
const mostUnsaved = 200

// change runs under the journal's lock.
func (k *keeper) change(change func(*arbiter.Arbiter, time.Duration)) *write {
	k.mu.Lock()
	defer k.mu.Unlock()
	w := k.newWriteLocked()
	if w.rest = len(k.unsaved) > mostUnsaved; !w.rest {
		change(k.arbiter, k.sinceBoot())
		w.revisions = appendRevisions(w.revisions, k.arbiter.Changes())
		for i := range w.revisions { // these are newer than what could not be stored
			delete(k.unsaved, w.revisions[i].of)
		}
	}
	for of, r := range k.unsaved {
		if w.rest && len(w.revisions) == mostUnsaved {
			break
		}
		w.revisions = append(w.revisions, r)
		delete(k.unsaved, of)
	}
	w.encode(k.epoch())
	return w
}

// appendRevisions appends the revisions that a change made.
func appendRevisions(all []revision, changes arbiter.Changes) []revision {
	all = slices.Grow(all, len(changes.Claims)+len(changes.Lanes)+len(changes.Dropped))
	for i := range changes.Claims {
		c := &changes.Claims[i]
		all = append(all, revision{of: subject{claim: c.Key}, version: c.Version, claim: c})
	}
	for i := range changes.Lanes {
		l := &changes.Lanes[i]
		all = append(all, revision{of: laneSubject(l.ID), version: l.Version, lane: l})
	}
	for _, d := range changes.Dropped {
		all = append(all, revision{of: subject{claim: d.Key}, version: d.Version})
	}
	return all
}

// bytesOfPayload is about what the state of a claim takes.
const bytesOfPayload = 160

// encode makes the entries of the revisions; one that was dropped has none.
func (w *write) encode(epoch uint64) {
	w.entries = slices.Grow(w.entries, len(w.revisions))
	w.payloads = slices.Grow(w.payloads, len(w.revisions)*bytesOfPayload)
	for i := range w.revisions {
		r := &w.revisions[i]
		if r.claim == nil && r.lane == nil {
			continue
		}
		start, s := len(w.payloads), state{epoch, r.claim, r.lane}
		w.payloads = s.appendTo(w.payloads)
		r.id = journal.ID(record.NewID())
		w.entries = append(w.entries, journal.Entry{ID: r.id, Payload: w.payloads[start:]})
	}
}

// replaceLocked notes which records are not needed any more.
func (k *keeper) replaceLocked(w *write) {
	for _, r := range w.revisions {
		before, ok := k.stored[r.of]
		switch {
		case ok && before.version > r.version:
			if r.id != (journal.ID{}) {
				k.old = append(k.old, r.id)
			}
			continue
		case ok:
			k.old = append(k.old, before.id)
			delete(k.stored, r.of)
		}
		if r.id != (journal.ID{}) {
			k.stored[r.of] = place{r.id, r.version}
		}
	}
}

// look calls read with the arbiter, which it must not change.
func (k *keeper) look(read func(a *arbiter.Arbiter)) {
	k.mu.Lock()
	defer k.mu.Unlock()
	read(k.arbiter)
}

// recall reads what the journal has of the epoch. What cannot be read any more stands in the journal's Damage.
func (k *keeper) recall() error {
	var all arbiter.Changes
	epoch := k.epoch()
	for stored, err := range k.log.History() {
		if err != nil {
			return err
		}
		if stored.State != journal.Pending || stored.Payload == nil {
			continue
		}
		s, err := readState(stored.Payload)
		switch {
		case errors.Is(err, fault.UnsupportedVersion):
			return fault.WithOp("hub.Open", err)
		case err != nil || s.epoch != epoch:
			k.old = append(k.old, stored.ID)
		case s.claim != nil:
			all.Claims = append(all.Claims, *s.claim)
			k.recallRecord(s.subject(), place{stored.ID, s.claim.Version})
		default:
			all.Lanes = append(all.Lanes, *s.lane)
			k.recallRecord(s.subject(), place{stored.ID, s.lane.Version})
		}
	}
	k.arbiter.Restore(k.sinceBoot(), all)
	return nil
}

func (k *keeper) recallRecord(of subject, found place) {
	before, ok := k.stored[of]
	switch {
	case !ok:
		k.stored[of] = found
	case found.version > before.version:
		k.old = append(k.old, before.id)
		k.stored[of] = found
	default:
		k.old = append(k.old, found.id)
	}
}
