package hub

import (
	"bytes"
	"context"
	"encoding/json"
	"sync"
	"sync/atomic"
	"time"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/journal"
	"github.com/offlane/offlane/redeem/record"
)

// epochSlot is the note of the hub's journal that holds its epoch.
const epochSlot = "epoch"

// An epochs is which epoch the server is in. One without a memory first hears which epochs its lanes know, so that its
// own is higher; then it waits for what they hold.
//
//	hearing ──all lanes, or Config.Wait──► settling ──all lanes, or Config.Wait──► open
type epochs struct {
	key  []byte
	wait time.Duration
	now  atomic.Pointer[phase] // read without the lock, also under that of the journal

	mu      sync.Mutex                 // guards what follows; held across the journal when an epoch begins
	highest uint64                     // that a lane knows, or that was stored
	heard   map[record.TerminalID]bool // while it has none: the lanes that said what they know
	passed  uint64                     // not 0: a lane knows this higher epoch, or another key with the same number
}

// A phase is an epoch, and since when the server waits for its lanes in it.
type phase struct {
	epoch record.HubEpoch // its number is 0 while the server hears which ones its lanes know
	since time.Time
}

// recall takes up the stored epoch, unless the journal lost records or the server is to take over.
func (e *epochs) recall(log *journal.Log, takeOver bool) error {
	e.heard = map[record.TerminalID]bool{}
	e.now.Store(&phase{since: time.Now()})
	raw, ok := log.Note(epochSlot)
	if !ok {
		return nil
	}
	var stored storedEpoch
	if err := json.Unmarshal(raw, &stored); err != nil {
		return fault.New(fault.Damaged, "hub.Open", "the hub's epoch cannot be read: %w", err)
	}
	e.highest = stored.Number
	if !takeOver && !stored.Copy && len(log.Damage()) == 0 && bytes.Equal(stored.Key, e.key) {
		e.now.Store(&phase{stored.HubEpoch, time.Now()})
	}
	return nil
}

// A storedEpoch is an epoch as it stands in the journal.
type storedEpoch struct {
	record.HubEpoch
	// Copy says that a backup has it: the hub went on, so that whoever finds it begins the next one.
	Copy bool `json:"copy,omitempty"`
}

// current is the epoch; its number is 0 while the server hears which ones its lanes know.
func (e *epochs) current() record.HubEpoch { return e.now.Load().epoch }

// hear takes what a lane knows. It returns the epoch in which the lane may work; fault.Unavailable while there is none;
// fault.WrongEpoch where the lane knows one that ended this one. expected are the lanes that there are.
func (e *epochs) hear(
	ctx context.Context, log *journal.Log, lane record.TerminalID, known record.HubEpoch, expected []record.HubPeer,
) (record.HubEpoch, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	now := e.current()
	if now.Number == 0 {
		e.highest = max(e.highest, known.Number)
		e.heard[lane] = true
		if !e.hasHeardLocked(expected) {
			return now, fault.New(fault.Unavailable, "", "the hub hears which epochs its lanes know: try again")
		}
		return e.beginLocked(ctx, log)
	}
	if known.Number > now.Number || known.Number == now.Number && !bytes.Equal(known.Key, now.Key) {
		e.passed = max(e.passed, known.Number)
		return now, fault.New(fault.WrongEpoch, "", "the lane knows epoch %d of another hub, and this is %d: "+
			"point the lane to that one, or start this one with the order to take over", known.Number, now.Number)
	}
	return now, nil
}

func (e *epochs) hasHeardLocked(expected []record.HubPeer) bool {
	if time.Since(e.now.Load().since) >= e.wait {
		return true
	}
	for _, lane := range expected {
		if !lane.OutOfService && !e.heard[lane.Terminal] {
			return false
		}
	}
	return true
}

// beginLocked begins an epoch, on disk before anybody hears of it. A server begins at most one.
func (e *epochs) beginLocked(ctx context.Context, log *journal.Log) (record.HubEpoch, error) {
	if e.highest >= maxEpoch {
		return record.HubEpoch{}, fault.New(fault.WrongEpoch, "", "a lane knows epoch %d, after which none can begin",
			e.highest)
	}
	next := record.HubEpoch{Number: e.highest + 1, Key: e.key}
	if err := putEpoch(ctx, log, storedEpoch{HubEpoch: next}); err != nil {
		return record.HubEpoch{}, err
	}
	e.now.Store(&phase{next, time.Now()})
	e.heard = nil
	return next, nil
}

func putEpoch(ctx context.Context, log *journal.Log, e storedEpoch) error {
	raw, err := json.Marshal(e)
	if err != nil {
		return fault.New(fault.Internal, "", "%w", err)
	}
	return log.PutNote(ctx, epochSlot, raw)
}

// isSettling reports whether lanes still have time to say what they hold before others' claims ask.
func (e *epochs) isSettling() bool { return time.Since(e.now.Load().since) < e.wait }

// check refuses what belongs to no epoch of this server.
func (e *epochs) check() (record.HubEpoch, error) {
	now := e.current()
	if now.Number == 0 {
		return now, fault.New(fault.Unavailable, "", "the hub has no epoch yet: say hello")
	}
	return now, nil
}

// last is the highest epoch that is known: that of the server, of a lane, or of before.
func (e *epochs) last() uint64 {
	e.mu.Lock()
	defer e.mu.Unlock()
	return max(e.highest, e.passed, e.current().Number)
}

// higherEpoch is the number of a higher epoch that a lane knows; 0: none.
func (e *epochs) higherEpoch() uint64 {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.passed
}
