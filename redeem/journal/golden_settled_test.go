package journal_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/internal/vfs/vfstest"
	"github.com/offlane/offlane/redeem/journal"
)

// writeSettled writes a journal in which one entry settles several records, around one of another kind.
func writeSettled(t *testing.T, dir string) {
	l := open(t, dir, goldenConfig())
	for n := range 5 {
		put(t, l, redemption(n+1))
	}
	require.NoError(t, l.Settle(t.Context(), []journal.Settlement{{Ref: id(1)}, {Ref: id(2), Payload: []byte("confirmed")},
		{Ref: id(3), HandOver: true, Payload: []byte("duplicate")}, {Ref: id(4)}}, nil,
		journal.Note{Slot: "cursor", Value: []byte("7")}))
	require.NoError(t, l.Close())
}

func checkSettled(t *testing.T, l *journal.Log) {
	got := map[journal.ID]journal.Status{}
	for s, err := range l.History() {
		require.NoError(t, err)
		got[s.ID] = s.Status
		assert.Equal(t, s.ID == id(3), len(s.Verdict) > 0)
	}
	want := map[journal.ID]journal.Status{id(3): {State: journal.Settled, Due: true, Uses: 1},
		id(5): {State: journal.Pending, Uses: 1}}
	for _, n := range []int{1, 2, 4} {
		want[id(n)] = journal.Status{State: journal.Settled, Uses: 1}
	}
	assert.Equal(t, want, got)
	assert.Equal(t, 1, l.Stats().Due)
}

// TestLaterSettlementOfACallCounts settles a record twice in one call, in both orders.
func TestLaterSettlementOfACallCounts(t *testing.T) {
	for name, due := range map[string]bool{"due last": true, "due first": false} {
		t.Run(name, func(t *testing.T) {
			l, again := reopened(t)
			put(t, l, redemption(1), redemption(2))
			require.NoError(t, l.Settle(t.Context(), []journal.Settlement{{Ref: id(2)}, {Ref: id(1), HandOver: !due},
				{Ref: id(1), HandOver: due}}, nil))
			for range 2 {
				see(t, l, func(v *journal.View) {
					s, ok := v.State(id(1))
					assert.True(t, ok, "the record is known")
					assert.Equal(t, journal.Status{State: journal.Settled, Due: due, Uses: 1}, s)
				})
				l = again()
			}
		})
	}
}

// TestManySettlementsOfOneCall settles more records than one entry holds, and opens the journal again.
func TestManySettlementsOfOneCall(t *testing.T) {
	l, again := reopened(t)
	var answers []journal.Settlement
	putMany(t, l, 1000, redemption)
	for n := range 1000 {
		answers = append(answers, journal.Settlement{Ref: id(n + 1)})
	}
	require.NoError(t, l.Settle(t.Context(), answers[:999], nil))
	for range 2 {
		s := l.Stats()
		assert.Equal(t, [3]int{1, 999, 0}, [3]int{s.Pending, s.Settled, s.Quarantined})
		pending, err := l.Pending(10, 1<<20)
		require.NoError(t, err)
		require.Len(t, pending, 1)
		assert.Equal(t, id(1000), pending[0].ID)
		l = again()
	}
}

// reopened opens a journal, and returns a function that closes it and opens it again.
func reopened(t *testing.T) (l *journal.Log, again func() *journal.Log) {
	dir := vfstest.Folder(t)
	l = open(t, dir, journal.Config{})
	return l, func() *journal.Log {
		require.NoError(t, l.Close())
		l = open(t, dir, journal.Config{})
		return l
	}
}
