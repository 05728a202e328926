package journal_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/journal"
)

// writeEvidence writes a journal with attachments and evidence, both as they were appended and as copies, since the
// oldest segment was given back.
func writeEvidence(t *testing.T, dir string) {
	cfg, now := goldenConfig(), goldenNow.Add(-1000*time.Hour)
	cfg.Now = func() time.Time { return now }
	l := open(t, dir, cfg)
	put(t, l, attached(1), attached(2))
	require.NoError(t, l.Settle(t.Context(), []journal.Settlement{{Ref: id(2)},
		{Ref: id(1), HandOver: true, Payload: []byte("duplicate")}}, []byte("the first answer")))
	for n := 11; l.Stats().Segments < 2; n++ {
		e := attached(n)
		e.Payload = make([]byte, 1000)
		put(t, l, e)
		require.NoError(t, l.Settle(t.Context(), []journal.Settlement{{Ref: e.ID}}, nil))
	}
	now = goldenNow
	require.NoError(t, l.Tidy(t.Context()))
	require.EqualValues(t, 1, l.Stats().Returned)
	put(t, l, attached(3), attached(4), attached(5))
	require.NoError(t, l.Settle(t.Context(), []journal.Settlement{{Ref: id(3)},
		{Ref: id(4), Quarantine: true, Payload: []byte("?")}}, []byte("the second answer"),
		journal.Note{Slot: "cursor", Value: []byte("7")}))
	require.NoError(t, l.Close())
}

func checkEvidence(t *testing.T, l *journal.Log) {
	for n, want := range map[int]journal.Status{
		1: {State: journal.Settled, Due: true, Uses: 1},
		3: {State: journal.Settled, Uses: 1},
		4: {State: journal.Quarantined, Uses: 1},
		5: {State: journal.Pending, Uses: 1},
	} {
		s, ok, err := l.Get(id(n))
		require.NoError(t, err)
		require.True(t, ok, "the journal has the record")
		assert.Equal(t, want, s.Status)
		assertAttached(t, &s)
	}
	want := map[journal.ID]string{id(1): "the first answer", id(3): "the second answer", id(4): "the second answer"}
	assert.Equal(t, want, evidenceOf(t, l, idsUpTo(20)...))
	value, _ := l.Note("cursor")
	assert.Equal(t, "7", string(value))
}
