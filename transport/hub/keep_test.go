package hub

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/journal"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/hub/internal/arbiter"
)

const smallSegment = 16 << 10

// openKeeper opens a keeper in dir with small segments.
func openKeeper(t *testing.T, dir string, epoch uint64) *keeper {
	t.Helper()
	log, err := journal.Open(t.Context(), dir, journal.Config{SegmentSize: smallSegment, KeepReported: time.Nanosecond})
	require.NoError(t, err)
	t.Cleanup(func() { log.Close() })
	k := newKeeper(log, epoch)
	require.NoError(t, k.recall())
	return k
}

// newKeeper makes a keeper that knows nothing yet, whose count since boot stands still.
func newKeeper(log *journal.Log, epoch uint64) *keeper {
	return &keeper{
		log: log, sinceBoot: func() time.Duration { return 0 }, stored: map[subject]place{},
		unsaved: map[subject]revision{},
		epoch:   func() uint64 { return epoch },
		arbiter: arbiter.New(arbiter.Limits{Lease: time.Second, Margin: time.Second, Memory: time.Second}),
	}
}

func nameFor(n int) (name arbiter.Name) {
	copy(name[:], fmt.Sprint("offer ", n))
	return name
}

// claim claims an offer for a lane, and returns what it came to.
func (k *keeper) claim(ctx context.Context, lane byte, offer int, attempt uint64) (result arbiter.Result, err error) {
	err = k.apply(ctx, func(a *arbiter.Arbiter, now time.Duration) {
		result = a.Claim(now, requestOf(lane, offer, attempt)).Result
	})
	return result, err
}

func requestOf(lane byte, offer int, attempt uint64) arbiter.Request {
	return arbiter.Request{
		Key:   arbiter.Key{Lane: record.TerminalID{lane}, Sale: nameFor(-1), Offer: nameFor(offer)},
		Names: []arbiter.Name{nameFor(offer)}, Attempt: attempt, Uses: 1, Allowed: 1,
	}
}

func TestTheJournalGivesBackWhatWasReplaced(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	k := openKeeper(t, dir, 1)
	const offers, rounds = 10, 100
	for attempt := range rounds {
		for offer := range offers {
			result, err := k.claim(t.Context(), 1, offer, uint64(attempt+1))
			require.NoError(t, err)
			require.Equal(t, arbiter.Granted, result)
		}
		if attempt%10 == 9 {
			require.NoError(t, k.settle(t.Context()))
			require.NoError(t, k.carry(t.Context(), smallSegment))
			require.NoError(t, k.log.Tidy(t.Context()))
		}
	}
	assert.Less(t, k.log.Stats().Bytes, int64(20*smallSegment), "%d states were written and %d count", offers*rounds,
		offers)
	require.NoError(t, k.log.Close())
	again := openKeeper(t, dir, 1)
	for offer := range offers {
		result, err := again.claim(t.Context(), 2, offer, 1)
		require.NoError(t, err)
		assert.Equal(t, arbiter.Reserved, result, "offer %d is still claimed", offer)
		result, err = again.claim(t.Context(), 1, offer, rounds)
		require.NoError(t, err)
		assert.Equal(t, arbiter.Stale, result, "the newest state of offer %d counts", offer)
	}
}

func TestWhatBelongsToAnotherEpochCountsNoMore(t *testing.T) {
	dir := t.TempDir()
	k := openKeeper(t, dir, 1)
	_, err := k.claim(t.Context(), 1, 1, 1)
	require.NoError(t, err)
	require.NoError(t, k.log.Close())
	next := openKeeper(t, dir, 2)
	result, err := next.claim(t.Context(), 2, 1, 1)
	require.NoError(t, err)
	assert.Equal(t, arbiter.Granted, result)
	require.NoError(t, next.settle(t.Context()))
	assert.Equal(t, 1, next.log.Stats().Pending, "the old state is given back")
}

func TestWhatCouldNotBeStoredIsStoredWithTheNextChange(t *testing.T) {
	dir := t.TempDir()
	k := openKeeper(t, dir, 1)
	ctx, cancel := context.WithCancel(t.Context())
	err := k.apply(ctx, func(a *arbiter.Arbiter, now time.Duration) {
		a.Begin(record.TerminalID{1})
		cancel()
	})
	require.True(t, err == nil || errors.Is(err, context.Canceled), "a context may end while the change is made: %v", err)
	lost := arbiter.Claim{Key: requestOf(1, 7, 1).Key, Version: 1000, Names: []arbiter.Name{nameFor(7)}, Allowed: 1,
		Pending: 1}
	k.keepLocked(revision{of: subject{claim: lost.Key}, version: lost.Version, claim: &lost})
	_, err = k.claim(t.Context(), 1, 1, 1)
	require.NoError(t, err)
	assert.Empty(t, k.unsaved, "everything is stored")
	require.NoError(t, k.log.Close())
	again := openKeeper(t, dir, 1)
	result, err := again.claim(t.Context(), 2, 7, 1)
	require.NoError(t, err)
	assert.Equal(t, arbiter.Reserved, result)
}

// Calls that one flush stores may return in any order.
func TestTheNewestStateCountsThoughItsCallReturnsFirst(t *testing.T) {
	dir := t.TempDir()
	k := openKeeper(t, dir, 1)
	attempt := func(number uint64) *write {
		return k.change(func(a *arbiter.Arbiter, now time.Duration) { a.Claim(now, requestOf(1, 1, number)) })
	}
	first, second := attempt(1), attempt(2)
	require.NoError(t, k.log.Append(t.Context(), func(*journal.View) ([]journal.Entry, error) {
		return slices.Concat(first.entries, second.entries), nil
	}))
	k.replaceLocked(second)
	k.replaceLocked(first)
	require.NoError(t, k.settle(t.Context()))
	require.NoError(t, k.log.Close())
	again := openKeeper(t, dir, 1)
	result, err := again.claim(t.Context(), 1, 1, 2)
	require.NoError(t, err)
	assert.Equal(t, arbiter.Stale, result, "the second attempt is on disk")
}

// While the disk is full, each state is kept once, and what gathers goes into the journal in parts.
func TestWhatCouldNotBeStoredDoesNotPileUp(t *testing.T) {
	const offers = 2*mostUnsaved + 50
	dir := t.TempDir()
	k := openKeeper(t, dir, 1)
	for attempt := range uint64(3) {
		for n := range offers {
			k.arbiter.Claim(0, requestOf(1, n, attempt+1))
			for _, r := range appendRevisions(nil, k.arbiter.Changes()) {
				k.keepLocked(r)
			}
		}
	}
	assert.Len(t, k.unsaved, offers, "the newest state of each claim")
	result, err := k.claim(t.Context(), 2, 0, 1)
	require.NoError(t, err)
	assert.Equal(t, arbiter.Reserved, result, "offer 0 is claimed")
	assert.Empty(t, k.unsaved, "everything is stored")
	assert.Equal(t, offers, k.log.Stats().Pending, "each claim once")
	require.NoError(t, k.log.Close())
	again := openKeeper(t, dir, 1)
	for n := range offers {
		result, err := again.claim(t.Context(), 1, n, 3)
		require.NoError(t, err)
		require.Equal(t, arbiter.Stale, result, "the newest state of offer %d counts", n)
	}
}
