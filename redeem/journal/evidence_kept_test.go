package journal_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/internal/vfs/vfstest"
	"github.com/offlane/offlane/redeem/journal"
)

// A keeper is a journal of which segments are given back, with some records whose evidence must be kept.
type keeper struct {
	*journal.Log
	dir string
	cfg journal.Config
	now *clock
	n   int
}

func newKeeper(t *testing.T) *keeper {
	k := &keeper{dir: vfstest.Folder(t), now: newClock(), n: 100}
	k.cfg = journal.Config{SegmentSize: 16 << 10, Key: make([]byte, 32), Now: k.now.time}
	k.Log = open(t, k.dir, k.cfg)
	return k
}

// giveBack lets time pass until so many more segments were given back.
func (k *keeper) giveBack(t *testing.T, segments int) {
	for until := k.Stats().Returned + uint64(segments); k.Stats().Returned < until; k.n++ {
		e := attached(k.n)
		e.Payload = make([]byte, 4000)
		put(t, k.Log, e)
		require.NoError(t, k.Settle(t.Context(), []journal.Settlement{{Ref: e.ID}}, fmt.Appendf(nil, "of %d", k.n)))
		k.now.pass(1000 * time.Hour)
		require.NoError(t, k.Tidy(t.Context()))
	}
}

func (k *keeper) reopen(t *testing.T) {
	require.NoError(t, k.Close())
	k.Log = open(t, k.dir, k.cfg)
	assert.Empty(t, k.Damage())
}

// fill appends records and settles them until another segment begins.
func (k *keeper) fill(t *testing.T) {
	for segments := k.Stats().Segments; k.Stats().Segments == segments; k.n++ {
		e := attached(k.n)
		e.Payload = make([]byte, 4000)
		put(t, k.Log, e)
		require.NoError(t, k.Settle(t.Context(), []journal.Settlement{{Ref: e.ID}}, nil))
	}
}

// TestEvidenceIsKeptAsLongAsThePayload gives back the segments of records and of their evidence, several times.
func TestEvidenceIsKeptAsLongAsThePayload(t *testing.T) {
	k := newKeeper(t)
	for n := range 4 {
		put(t, k.Log, attached(n+1))
	}
	require.NoError(t, k.Settle(t.Context(), []journal.Settlement{{Ref: id(1), HandOver: true},
		{Ref: id(2), Quarantine: true, Payload: []byte("?")}, {Ref: id(3)}}, []byte("of three")))
	require.NoError(t, k.Settle(t.Context(), []journal.Settlement{{Ref: id(4), HandOver: true}}, []byte("of four")))
	assert.Len(t, evidenceOf(t, k.Log, idsUpTo(4)...), 4)
	want := map[journal.ID]string{id(1): "of three", id(2): "of three", id(4): "of four"}
	for range 4 {
		k.giveBack(t, 5)
		assert.Equal(t, want, evidenceOf(t, k.Log, idsUpTo(4)...), "that of a record without a payload is not kept")
		k.reopen(t)
		assert.Equal(t, want, evidenceOf(t, k.Log, idsUpTo(4)...))
	}
	// A record that is pending again keeps its evidence, and so does one whose verdict was taken, as long as its
	// payload is kept.
	require.NoError(t, k.Requeue(t.Context(), id(2)))
	require.NoError(t, k.Tidy(t.Context()))
	assert.Equal(t, want, evidenceOf(t, k.Log, idsUpTo(4)...))
	require.NoError(t, k.Settle(t.Context(), []journal.Settlement{{Ref: id(2)}}, nil))
	require.NoError(t, k.HandOver(t.Context(), id(1)))
	delete(want, id(1))
	delete(want, id(2))
	k.giveBack(t, 5)
	assert.Equal(t, want, evidenceOf(t, k.Log, idsUpTo(4)...))
	assert.Less(t, k.Stats().Segments, 4)
}

// TestEvidenceFollowsARecordThatWentBefore gives the segment of records back before that of their evidence. One of them
// is pending again by then; of another one only its keys were kept; one goes together with its evidence.
func TestEvidenceFollowsARecordThatWentBefore(t *testing.T) {
	k := newKeeper(t)
	for n := range 2 {
		e := attached(n + 1)
		e.KeepUntil = k.now.time().Add(2_000_000 * time.Hour)
		put(t, k.Log, e)
	}
	k.fill(t)
	put(t, k.Log, attached(3))
	require.NoError(t, k.Settle(t.Context(), []journal.Settlement{{Ref: id(1), Quarantine: true}}, []byte("of one")))
	require.NoError(t, k.Settle(t.Context(), []journal.Settlement{{Ref: id(3)}}, []byte("of three")))
	require.NoError(t, k.Settle(t.Context(), []journal.Settlement{{Ref: id(2)}}, []byte("of two")))
	k.now.pass(300 * time.Hour)
	k.fill(t)
	k.now.pass(100 * time.Hour)
	require.NoError(t, k.Tidy(t.Context()))
	require.EqualValues(t, 1, k.Stats().Returned)
	require.NoError(t, k.Requeue(t.Context(), id(1)))
	assert.Len(t, evidenceOf(t, k.Log, idsUpTo(3)...), 3)
	k.now.pass(300 * time.Hour)
	require.NoError(t, k.Tidy(t.Context()))
	require.EqualValues(t, 2, k.Stats().Returned)
	for range 2 {
		assert.Equal(t, map[journal.ID]string{id(1): "of one"}, evidenceOf(t, k.Log, idsUpTo(3)...))
		pending, err := k.Pending(10, 1<<20)
		require.NoError(t, err)
		require.Len(t, pending, 1)
		assertAttached(t, &pending[0])
		k.reopen(t)
	}
}

// TestCopyOfOldEvidenceDoesNotTakeThePlaceOfTheLatest has the older of two pieces carried behind the younger one.
func TestCopyOfOldEvidenceDoesNotTakeThePlaceOfTheLatest(t *testing.T) {
	k := newKeeper(t)
	put(t, k.Log, attached(1), attached(2))
	due := []journal.Settlement{{Ref: id(1), HandOver: true}, {Ref: id(2), HandOver: true}}
	require.NoError(t, k.Settle(t.Context(), due, []byte("old")))
	k.giveBack(t, 1)
	k.fill(t) // the younger piece stands in another segment
	require.NoError(t, k.Settle(t.Context(), due[:1], []byte("new")))
	for range 20 {
		k.giveBack(t, 1)
		assert.Equal(t, map[journal.ID]string{id(1): "new", id(2): "old"}, evidenceOf(t, k.Log, id(1), id(2)))
	}
}
