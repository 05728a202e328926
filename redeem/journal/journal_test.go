package journal_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/internal/vfs/vfstest"
	"github.com/offlane/offlane/redeem/journal"
)

func id(n int) journal.ID {
	var id journal.ID
	binary.BigEndian.PutUint64(id[8:], uint64(n))
	return id
}

func open(t testing.TB, dir string, cfg journal.Config) *journal.Log {
	t.Helper()
	l, err := journal.Open(t.Context(), dir, cfg)
	require.NoError(t, err)
	t.Cleanup(func() { l.Close() })
	return l
}

func put(t testing.TB, l *journal.Log, entries ...journal.Entry) {
	t.Helper()
	require.NoError(t, l.Append(t.Context(), func(*journal.View) ([]journal.Entry, error) { return entries, nil }))
}

// putMany appends the records from 1 to n, ten at once.
func putMany(t testing.TB, l *journal.Log, n int, record func(int) journal.Entry) {
	t.Helper()
	var entries []journal.Entry
	for i := range n {
		entries = append(entries, record(i+1))
	}
	for some := range slices.Chunk(entries, 10) {
		put(t, l, some...)
	}
}

func redemption(n int) journal.Entry {
	return journal.Entry{ID: id(n), CountedKeys: []string{fmt.Sprint("offer ", n)},
		LookupKeys: []string{fmt.Sprint("sale ", n)}, Uses: 1,
		Payload: fmt.Appendf(nil, "redemption %d", n)}
}

// see runs f with a view of the log and appends nothing.
func see(t testing.TB, l *journal.Log, f func(v *journal.View)) {
	t.Helper()
	require.NoError(t, l.Append(t.Context(), func(v *journal.View) ([]journal.Entry, error) { f(v); return nil, nil }))
}

func TestRecordIsThereAfterReopening(t *testing.T) {
	dir := vfstest.Folder(t)
	l := open(t, dir, journal.Config{})
	for n := range 100 {
		put(t, l, redemption(n+1), journal.Entry{Slot: "last", Payload: []byte{byte(n)}})
	}
	require.NoError(t, l.Close())

	l = open(t, dir, journal.Config{})
	assert.Empty(t, l.Damage())
	batch, err := l.Pending(1000, 1<<20)
	require.NoError(t, err)
	require.Len(t, batch, 100)
	for n, s := range batch {
		assert.Equal(t, id(n+1), s.ID)
		assert.Equal(t, uint64(n+1), s.Number)
		assert.Equal(t, redemption(n+1).Payload, s.Payload)
	}
	see(t, l, func(v *journal.View) {
		assert.Equal(t, 1, v.Uses("offer 7"))
		assert.Equal(t, 0, v.Uses("sale 7"), "a name is not counted")
		ids, err := v.Find("sale 7")
		require.NoError(t, err)
		assert.Equal(t, []journal.ID{id(7)}, ids)
		number, prev := v.Next()
		assert.Equal(t, uint64(101), number)
		assert.Equal(t, batch[99].Hash(), prev)
		value, ok := v.Note("last")
		assert.True(t, ok, "the journal has it")
		assert.Equal(t, []byte{99}, value)
	})
}

func TestRecordGoesThroughItsLife(t *testing.T) {
	dir := vfstest.Folder(t)
	l := open(t, dir, journal.Config{})
	put(t, l, redemption(1))
	put(t, l, redemption(2))
	put(t, l, redemption(3))
	put(t, l, journal.Entry{ID: id(4), Ref: id(1), Uses: -1, CountedKeys: []string{"offer 1"}, Payload: []byte("void")})
	ctx := t.Context()
	require.NoError(t, l.Settle(ctx, []journal.Settlement{
		{Ref: id(1), Payload: []byte("confirmed")},
		{Ref: id(2), HandOver: true, Payload: []byte("duplicate")},
		{Ref: id(3), Quarantine: true, Payload: []byte("what is this?")},
	}, nil, journal.Note{Slot: "cursor", Value: []byte("3")}))
	assert.ErrorIs(t, l.Settle(ctx, []journal.Settlement{{Ref: id(9)}}, nil), fault.NotFound)

	check := func() {
		t.Helper()
		see(t, l, func(v *journal.View) {
			assert.Equal(t, 0, v.Uses("offer 1"), "voided")
			assert.Equal(t, 1, v.Uses("offer 2"))
			s, ok := v.State(id(1))
			assert.True(t, ok, "the journal has it")
			assert.Equal(t, journal.Status{State: journal.Settled, Voided: true}, s)
			ids, err := v.Find("offer 1")
			require.NoError(t, err)
			assert.Equal(t, []journal.ID{id(1), id(4)}, ids)
		})
		batch, err := l.Pending(10, 1000)
		require.NoError(t, err)
		require.Len(t, batch, 1)
		assert.Equal(t, id(4), batch[0].ID)
		for s, err := range l.Quarantined() {
			require.NoError(t, err)
			assert.Equal(t, id(3), s.ID)
			assert.Equal(t, "what is this?", string(s.Verdict))
		}
		value, _ := l.Note("cursor")
		assert.Equal(t, "3", string(value))
	}
	check()
	require.NoError(t, l.Close())
	l = open(t, dir, journal.Config{})
	check()

	n := 0
	for s, err := range l.Verdicts() {
		require.NoError(t, err)
		assert.Equal(t, id(2), s.ID)
		assert.Equal(t, "duplicate", string(s.Verdict))
		require.NoError(t, l.HandOver(ctx, s.ID))
		n++
	}
	assert.Equal(t, 1, n)
	require.NoError(t, l.Requeue(ctx, id(3)))
	require.NoError(t, l.Close())
	l = open(t, dir, journal.Config{})
	for range l.Verdicts() {
		t.Fatal("a verdict that was handed over is due again")
	}
	s, ok, err := l.Get(id(3))
	require.NoError(t, err)
	require.True(t, ok, "the journal has the record")
	assert.Equal(t, journal.Pending, s.State)
	assert.Equal(t, 2, l.Stats().Pending)
	assert.Equal(t, 2, l.Stats().Settled)
}

