package journal_test

import (
	"bytes"
	"fmt"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/internal/vfs"
	"github.com/offlane/offlane/redeem/internal/vfs/vfstest"
	"github.com/offlane/offlane/redeem/journal"
)

// evidenceOf returns what the log has as evidence of each record, and holds that each is named once.
func evidenceOf(t *testing.T, l *journal.Log, ids ...journal.ID) map[journal.ID]string {
	t.Helper()
	got := map[journal.ID]string{}
	for e, err := range l.Evidence(ids...) {
		if !assert.NoError(t, err) {
			break
		}
		assert.NotEmpty(t, e.IDs)
		data := string(e.Data)
		for _, id := range e.IDs {
			if _, twice := got[id]; twice {
				t.Errorf("record %s is named twice", id)
			}
			got[id] = data
		}
	}
	return got
}

func idsUpTo(n int) (ids []journal.ID) {
	for i := range n {
		ids = append(ids, id(i+1))
	}
	return ids
}

// TestEvidenceCoversEverySettlementOfItsCall settles records in every way and asks for the evidence of all of them,
// from a journal that is open, opened again, opened from a snapshot and opened for reading only.
func TestEvidenceCoversEverySettlementOfItsCall(t *testing.T) {
	t.Parallel()
	for name, key := range map[string][]byte{"plain": nil, "encrypted": make([]byte, 32)} {
		t.Run(name, func(t *testing.T) {
			dir, cfg := vfstest.Folder(t), journal.Config{SegmentSize: 16 << 10, Key: key}
			l := open(t, dir, cfg)
			want := map[journal.ID]string{}
			const records = 450
			putMany(t, l, records, attached)
			settle := func(from, to int, evidence string) {
				var answers []journal.Settlement
				for n := from; n <= to; n++ {
					answer := journal.Settlement{Ref: id(n), HandOver: n%7 == 0, Quarantine: n%11 == 0}
					answers = append(answers, answer)
					if evidence != "" {
						want[id(n)] = evidence
					}
				}
				note := journal.Note{Slot: "cursor", Value: []byte{byte(to)}}
				require.NoError(t, l.Settle(t.Context(), answers, []byte(evidence), note))
			}
			settle(1, 1, "of one")
			settle(2, 300, "of many: "+string(bytes.Repeat([]byte("x"), 5000)))
			settle(301, 310, "")
			settle(311, 311, "of another")
			for _, readOnly := range []bool{false, false, true} {
				assert.Equal(t, want, evidenceOf(t, l, idsUpTo(records+10)...))
				some := evidenceOf(t, l, id(311), id(305), id(311), id(400))
				assert.Equal(t, map[journal.ID]string{id(311): "of another"}, some)
				assert.Empty(t, evidenceOf(t, l))
				assert.Empty(t, l.Damage())
				require.NoError(t, l.Close())
				cfg.ReadOnly = readOnly
				l = open(t, dir, cfg)
			}
			assert.Equal(t, want, evidenceOf(t, l, idsUpTo(records)...))
			assertAttachments(t, l, records)
			require.NoError(t, l.Verify(t.Context()))
			assert.Empty(t, l.Damage())
		})
	}
}

// TestLatestEvidenceCounts settles a record again and again. Evidence that was not given takes the place of none.
func TestLatestEvidenceCounts(t *testing.T) {
	l, again := reopened(t)
	put(t, l, redemption(1), redemption(2))
	answers := []journal.Settlement{{Ref: id(1)}, {Ref: id(2)}}
	for _, c := range []struct{ evidence, one, two string }{
		{"a", "a", "a"}, {"b", "b", "a"}, {"", "b", "a"}, {"c", "c", "a"},
	} {
		require.NoError(t, l.Settle(t.Context(), answers, []byte(c.evidence)))
		answers = answers[:1]
		require.NoError(t, l.Requeue(t.Context(), id(1)))
		for range 2 {
			assert.Equal(t, map[journal.ID]string{id(1): c.one, id(2): c.two}, evidenceOf(t, l, id(2), id(1)))
			l = again()
		}
	}
	for e, err := range l.Evidence(id(1), id(2)) {
		require.NoError(t, err)
		assert.Equal(t, []journal.ID{id(2)}, e.IDs, "the older one comes first")
		break
	}
}

