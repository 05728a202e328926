package hub

import (
	"context"
	"encoding/json"
	"errors"
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
	unsaved map[any]revision // what the disk did not take, by claim and lane
	stored  map[any]place    // the record of each claim and lane
	old     []journal.ID     // records that newer ones replaced, to be settled
}

// A place is the record that holds a claim or lane, and which version of it.
type place struct {
	id      journal.ID
	version uint64
}

// A revision is a claim or a lane as it is to be stored. Calls may return in another order than that of their changes:
// of several revisions the one with the highest version counts.
type revision struct {
	of      any // its arbiter.Key or record.TerminalID
	version uint64
	claim   *arbiter.Claim
	lane    *arbiter.Lane // none of the two: the claim was dropped
	id      journal.ID    // of its record
}

// A state is what a record of the hub's journal holds: a claim or a lane.
type state struct {
	// Version is stateVersion.
	Version int `json:"version"`
	// Epoch is in which it counts.
	Epoch uint64         `json:"epoch"`
	Claim *arbiter.Claim `json:"claim,omitempty"`
	Lane  *arbiter.Lane  `json:"lane,omitempty"`
}

// stateVersion is the version of states that this package writes.
const stateVersion = 1

// A write is what one call stores.
type write struct {
	entries   []journal.Entry
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
	return w.rest, nil
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
	w := &write{rest: len(k.unsaved) > mostUnsaved}
	if !w.rest {
		change(k.arbiter, k.sinceBoot())
		for _, r := range revisionsOf(k.arbiter.Changes()) {
			k.keepLocked(r)
		}
	}
	epoch := k.epoch()
	for of, r := range k.unsaved {
		if w.rest && len(w.revisions) == mostUnsaved {
			break
		}
		w.add(r, epoch)
		delete(k.unsaved, of)
	}
	return w
}

// revisionsOf are the revisions that a change made.
func revisionsOf(changes arbiter.Changes) (all []revision) {
	for i := range changes.Claims {
		c := &changes.Claims[i]
		all = append(all, revision{of: c.Key, version: c.Version, claim: c})
	}
	for i := range changes.Lanes {
		l := &changes.Lanes[i]
		all = append(all, revision{of: l.ID, version: l.Version, lane: l})
	}
	for _, d := range changes.Dropped {
		all = append(all, revision{of: d.Key, version: d.Version})
	}
	return all
}

// add makes the entry of a revision; one that was dropped has none.
func (w *write) add(r revision, epoch uint64) {
	if r.claim != nil || r.lane != nil {
		raw, err := json.Marshal(state{Version: stateVersion, Epoch: epoch, Claim: r.claim, Lane: r.lane})
		if err != nil {
			panic("hub: numbers and texts cannot fail to encode: " + err.Error())
		}
		r.id = journal.ID(record.NewID())
		w.entries = append(w.entries, journal.Entry{ID: r.id, Payload: raw})
	}
	w.revisions = append(w.revisions, r)
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
		var s state
		err := json.Unmarshal(stored.Payload, &s)
		switch {
		case err == nil && s.Version != stateVersion:
			return fault.New(fault.UnsupportedVersion, "hub.Open", "the hub's journal has states of version %d, this program "+
				"knows %d", s.Version, stateVersion)
		case err != nil || s.Epoch != epoch:
			k.old = append(k.old, stored.ID)
		case s.Claim != nil:
			all.Claims = append(all.Claims, *s.Claim)
			k.recallRecord(s.Claim.Key, place{stored.ID, s.Claim.Version})
		case s.Lane != nil:
			all.Lanes = append(all.Lanes, *s.Lane)
			k.recallRecord(s.Lane.ID, place{stored.ID, s.Lane.Version})
		}
	}
	k.arbiter.Restore(k.sinceBoot(), all)
	return nil
}

func (k *keeper) recallRecord(of any, found place) {
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

// mostSettled is how many records are settled at once.
const mostSettled = 1000

// settle has the journal give back the space of records that were replaced.
func (k *keeper) settle(ctx context.Context) error {
	for {
		k.mu.Lock()
		some := append([]journal.ID(nil), k.old[:min(len(k.old), mostSettled)]...)
		k.mu.Unlock()
		if len(some) == 0 {
			return nil
		}
		if err := k.settleAll(ctx, some); err != nil {
			return err
		}
		k.mu.Lock()
		k.old = k.old[len(some):]
		k.mu.Unlock()
	}
}

// settleAll settles records, of which some may have been lost with a damaged file.
func (k *keeper) settleAll(ctx context.Context, ids []journal.ID) error {
	settled := make([]journal.Settlement, len(ids))
	for i, id := range ids {
		settled[i].Ref = id
	}
	err := k.log.Settle(ctx, settled, nil)
	if !errors.Is(err, fault.NotFound) {
		return err
	}
	for i := range settled {
		if err := k.log.Settle(ctx, settled[i:i+1], nil); err != nil && !errors.Is(err, fault.NotFound) {
			return err
		}
	}
	return nil
}

// carry writes some of the states that stand in the oldest segments anew, where most of the journal's space is not
// needed any more: so these segments can be given back.
func (k *keeper) carry(ctx context.Context, segmentSize int64) error {
	k.mu.Lock()
	live := int64(len(k.stored))
	k.mu.Unlock()
	if k.log.Stats().Bytes < 4*segmentSize+3*live*bytesOfState {
		return nil
	}
	oldest, err := k.log.Pending(mostCarried, 1<<20)
	if err != nil || len(oldest) == 0 {
		return err
	}
	return k.again(ctx, oldest)
}

// mostCarried is how many states are written anew at once.
const mostCarried = 200

// bytesOfState is about what a state takes in the journal.
const bytesOfState = 600

// again stores states anew and settles the records in which they stood.
func (k *keeper) again(ctx context.Context, oldest []journal.Stored) error {
	var touched []any
	k.mu.Lock()
	for _, stored := range oldest {
		if of := keyOf(stored.Payload); of != nil && k.stored[of].id == stored.ID {
			touched = append(touched, of)
		}
	}
	k.mu.Unlock()
	err := k.apply(ctx, func(a *arbiter.Arbiter, _ time.Duration) {
		for _, of := range touched {
			a.Touch(of)
		}
	})
	if err != nil {
		return err
	}
	return k.settle(ctx)
}

// keyOf is whose state a payload is; nil: it cannot be read.
func keyOf(payload []byte) any {
	var s state
	switch err := json.Unmarshal(payload, &s); {
	case err == nil && s.Claim != nil:
		return s.Claim.Key
	case err == nil && s.Lane != nil:
		return s.Lane.ID
	}
	return nil
}
