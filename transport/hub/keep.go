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
	unsaved arbiter.Changes
	stored  map[any]journal.ID // the record of each claim and lane
	old     []journal.ID       // records that newer ones replaced, to be settled
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
	entries []journal.Entry
	of      []any // the claim or lane of each entry
	changes arbiter.Changes
}

// apply changes the arbiter and returns when that is on disk, as well as everything that the change saw.
func (k *keeper) apply(ctx context.Context, change func(a *arbiter.Arbiter, now time.Duration)) error {
	var w *write
	err := k.log.Append(ctx, func(*journal.View) ([]journal.Entry, error) {
		if w == nil { // a callback is called again where its group was not written
			w = k.change(change)
		}
		return w.entries, nil
	})
	if w == nil {
		return err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if err != nil {
		k.unsaved.Claims = append(k.unsaved.Claims, w.changes.Claims...)
		k.unsaved.Lanes = append(k.unsaved.Lanes, w.changes.Lanes...)
		k.unsaved.Dropped = append(k.unsaved.Dropped, w.changes.Dropped...)
		return err
	}
	k.replaceLocked(w)
	return nil
}

// change runs under the journal's lock.
func (k *keeper) change(change func(*arbiter.Arbiter, time.Duration)) *write {
	k.mu.Lock()
	defer k.mu.Unlock()
	change(k.arbiter, k.sinceBoot())
	w := &write{changes: k.arbiter.Changes()}
	unsaved := k.unsaved
	k.unsaved = arbiter.Changes{}
	w.changes.Claims = append(unsaved.Claims, w.changes.Claims...)
	w.changes.Lanes = append(unsaved.Lanes, w.changes.Lanes...)
	w.changes.Dropped = append(unsaved.Dropped, w.changes.Dropped...)
	epoch := k.epoch()
	for i := range w.changes.Claims {
		w.add(w.changes.Claims[i].Key, state{Version: stateVersion, Epoch: epoch, Claim: &w.changes.Claims[i]})
	}
	for i := range w.changes.Lanes {
		w.add(w.changes.Lanes[i].ID, state{Version: stateVersion, Epoch: epoch, Lane: &w.changes.Lanes[i]})
	}
	return w
}

// add makes the entry of a state.
func (w *write) add(of any, s state) {
	raw, err := json.Marshal(s)
	if err != nil {
		panic("hub: numbers and texts cannot fail to encode: " + err.Error())
	}
	w.entries = append(w.entries, journal.Entry{ID: journal.ID(record.NewID()), Payload: raw})
	w.of = append(w.of, of)
}

// replaceLocked notes which records are not needed any more.
func (k *keeper) replaceLocked(w *write) {
	for i, of := range w.of {
		k.forgetLocked(of)
		k.stored[of] = w.entries[i].ID
	}
	for _, key := range w.changes.Dropped {
		k.forgetLocked(key)
	}
}

// forgetLocked has the record of a claim or lane settled; there may be none.
func (k *keeper) forgetLocked(of any) {
	if before, ok := k.stored[of]; ok {
		k.old = append(k.old, before)
		delete(k.stored, of)
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
	versions, epoch := map[any]uint64{}, k.epoch()
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
			k.recallRecord(versions, s.Claim.Key, s.Claim.Version, stored.ID)
		case s.Lane != nil:
			all.Lanes = append(all.Lanes, *s.Lane)
			k.recallRecord(versions, s.Lane.ID, s.Lane.Version, stored.ID)
		}
	}
	k.arbiter.Restore(k.sinceBoot(), all)
	return nil
}

func (k *keeper) recallRecord(versions map[any]uint64, of any, version uint64, id journal.ID) {
	before, ok := k.stored[of]
	switch {
	case !ok:
		k.stored[of], versions[of] = id, version
	case version > versions[of]:
		k.old = append(k.old, before)
		k.stored[of], versions[of] = id, version
	default:
		k.old = append(k.old, id)
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
		if of := keyOf(stored.Payload); of != nil && k.stored[of] == stored.ID {
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