// TestEvidenceOfAnySizeIsStoredOnce holds the bounds, and that no evidence and evidence of nothing are no entry.
func TestEvidenceOfAnySizeIsStoredOnce(t *testing.T) {
	t.Parallel()
	dir := vfstest.Folder(t)
	l := open(t, dir, journal.Config{})
	var answers []journal.Settlement
	for n := range 2500 {
		answers = append(answers, journal.Settlement{Ref: id(n + 1)})
		if n%500 == 0 {
			var entries []journal.Entry
			for i := range 500 {
				entries = append(entries, redemption(n+i+1))
			}
			put(t, l, entries...)
		}
	}
	largest := bytes.Repeat([]byte("e"), journal.MaxEvidence)
	before := l.Stats()
	assert.ErrorIs(t, l.Settle(t.Context(), answers[:1], append(largest, 'e')), fault.TooLarge)
	require.NoError(t, l.Settle(t.Context(), nil, largest))
	assert.Equal(t, before, l.Stats(), "nothing is written")
	for _, c := range []struct {
		settled  int
		evidence []byte
		entries  int
	}{
		{1, nil, 1}, {1, []byte{}, 1}, {1, []byte{1}, 2}, {1, largest, 2},
		{1024, largest, 8 + 1}, {1025, largest, 9 + 2}, {2500, largest, 20 + 3},
	} {
		before := l.Stats()
		require.NoError(t, l.Settle(t.Context(), answers[:c.settled], c.evidence))
		assert.EqualValues(t, c.entries, l.Stats().LastSeq-before.LastSeq)
		assert.EqualValues(t, 1, l.Stats().Flushes-before.Flushes)
		if len(c.evidence) > 0 {
			got := evidenceOf(t, l, idsUpTo(c.settled)...)
			assert.Len(t, got, c.settled)
			assert.Equal(t, string(c.evidence), got[id(c.settled)])
		}
	}
	require.NoError(t, l.Close())
	l = open(t, dir, journal.Config{})
	assert.Empty(t, l.Damage())
	assert.Len(t, evidenceOf(t, l, idsUpTo(2500)...), 2500)
}

// A stop holds back those who read from files.
type stop struct {
	*vfs.Memory
	reads gate
}

type stopped struct {
	vfs.File
	of *stop
}

func (s *stop) Open(name string, mode vfs.Mode) (vfs.File, error) {
	f, err := s.Memory.Open(name, mode)
	if err != nil || mode != vfs.Read {
		return f, err
	}
	return &stopped{f, s}, nil
}

func (f *stopped) ReadAt(b []byte, off int64) (int, error) {
	_ = f.of.reads.before(vfs.Operation{Kind: f.of.reads.kind})
	return f.File.ReadAt(b, off)
}

// TestNobodyWaitsForWhoLooksForEvidence appends and settles while the files are read, and in the loop itself.
func TestNobodyWaitsForWhoLooksForEvidence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fs := &stop{Memory: &vfs.Memory{}, reads: gate{kind: "read"}}
		l, err := journal.Open(vfs.WithFS(t.Context(), fs), "j", journal.Config{SegmentSize: 16 << 10})
		require.NoError(t, err)
		defer l.Close()
		settle := func(n int) {
			put(t, l, attached(n))
			require.NoError(t, l.Settle(t.Context(), []journal.Settlement{{Ref: id(n)}}, fmt.Append(nil, n)))
		}
		for n := range 200 {
			settle(n + 1)
		}
		open := fs.reads.shut()
		got := make(chan int)
		go func() {
			n := 0
			for _, err := range l.Evidence(idsUpTo(250)...) {
				assert.NoError(t, err)
				n++
				settle(300 + n)
			}
			got <- n
		}()
		synctest.Wait()
		require.NotZero(t, fs.reads.held.Load(), "the first file is being read")
		for n := 200; n < 250; n++ {
			settle(n + 1)
		}
		open()
		assert.Equal(t, 200, <-got, "what was there when it began")
	})
}

// TestEvidenceThatIsDamagedWhileTheJournalIsOpenIsReported flips a bit of each frame in turn, also at a segment's end.
func TestEvidenceThatIsDamagedWhileTheJournalIsOpenIsReported(t *testing.T) {
	fs := &vfs.Memory{}
	l, err := journal.Open(vfs.WithFS(t.Context(), fs), "j", journal.Config{SegmentSize: 16 << 10})
	require.NoError(t, err)
	defer l.Close()
	put(t, l, redemption(1), redemption(2))
	for n := range 2 {
		evidence := fmt.Appendf(nil, "evidence %d", n+1)
		require.NoError(t, l.Settle(t.Context(), []journal.Settlement{{Ref: id(n + 1)}}, evidence))
	}
	names, err := fs.List("j")
	require.NoError(t, err)
	for n := 2; n > 0; n-- {
		for _, name := range names {
			b := fs.Bytes("j/" + name)
			if at := bytes.Index(b, fmt.Appendf(nil, "evidence %d", n)); at > 0 {
				b[at] ^= 1
				fs.Put("j/"+name, b)
			}
		}
		for range 2 {
			got := evidenceOf(t, l, id(1), id(2))
			assert.Len(t, got, n-1)
			damage := l.Damage()
			require.Len(t, damage, 3-n)
			assert.Equal(t, journal.Lost, damage[2-n].Certainty)
		}
	}
}