func TestSecondProcessIsToldWhoHasTheJournal(t *testing.T) {
	dir := vfstest.Folder(t)
	open(t, dir, journal.Config{})
	_, err := journal.Open(t.Context(), dir, journal.Config{})
	assert.ErrorIs(t, err, fault.InUse)
	assert.ErrorContains(t, err, "process ")
}

func TestEncryptedJournal(t *testing.T) {
	dir := vfstest.Folder(t)
	first, second := make([]byte, 32), make([]byte, 32)
	second[0] = 1
	l := open(t, dir, journal.Config{Key: first})
	put(t, l, redemption(1))
	require.NoError(t, l.Close())
	_, err := journal.Open(t.Context(), dir, journal.Config{})
	assert.ErrorIs(t, err, fault.WrongKey)
	_, err = journal.Open(t.Context(), dir, journal.Config{Key: second})
	assert.ErrorIs(t, err, fault.WrongKey)
	l = open(t, dir, journal.Config{Key: second, OldKeys: [][]byte{first}})
	put(t, l, redemption(2))
	require.NoError(t, l.Close())
	l = open(t, dir, journal.Config{Key: second, OldKeys: [][]byte{first}})
	batch, err := l.Pending(10, 1000)
	require.NoError(t, err)
	assert.Len(t, batch, 2)
	assert.Empty(t, l.Damage())
}

func TestManyCallersShareFlushes(t *testing.T) {
	l := open(t, vfstest.Folder(t), journal.Config{SegmentSize: 16 << 10})
	done := make(chan error)
	for p := range 16 {
		go func() {
			for n := range 50 {
				err := l.Append(t.Context(), func(v *journal.View) ([]journal.Entry, error) {
					return []journal.Entry{redemption(1 + p*1000 + n)}, nil
				})
				if err != nil {
					done <- err
					return
				}
			}
			done <- nil
		}()
	}
	for range 16 {
		require.NoError(t, <-done)
	}
	assert.Equal(t, 800, l.Stats().Pending)
	batch, err := l.Pending(1000, 1<<20)
	require.NoError(t, err)
	require.Len(t, batch, 800)
	for i, s := range batch {
		require.Equal(t, uint64(i+1), s.Number)
	}
}

func TestSnapshotChangesNothingButTheTime(t *testing.T) {
	t.Parallel()
	for _, cfg := range []journal.Config{{SegmentSize: 16 << 10},
		{SegmentSize: 16 << 10, Key: make([]byte, 32)}} {
		dir := vfstest.Folder(t)
		l := open(t, dir, cfg)
		var some []journal.Entry
		for n := range 2000 {
			if some = append(some, redemption(n+1)); len(some) == 10 {
				put(t, l, some...)
				some = nil
			}
			if n%100 == 99 {
				require.NoError(t, l.Settle(t.Context(), []journal.Settlement{{Ref: id(n), HandOver: true, Payload: []byte("v")}},
					nil,
					journal.Note{Slot: "cursor", Value: []byte{byte(n)}}))
			}
		}
		require.NoError(t, l.Close())
		require.FileExists(t, filepath.Join(dir, "index.snapshot"))
		l = open(t, dir, cfg)
		with := lookOver(t, l)
		put(t, l, redemption(3000))
		require.NoError(t, l.Verify(t.Context()))
		assert.Empty(t, l.Damage())
		require.NoError(t, l.Close())
		require.NoError(t, os.Remove(filepath.Join(dir, "index.snapshot")))
		l = open(t, dir, cfg)
		without := lookOver(t, l)
		assert.Len(t, without, len(with)+1)
		assert.Equal(t, with, without[:len(with)])
		require.NoError(t, l.Close())
	}
}

