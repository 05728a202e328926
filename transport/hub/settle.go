package hub

import (
	"context"
	"errors"
	"time"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/journal"
	"github.com/offlane/offlane/transport/hub/internal/arbiter"
)

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
const bytesOfState = 250

// again stores states anew and settles the records in which they stood.
func (k *keeper) again(ctx context.Context, oldest []journal.Stored) error {
	var touched []subject
	k.mu.Lock()
	for _, stored := range oldest {
		if s, err := readState(stored.Payload); err == nil && k.stored[s.subject()].id == stored.ID {
			touched = append(touched, s.subject())
		}
	}
	k.mu.Unlock()
	err := k.apply(ctx, func(a *arbiter.Arbiter, _ time.Duration) {
		for _, of := range touched {
			touch(a, of)
		}
	})
	if err != nil {
		return err
	}
	return k.settle(ctx)
}

func touch(a *arbiter.Arbiter, of subject) {
	if of.isLane {
		a.TouchLane(of.claim.Lane)
		return
	}
	a.Touch(of.claim)
}
