package vfs_test

import (
	"errors"
	"io"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/internal/vfs"
)

func TestFilesInMemory(t *testing.T) {
	testFS(t, &vfs.Memory{}, "folder")
}

func create(t *testing.T, m *vfs.Memory, name, content string) vfs.File {
	t.Helper()
	f, err := m.Open(name, vfs.Create)
	require.NoError(t, err)
	_, err = f.WriteAt([]byte(content), 0)
	require.NoError(t, err)
	return f
}

func TestCrashLosesWhatWasNotFlushed(t *testing.T) {
	m := &vfs.Memory{}
	none := func(int) bool { return false }
	all := func(int) bool { return true }
	name := filepath.Join("d", "f")
	f := create(t, m, name, "first")
	require.NoError(t, f.Sync())
	assert.Nil(t, m.Crash(none).Bytes(name), "the name was not flushed")
	assert.Equal(t, "first", string(m.Crash(all).Bytes(name)))
	require.NoError(t, m.SyncDir("d"))
	assert.Equal(t, "first", string(m.Crash(none).Bytes(name)))
	_, err := f.WriteAt([]byte("F"), 0)
	require.NoError(t, err)
	assert.Equal(t, "first", string(m.Crash(none).Bytes(name)))
	assert.Equal(t, "First", string(m.Crash(all).Bytes(name)))
	require.NoError(t, m.Rename(name, filepath.Join("d", "g")))
	assert.NotNil(t, m.Crash(none).Bytes(name))
	assert.Nil(t, m.Crash(none).Bytes(filepath.Join("d", "g")))
}

func TestCrashTearsAtSectors(t *testing.T) {
	m := &vfs.Memory{}
	f := create(t, m, "f", string(make([]byte, 1200)))
	require.NoError(t, f.Sync())
	require.NoError(t, m.SyncDir("."))
	data := make([]byte, 1000)
	for i := range data {
		data[i] = 1
	}
	_, err := f.WriteAt(data, 100)
	require.NoError(t, err)
	assert.Equal(t, 3, m.Pending())
	assert.Len(t, m.Crashes(100, 1), 8, "every subset of three sectors")
	torn := m.Crash(func(i int) bool { return i == 1 }).Bytes("f")
	assert.Equal(t, byte(0), torn[511])
	assert.Equal(t, byte(1), torn[512])
	assert.Equal(t, byte(1), torn[1023])
	assert.Equal(t, byte(0), torn[1024])
}

func TestFailureHitsTheChosenOperation(t *testing.T) {
	m := &vfs.Memory{}
	failure := &vfs.Failure{Match: func(op vfs.Operation) bool { return op.Kind == "write" }, Nth: 2, Times: 1,
		Err: &vfs.ShortWrite{Bytes: 2, Err: syscall.ENOSPC}}
	m.Before = failure.Fail
	f := create(t, m, "f", "one")
	n, err := f.WriteAt([]byte("two"), 3)
	assert.Equal(t, 2, n)
	assert.True(t, errors.Is(err, syscall.ENOSPC), "the disk is full, which the error says")
	_, err = f.WriteAt([]byte("o!"), 5)
	require.NoError(t, err)
	assert.Equal(t, "onetwo!", string(m.Bytes("f")))
	b := make([]byte, 9)
	_, err = f.ReadAt(b, 0)
	assert.Equal(t, io.EOF, err)
}

func TestForgottenWritesAreSeenButNotFlushed(t *testing.T) {
	m := &vfs.Memory{}
	f := create(t, m, "f", "old")
	require.NoError(t, f.Sync())
	require.NoError(t, m.SyncDir("."))
	_, err := f.WriteAt([]byte("new"), 0)
	require.NoError(t, err)
	m.Forget("f")
	require.NoError(t, f.Sync())
	assert.Equal(t, "new", string(m.Bytes("f")))
	assert.Equal(t, "old", string(m.Crash(func(int) bool { return true }).Bytes("f")))
}