// The last record of the chain is damaged after a snapshot was written: it is lost, and nothing else is.
func TestSnapshotOfADamagedLastRecordIsPassedOver(t *testing.T) {
	t.Parallel()
	dir, cfg := vfstest.Folder(t), journal.Config{SegmentSize: 16 << 10}
	l := open(t, dir, cfg)
	putMany(t, l, 1000, redemption)
	require.NoError(t, l.Close())
	require.FileExists(t, filepath.Join(dir, "index.snapshot"))
	for _, name := range globbed(t, filepath.Join(dir, "*.journal")) {
		b, err := os.ReadFile(name)
		require.NoError(t, err)
		b = bytes.Replace(b, []byte("redemption 1000"), []byte("redemption 1001"), 1)
		require.NoError(t, os.WriteFile(name, b, 0o600))
	}
	for n := range 2 {
		l = open(t, dir, cfg)
		require.NoError(t, l.Verify(t.Context()))
		damage := l.Damage()
		require.Len(t, damage, 1)
		assert.Equal(t, journal.Lost, damage[0].Certainty)
		assert.Equal(t, uint64(1000), damage[0].FirstNumber)
		assert.Equal(t, 999+n, l.Stats().Pending)
		put(t, l, redemption(2000+n))
		see(t, l, func(v *journal.View) {
			number, _ := v.Next()
			assert.Equal(t, uint64(1002+n), number, "a number is not given twice")
		})
		require.NoError(t, l.Close())
	}
}

// lookOver returns everything that can be seen of a log.
func lookOver(t *testing.T, l *journal.Log) []journal.Stored {
	var all []journal.Stored
	for s, err := range l.History() {
		require.NoError(t, err)
		all = append(all, s)
	}
	see(t, l, func(v *journal.View) {
		for n := range len(all) {
			uses := 1
			if n == 2000 {
				continue
			}
			assert.Equal(t, uses, v.Uses(fmt.Sprint("offer ", n+1)))
			ids, err := v.Find(fmt.Sprint("sale ", n+1))
			require.NoError(t, err)
			assert.Equal(t, []journal.ID{id(n + 1)}, ids)
		}
		number, prev := v.Next()
		assert.Equal(t, uint64(len(all)+1), number)
		assert.Equal(t, all[len(all)-1].Hash(), prev)
		value, _ := v.Note("cursor")
		assert.Equal(t, []byte{0xcf}, value)
	})
	return all
}

// What Pending returns is the caller's own, although several payloads share memory.
func TestPayloadsOfABatchDoNotTouchEachOther(t *testing.T) {
	l := open(t, vfstest.Folder(t), journal.Config{})
	want := [][]byte{}
	for n := range 100 {
		e := redemption(n + 1)
		e.Payload = bytes.Repeat([]byte{byte(n)}, n*n)
		want = append(want, e.Payload)
		put(t, l, e)
	}
	batch, err := l.Pending(len(want), 1<<30)
	require.NoError(t, err)
	require.Len(t, batch, len(want))
	for i := range batch {
		_ = append(batch[i].Payload, 'x')
		if i%2 == 1 {
			clear(batch[i].Payload)
			clear(want[i])
		}
	}
	for i := range batch {
		assert.NotNil(t, batch[i].Payload)
		assert.True(t, bytes.Equal(want[i], batch[i].Payload), "payload %d", i)
	}
	require.NoError(t, l.Close())
}

// TestNextNamesTheRecordBefore asks for the chain's head after records of all lengths, and after reopening.
func TestNextNamesTheRecordBefore(t *testing.T) {
	l, again := reopened(t)
	for n, length := range []int{0, 1, 250, 0, journal.MaxPayload, 3} {
		e := redemption(n + 1)
		e.Payload = bytes.Repeat([]byte{byte(n + 1)}, length)
		put(t, l, e)
		for range 2 {
			see(t, l, func(v *journal.View) {
				number, prev := v.Next()
				assert.Equal(t, uint64(n+2), number)
				assert.Equal(t, sha256.Sum256(e.Payload), prev, "a record of %d bytes", length)
			})
			s, ok, err := l.Get(e.ID)
			require.NoError(t, err)
			require.True(t, ok, "the journal has the record")
			assert.Equal(t, e.Payload, s.Payload)
			l = again()
		}
	}
	batch, err := l.Pending(10, 1<<20)
	require.NoError(t, err)
	require.Len(t, batch, 6)
	for n, length := range []int{0, 1, 250, 0, journal.MaxPayload, 3} {
		assert.Equal(t, bytes.Repeat([]byte{byte(n + 1)}, length), batch[n].Payload)
	}
}
