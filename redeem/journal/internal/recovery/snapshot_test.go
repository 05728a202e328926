package recovery

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/internal/vfs"
	"github.com/offlane/offlane/redeem/journal/internal/folder"
	"github.com/offlane/offlane/redeem/journal/internal/format"
)

// write writes a file in place of the one that is there.
func write(t *testing.T, in folder.Folder, name string, b []byte) {
	t.Helper()
	_ = in.FS.Remove(in.Path(name))
	f, err := in.FS.Open(in.Path(name), vfs.Create)
	require.NoError(t, err, name)
	_, err = f.WriteAt(b, 0)
	require.NoError(t, err, name)
}

// snapshotted is a folder of two segments with a snapshot of both, and their files.
func snapshotted(t *testing.T, sealer *format.Sealer) (folder.Folder, []*segment) {
	t.Helper()
	segments := []*segment{newSegment(0, 0, 1).records(1, 3), newSegment(1, 0, 4).records(4, 5)}
	in := folderOf(t, filesOf(segments...))
	r, err := Load(context.Background(), Options{Folder: in, Limit: NoLimit})
	require.NoError(t, err, "the segments")
	require.NoError(t, SaveSnapshot(in, r.Index, sealer), "the snapshot")
	return in, segments
}

func TestASnapshotSparesReading(t *testing.T) {
	keys, err := format.NewKeyring(bytes.Repeat([]byte{1}, 32))
	require.NoError(t, err, "the key has its size")
	for name, c := range map[string]struct {
		change  func(in folder.Folder, s []*segment)
		sealer  *format.Sealer
		limit   uint64
		covered uint64
		seq     uint64
	}{
		"as it was":       {func(folder.Folder, []*segment) {}, nil, NoLimit, 2, 5},
		"encrypted":       {func(folder.Folder, []*segment) {}, keys[0], NoLimit, 2, 5},
		"at the limit":    {func(folder.Folder, []*segment) {}, nil, 5, 2, 5},
		"above the limit": {func(folder.Folder, []*segment) {}, nil, 4, 0, 4},
		"more was written": {func(in folder.Folder, s []*segment) { write(t, in, s[1].Name(), s[1].records(6, 7).file()) },
			nil, NoLimit, 2, 7},
		"a later segment": {func(in folder.Folder, _ []*segment) {
			later := newSegment(2, 0, 6).records(6, 6)
			write(t, in, later.Name(), later.file())
		}, nil, NoLimit, 2, 6},
		"a later segment takes the last one back": {func(in folder.Folder, _ []*segment) {
			later := newSegment(2, 1, 5).records(5, 5)
			write(t, in, later.Name(), later.file())
		}, nil, NoLimit, 0, 5},
		"an older record is spoilt": {func(in folder.Folder, s []*segment) {
			write(t, in, s[0].Name(),
				s[0].spoil(0).file())
		}, nil, NoLimit, 2, 5},
		"the head is spoilt": {func(in folder.Folder, s []*segment) {
			write(t, in, s[1].Name(),
				s[1].spoil(frameSize).file())
		}, nil, NoLimit, 0, 4},
		"it is damaged": {func(in folder.Folder, _ []*segment) { write(t, in, snapshotName, []byte("x")) }, nil,
			NoLimit, 0, 5},
		"it is of another journal": {func(in folder.Folder, _ []*segment) { rewriteSnapshot(t, in, 8) }, nil, NoLimit, 0, 5},
		"it has another magic":     {func(in folder.Folder, _ []*segment) { rewriteSnapshot(t, in, 7) }, nil, NoLimit, 0, 5},
		"a block is damaged": {func(in folder.Folder, _ []*segment) { rewriteSnapshot(t, in, 100) }, nil, NoLimit, 0,
			5},
		"it is missing": {func(in folder.Folder, _ []*segment) { _ = in.FS.Remove(in.Path(snapshotName)) }, nil, NoLimit, 0,
			5},
	} {
		in, segments := snapshotted(t, c.sealer)
		c.change(in, segments)
		r, err := Load(context.Background(), Options{Folder: in, Keys: keys, Snapshot: true, Limit: c.limit})
		require.NoError(t, err, name)
		assert.Equal(t, c.covered, r.Covered, name)
		assert.Equal(t, c.seq, r.Index.Seq, name)
		if c.covered > 0 {
			assert.Empty(t, r.Damage, name)
			assert.Equal(t, format.HashOf([]byte{5}), hashBefore(r, c.seq), name)
		}
		r, err = Load(context.Background(), Options{Folder: in, Limit: c.limit})
		require.NoError(t, err, "%s, without it", name)
		assert.Equal(t, c.seq, r.Index.Seq, "%s, without it", name)
	}
}

// hashBefore is the hash of the fifth record, where that is the head.
func hashBefore(r *Result, seq uint64) format.Hash {
	if seq != 5 {
		return format.HashOf([]byte{5})
	}
	return r.Index.Head.Hash()
}

// rewriteSnapshot changes one byte of the snapshot.
func rewriteSnapshot(t *testing.T, in folder.Folder, at int) {
	t.Helper()
	b, _, err := in.Contents(snapshotName, nil, 1<<20)
	require.NoError(t, err, "the snapshot")
	b = bytes.Clone(b)
	b[at] ^= 1
	write(t, in, snapshotName, b)
}

func TestAMissingSnapshotIsNoError(t *testing.T) {
	full := errors.New("full")
	for n := range 6 {
		fs := &vfs.Memory{}
		in, _ := snapshotted(t, nil)
		r, err := Load(context.Background(), Options{Folder: in, Limit: NoLimit})
		require.NoError(t, err, "the segments")
		failing := folder.Folder{FS: fs, Dir: "j"}
		require.NoError(t, fs.MakeDir("j"), "a folder in memory")
		seen := 0
		fs.Before = func(op vfs.Operation) error {
			if op.Kind == "remove" {
				return nil
			}
			if seen++; seen == n+1 {
				return full
			}
			return nil
		}
		err = SaveSnapshot(failing, r.Index, nil)
		if seen <= n {
			assert.NoError(t, err, "there are no more than %d operations", n)
			continue
		}
		assert.ErrorIs(t, err, full, "operation %d fails", n)
		names, err := fs.List("j")
		require.NoError(t, err, "the folder")
		assert.NotContains(t, names, snapshotName+".new", "nothing is left of what could not be written")
	}
}

func TestCheckTellsWhatASnapshotHid(t *testing.T) {
	in, segments := snapshotted(t, nil)
	write(t, in, segments[0].Name(), segments[0].spoil(frameSize).file())
	r, err := Load(context.Background(), Options{Folder: in, Snapshot: true, Limit: NoLimit})
	require.NoError(t, err, "a snapshot is there")
	require.Empty(t, r.Damage, "it was not read")
	damage, err := Check(context.Background(), in, r.Index.All, r.Index.LogStart)
	require.NoError(t, err, "the files can be read")
	assert.Equal(t, []string{"lost 0:1112+85 bytes that are no record, 2-2, chain 2-2"}, lines(damage))
	ended, end := context.WithCancel(context.Background())
	end()
	_, err = Check(ended, in, r.Index.All, r.Index.LogStart)
	assert.ErrorIs(t, err, context.Canceled)
	_, err = Load(ended, Options{Folder: in, Limit: NoLimit})
	assert.ErrorIs(t, err, context.Canceled)
	require.NoError(t, in.FS.Remove(in.Path(segments[0].Name())), "the file is there")
	_, err = Check(context.Background(), in, r.Index.All, r.Index.LogStart)
	assert.ErrorIs(t, err, fault.DiskFailed)
}
