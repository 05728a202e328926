package journal_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/journal"
)

// writeReturned writes a journal whose oldest segment was given back, after what still lived in it was carried over: a
// record with a verdict that is due, a quarantined one, a settled one that counts for long, one that a void has used
// up, and a note.
func writeReturned(t *testing.T, dir string) {
	cfg, now := goldenConfig(), goldenNow.Add(-1000*time.Hour)
	cfg.Now = func() time.Time { return now }
	l := open(t, dir, cfg)
	var settlements []journal.Settlement
	settle := func(e journal.Entry, s journal.Settlement) {
		put(t, l, e)
		s.Ref = e.ID
		settlements = append(settlements, s)
	}
	for n := range 4 {
		e := redemption(n + 1)
		e.KeepUntil = goldenNow.Add(10_000 * time.Hour)
		settle(e, [4]journal.Settlement{{HandOver: true, Payload: []byte("duplicate")},
			{Quarantine: true, Payload: []byte("?")}, {}, {}}[n])
	}
	put(t, l, journal.Entry{Slot: "cursor", Payload: []byte("7")})
	settle(journal.Entry{ID: id(5), Ref: id(4), Uses: -1, Payload: []byte("void")}, journal.Settlement{})
	for n := 11; l.Stats().Segments < 2; n++ {
		e := redemption(n)
		e.Payload = make([]byte, 1000)
		settle(e, journal.Settlement{})
	}
	require.NoError(t, l.Settle(t.Context(), settlements, nil))
	put(t, l, redemption(100))
	now = goldenNow
	require.NoError(t, l.Tidy(t.Context()))
	require.EqualValues(t, 1, l.Stats().Returned)
	require.NoError(t, l.Close())
}

func checkReturned(t *testing.T, l *journal.Log) {
	type seen struct {
		journal.Status
		payload, verdict string
	}
	got := map[journal.ID]seen{}
	for s, err := range l.History() {
		require.NoError(t, err)
		got[s.ID] = seen{s.Status, string(s.Payload), string(s.Verdict)}
		assert.Equal(t, s.Payload == nil, s.ID == id(3) || s.ID == id(4), "only the keys of %s are kept", s.ID)
	}
	for want, is := range map[journal.ID]seen{
		id(1):   {journal.Status{State: journal.Settled, Due: true, Uses: 1}, "redemption 1", "duplicate"},
		id(2):   {journal.Status{State: journal.Quarantined, Uses: 1}, "redemption 2", "?"},
		id(3):   {journal.Status{State: journal.Settled, Uses: 1}, "", ""},
		id(4):   {journal.Status{State: journal.Settled, Voided: true}, "", ""},
		id(100): {journal.Status{State: journal.Pending, Uses: 1}, "redemption 100", ""},
	} {
		assert.Equal(t, is, got[want], want.String())
	}
	assert.NotContains(t, got, id(5), "the void went with its segment")
	see(t, l, func(v *journal.View) {
		assert.Equal(t, 1, v.Uses("offer 3"))
		assert.Equal(t, 0, v.Uses("offer 4"))
		assert.Equal(t, 0, v.Uses("offer 11"))
		s, ok, err := v.Get(id(100))
		require.NoError(t, err)
		assert.True(t, ok, "the journal has the record")
		number, prev := v.Next()
		assert.Equal(t, s.Number+1, number)
		assert.Equal(t, s.Hash(), prev)
	})
	value, _ := l.Note("cursor")
	assert.Equal(t, "7", string(value))
}
