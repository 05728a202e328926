package hub

import (
	"context"
	"errors"
	"fmt"
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
	k := &keeper{
		log: log, sinceBoot: func() time.Duration { return 0 }, stored: map[any]journal.ID{},
		epoch:   func() uint64 { return epoch },
		arbiter: arbiter.New(arbiter.Limits{Lease: time.Second, Margin: time.Second, Memory: time.Second}),
	}
	require.NoError(t, k.recall())
	return k
}

func nameFor(n int) (name arbiter.Name) {
	copy(name[:], fmt.Sprint("offer ", n))
	return name
}

// claim claims an offer for a lane, and returns what it came to.
func (k *keeper) claim(ctx context.Context, lane byte, offer int, attempt uint64) (result arbiter.Result, err error) {
	err = k.apply(ctx, func(a *arbiter.Arbiter, now time.Duration) {
		result = a.Claim(now, arbiter.Request{
			Key:     arbiter.Key{Lane: record.TerminalID{lane}, Sale: nameFor(-1), Offer: nameFor(offer)},
			Names:   []arbiter.Name{nameFor(offer)},
			Attempt: attempt, Uses: 1, Allowed: 1,
		}).Result
	})
	return result, err
}

func TestTheJournalGivesBackWhatWasReplaced(t *testing.T) {
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
	k.unsaved.Claims = append(k.unsaved.Claims, arbiter.Claim{
		Key:     arbiter.Key{Lane: record.TerminalID{1}, Sale: nameFor(-1), Offer: nameFor(7)},
		Version: 1000, Names: []arbiter.Name{nameFor(7)}, Allowed: 1, Pending: 1,
	})
	_, err = k.claim(t.Context(), 1, 1, 1)
	require.NoError(t, err)
	assert.Empty(t, k.unsaved.Claims)
	require.NoError(t, k.log.Close())
	again := openKeeper(t, dir, 1)
	result, err := again.claim(t.Context(), 2, 7, 1)
	require.NoError(t, err)
	assert.Equal(t, arbiter.Reserved, result)
}
