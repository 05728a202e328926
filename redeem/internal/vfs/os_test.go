package vfs_test

import (
	"bytes"
	"io/fs"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/internal/vfs"
	"github.com/offlane/offlane/redeem/internal/vfs/vfstest"
)

func TestLockTellsWhoHasTheFile(t *testing.T) {
	name := filepath.Join(vfstest.Folder(t), "LOCK")
	held, err := vfs.OS{}.Lock(name, "till 7")
	require.NoError(t, err)
	_, err = vfs.OS{}.Lock(name, "till 8")
	assert.Equal(t, &vfs.Held{Owner: "till 7"}, err)
	require.NoError(t, held.Close())
	again, err := vfs.OS{}.Lock(name, "till 8")
	require.NoError(t, err)
	require.NoError(t, again.Close())
}

func TestFilesOfTheOperatingSystem(t *testing.T) {
	testFS(t, vfs.OS{}, vfstest.Folder(t))
}

// testFS is what every file system must do.
func testFS(t *testing.T, fsys vfs.FS, dir string) {
	dir = filepath.Join(dir, "a", "b")
	require.NoError(t, fsys.MakeDir(dir))
	require.NoError(t, fsys.MakeDir(dir))
	name := filepath.Join(dir, "file")
	_, err := fsys.Open(name, vfs.Write)
	assert.ErrorIs(t, err, fs.ErrNotExist)
	f, err := fsys.Open(name, vfs.Create)
	require.NoError(t, err)
	_, err = fsys.Open(name, vfs.Create)
	assert.ErrorIs(t, err, fs.ErrExist)
	_, err = f.WriteAt([]byte("hello"), 3)
	require.NoError(t, err)
	require.NoError(t, f.Sync())
	require.NoError(t, f.Truncate(6))
	size, err := f.Size()
	require.NoError(t, err)
	assert.Equal(t, int64(6), size)
	require.NoError(t, f.Close())
	require.NoError(t, fsys.Rename(name, name+"2"))
	require.NoError(t, fsys.SyncDir(dir))
	names, err := fsys.List(dir)
	require.NoError(t, err)
	assert.Equal(t, []string{"file2"}, names)
	f, err = fsys.Open(name+"2", vfs.Read)
	require.NoError(t, err)
	b := make([]byte, 3)
	_, err = f.ReadAt(b, 3)
	require.NoError(t, err)
	assert.Equal(t, "hel", string(b))
	require.NoError(t, f.Close())
	require.NoError(t, fsys.Remove(name+"2"))
	assert.ErrorIs(t, fsys.Remove(name+"2"), fs.ErrNotExist)
	kind, err := fsys.Network(dir)
	require.NoError(t, err)
	assert.Empty(t, kind)
}

func TestInPagesChangesNothing(t *testing.T) {
	for name, fs := range map[string]vfs.FS{"on disk": vfs.OS{}, "in memory": &vfs.Memory{}} {
		t.Run(name, func(t *testing.T) {
			f, err := fs.Open(filepath.Join(vfstest.Folder(t), "f"), vfs.Create)
			require.NoError(t, err)
			want := bytes.Repeat([]byte("flushed "), 1<<14)
			_, err = f.WriteAt(want, 0)
			require.NoError(t, err)
			require.NoError(t, f.Sync())
			copy(want, "not yet ")
			_, err = f.WriteAt(want[:8], 0)
			require.NoError(t, err)
			vfs.HoldInPages(f)
			got := make([]byte, len(want))
			_, err = f.ReadAt(got, 0)
			require.NoError(t, err)
			assert.Equal(t, want, got)
			require.NoError(t, f.Close())
			vfs.HoldInPages(f) // a file that is closed already: advice fails without a word
		})
	}
}
