package journal_test

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/internal/vfs"
	"github.com/offlane/offlane/redeem/internal/vfs/vfstest"
	"github.com/offlane/offlane/redeem/journal"
)

// try appends an entry and returns the error.
func try(t *testing.T, l *journal.Log, e journal.Entry) error {
	t.Helper()
	return l.Append(t.Context(), func(*journal.View) ([]journal.Entry, error) { return []journal.Entry{e}, nil })
}

// Somebody takes the files of an open journal away: it acknowledges nothing more, and what it had acknowledged is there
// when the folder is put back.
func TestNothingIsAcknowledgedIntoFilesThatWereTakenAway(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there an open file cannot be taken away")
	}
	remove := func(t *testing.T, dir, suffix string) {
		names, err := filepath.Glob(filepath.Join(dir, "*"+suffix))
		require.NoError(t, err)
		for _, name := range names {
			require.NoError(t, os.Remove(name))
		}
	}
	for name, test := range map[string]struct {
		take func(t *testing.T, dir string)
		back func(t *testing.T, dir string) // nil: it is gone for good
	}{
		"the lock is deleted": {func(t *testing.T, dir string) { remove(t, dir, "LOCK") }, func(*testing.T, string) {}},
		"the lock is replaced": {func(t *testing.T, dir string) {
			remove(t, dir, "LOCK")
			require.NoError(t, os.WriteFile(filepath.Join(dir, "LOCK"), nil, 0o600))
		}, func(*testing.T, string) {}},
		"the segments are deleted": {func(t *testing.T, dir string) { remove(t, dir, ".journal") }, nil},
		"the folder is deleted": {func(t *testing.T, dir string) {
			remove(t, dir, "")
			require.NoError(t, os.Remove(dir))
		}, nil},
		"the folder is renamed": {func(t *testing.T, dir string) { require.NoError(t, os.Rename(dir, dir+"2")) },
			func(t *testing.T, dir string) { require.NoError(t, os.Rename(dir+"2", dir)) }},
		"the folder is replaced by a copy": {func(t *testing.T, dir string) {
			require.NoError(t, os.Rename(dir, dir+"2"))
			require.NoError(t, os.CopyFS(dir, os.DirFS(dir+"2")))
		}, func(*testing.T, string) {}},
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(vfstest.Folder(t), "j")
			l := open(t, dir, journal.Config{SegmentSize: 16 << 10})
			for n := range 20 {
				put(t, l, redemption(n+1))
			}
			test.take(t, dir)
			err := try(t, l, redemption(21))
			require.ErrorIs(t, err, fault.FolderGone, "the first call after it")
			assert.Equal(t, fault.OutcomeUnknown, fault.CodeOf(err), "its record may be found where the folder is now")
			for range 2 {
				err = try(t, l, redemption(22))
				assert.Equal(t, fault.FolderGone, fault.CodeOf(err), "nothing more is written")
			}
			_, err = l.Pending(10, 1<<20)
			assert.ErrorIs(t, err, fault.FolderGone, "nor is anything read from files that may be another's")
			require.NoError(t, l.Close())
			if test.back == nil {
				return
			}
			test.back(t, dir)
			again := open(t, dir, journal.Config{SegmentSize: 16 << 10})
			for n := range 20 {
				_, ok, err := again.Get(id(n + 1))
				assert.True(t, ok && err == nil, "record %d was acknowledged", n+1)
			}
			require.NoError(t, again.Close())
		})
	}
}

// Two tills had one folder, and 20 acknowledged records were gone.
func TestASecondProcessDoesNotGetAFolderWhoseLockWasDeleted(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there an open file cannot be deleted")
	}
	for name, written := range map[string]int{"nothing written yet": 0, "in use": 5} {
		t.Run(name, func(t *testing.T) {
			dir := vfstest.Folder(t)
			first := open(t, dir, journal.Config{})
			for n := range written {
				put(t, first, redemption(n+1))
			}
			require.NoError(t, os.Remove(filepath.Join(dir, "LOCK")))
			_, err := journal.Open(t.Context(), dir, journal.Config{})
			assert.ErrorIs(t, err, fault.InUse, "the first one still holds the segments")
			assert.ErrorIs(t, try(t, first, redemption(100)), fault.FolderGone, "and notices")
			require.NoError(t, first.Close())
			second := open(t, dir, journal.Config{})
			assert.GreaterOrEqual(t, second.Stats().LastNumber, uint64(written), "what was acknowledged is there")
		})
	}
}

// The error names what is gone.
func TestTheLockOfAFolderInMemoryIsTakenAway(t *testing.T) {
	fs := &vfs.Memory{}
	l, err := journal.Open(vfs.WithFS(t.Context(), fs), "j", journal.Config{})
	require.NoError(t, err)
	put(t, l, redemption(1))
	fs.Unlock(filepath.Join("j", "LOCK"))
	err = try(t, l, redemption(2))
	require.ErrorIs(t, err, fault.FolderGone)
	assert.True(t, strings.Contains(err.Error(), "LOCK"), "it says what is gone: %v", err)
	require.NoError(t, l.Close())
}
