package backups_test

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/examples/internal/backups"
)

func TestTheNewestStayAndWhatElseIsThere(t *testing.T) {
	folder := backups.Folder{Path: t.TempDir(), Prefix: "hub-", Take: func(_ context.Context, path string) error {
		require.NoError(t, os.Mkdir(path, 0o700))
		return os.WriteFile(filepath.Join(path, "segment"), nil, 0o600)
	}}
	other := filepath.Join(folder.Path, "another program's")
	require.NoError(t, os.WriteFile(other, nil, 0o600))
	first := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	for day := range backups.Kept + 2 {
		require.NoError(t, folder.Add(t.Context(), first.AddDate(0, 0, day)))
	}
	all, err := filepath.Glob(filepath.Join(folder.Path, "hub-*"))
	require.NoError(t, err)
	require.Len(t, all, backups.Kept)
	assert.Equal(t, "hub-20261103T000000.000000000Z", filepath.Base(all[0]), "the two oldest are gone")
	assert.FileExists(t, other, "what is no backup is left alone")
}

func TestABackupThatFailsRemovesNone(t *testing.T) {
	taken := 0
	folder := backups.Folder{Path: t.TempDir(), Suffix: ".db", Take: func(_ context.Context, path string) error {
		if taken == backups.Kept {
			return errors.New("no room")
		}
		taken++
		return os.WriteFile(path, nil, 0o600)
	}}
	for range backups.Kept {
		require.NoError(t, folder.Add(t.Context(), time.Now()))
	}
	require.Error(t, folder.Add(t.Context(), time.Now()))
	all, err := os.ReadDir(folder.Path)
	require.NoError(t, err)
	assert.Len(t, all, backups.Kept, "those that were taken stay")
}

// What a backup that failed left behind is none, whatever the folder's name.
func TestABackupThatIsNotWholeTakesNoPlace(t *testing.T) {
	var full error
	folder := backups.Folder{Path: filepath.Join(t.TempDir(), "disk [1]"), Prefix: "hub-",
		Take: func(_ context.Context, path string) error {
			require.NoError(t, os.Mkdir(path, 0o700), "nothing is there")
			return full
		}}
	other := filepath.Join(folder.Path, "hub-notes")
	require.NoError(t, os.MkdirAll(other, 0o700))
	first := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	require.NoError(t, folder.Add(t.Context(), first), "the first")
	full = errors.New("no room")
	for day := range backups.Kept + 2 {
		require.ErrorIs(t, folder.Add(t.Context(), first.AddDate(0, 0, day+1)), full, "there is no room")
	}
	full = nil
	require.NoError(t, folder.Add(t.Context(), first.AddDate(0, 1, 0)), "there is room again")
	assert.DirExists(t, filepath.Join(folder.Path, "hub-20261101T000000.000000000Z"), "those that failed remove none")
	for month := range backups.Kept - 1 {
		require.NoError(t, folder.Add(t.Context(), first.AddDate(0, month+2, 0)), "in later months")
	}
	all, err := os.ReadDir(folder.Path)
	require.NoError(t, err)
	require.Len(t, all, backups.Kept+1, "whole backups, and what somebody put there: %v", all)
	assert.Equal(t, "hub-20261201T000000.000000000Z", all[0].Name(), "the oldest that stays")
	assert.DirExists(t, other, "what is no backup is left alone")
}

func TestTheFirstIsTakenAtOnceAndStopWaits(t *testing.T) {
	taken := make(chan string, 1)
	take := func(ctx context.Context, path string) error {
		taken <- path
		<-ctx.Done()
		return ctx.Err()
	}
	folder := backups.Folder{Path: filepath.Join(t.TempDir(), "new"), Every: time.Hour, Take: take,
		Logger: slog.New(slog.DiscardHandler)}
	stop, err := folder.Keep(t.Context())
	require.NoError(t, err)
	assert.Equal(t, folder.Path, filepath.Dir(<-taken), "it is taken without waiting for the hour")
	stop()
	assert.Empty(t, taken, "none is taken after that")
}
