package journal_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/internal/vfs"
	"github.com/offlane/offlane/redeem/journal"
)

// Whichever segment somebody deletes, the journal opens, says so, and says so again the next time.
func TestDeletedSegmentIsMissed(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	cfg := journal.Config{SegmentSize: 16 << 10, Now: func() time.Time { return now }}
	for name, prepare := range map[string]func(*testing.T, *journal.Log){
		"none given back": func(*testing.T, *journal.Log) {},
		"the oldest given back": func(t *testing.T, l *journal.Log) {
			for n := range 40 {
				require.NoError(t, l.Settle(t.Context(), []journal.Settlement{{Ref: id(n + 1)}}, nil))
			}
			now = now.Add(1000 * time.Hour)
			require.NoError(t, l.Tidy(t.Context()))
			require.NotZero(t, l.Stats().Returned)
		},
	} {
		t.Run(name, func(t *testing.T) { synctest.Test(t, func(t *testing.T) { deleteEach(t, cfg, prepare) }) })
	}
}

func deleteEach(t *testing.T, cfg journal.Config, prepare func(*testing.T, *journal.Log)) {
	fs := &vfs.Memory{}
	ctx := vfs.WithFS(t.Context(), fs)
	l, err := journal.Open(ctx, "j", cfg)
	require.NoError(t, err)
	for n := range 120 {
		e := redemption(n + 1)
		e.Payload = make([]byte, 1000)
		put(t, l, e)
	}
	prepare(t, l)
	synctest.Wait() // until the next segment is made
	left := fs.Copy()
	require.NoError(t, l.Close())
	for _, files := range []*vfs.Memory{left, fs} {
		assert.Empty(t, missingIn(t, files.Copy(), cfg), "nothing was deleted")
		for _, segment := range segments(t, files) {
			hurt := files.Copy()
			require.NoError(t, hurt.Remove(filepath.Join("j", segment)))
			assert.NotEmpty(t, missingIn(t, hurt, cfg), segment)
			assert.NotEmpty(t, missingIn(t, hurt, cfg), "%s, opened again", segment)
		}
	}
}

// A flush failed, and the power went while the first group of the next segment was written: of one file nothing was
// kept, of the next one some sectors. Nothing that was acknowledged is missing, now and later.
func TestEmptyFileBeforeOneThatWasCutShortIsNotMissed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := journal.Config{SegmentSize: 16 << 10}
		fs := &vfs.Memory{}
		l, err := journal.Open(vfs.WithFS(t.Context(), fs), "j", cfg)
		require.NoError(t, err)
		put(t, l, redemption(1))
		synctest.Wait() // until the next segment is made
		left := fs.Copy()
		require.NoError(t, l.Close())
		names, err := left.List("j")
		require.NoError(t, err)
		names = slices.DeleteFunc(names, func(name string) bool { return !strings.HasSuffix(name, ".journal") })
		require.Len(t, names, 2)
		half := make([]byte, 16<<10)
		copy(half[headerCopy:], "OFFLANEJ")
		left.Put("j/0000000002-000001-"+strings.Repeat("5a", 16)+names[0][len(names[0])-len(".journal")-33:], half)
		l, err = journal.Open(vfs.WithFS(t.Context(), left), "j", cfg)
		require.NoError(t, err)
		for n := range 30 {
			e := redemption(n + 2)
			e.Payload = make([]byte, 1000)
			put(t, l, e)
		}
		require.NoError(t, l.Close())
		for range 2 {
			assert.Empty(t, missingIn(t, left, cfg))
		}
	})
}

// segments are the files that hold something.
func segments(t *testing.T, fs *vfs.Memory) (names []string) {
	all, err := fs.List("j")
	require.NoError(t, err)
	for _, name := range all {
		if b := fs.Bytes(filepath.Join("j", name)); strings.HasSuffix(name, ".journal") && b[0] != 0 {
			names = append(names, name)
		}
	}
	require.Greater(t, len(names), 2)
	return names
}

// missingIn opens a journal, appends a record, and returns what is said to be missing.
func missingIn(t *testing.T, fs *vfs.Memory, cfg journal.Config) (missing []journal.Damage) {
	ctx := vfs.WithFS(t.Context(), fs)
	l, err := journal.Open(ctx, "j", cfg)
	require.NoError(t, err)
	require.NoError(t, l.Verify(ctx))
	for _, d := range l.Damage() {
		if d.Certainty == journal.Lost {
			missing = append(missing, d)
		}
	}
	put(t, l, redemption(10_000+int(l.Stats().LastSeq)))
	require.NoError(t, l.Close())
	return missing
}
