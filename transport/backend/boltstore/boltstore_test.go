package boltstore_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/transport/backend/boltstore"
	"github.com/offlane/offlane/transport/backend/store"
	"github.com/offlane/offlane/transport/backend/storetest"
)

func open(t *testing.T) store.Store {
	t.Helper()
	st, err := boltstore.Open(t.Context(), filepath.Join(t.TempDir(), "offlane.db"))
	require.NoError(t, err)
	return st
}

func TestConformance(t *testing.T) {
	t.Parallel()
	storetest.Run(t, open)
}

func TestHistories(t *testing.T) {
	dir, n := t.TempDir(), 0
	next := func() string { n++; return filepath.Join(dir, fmt.Sprintf("%d.db", n)) }
	opened := func(t testing.TB, file string) store.Store {
		st, err := boltstore.Open(t.Context(), file)
		require.NoError(t, err)
		return st
	}
	storetest.Histories{
		Open: func(t testing.TB) store.Store { return opened(t, next()) },
		Copy: func(t testing.TB, from store.Store) store.Store {
			file := next()
			require.NoError(t, from.(store.Backuper).Backup(t.Context(), file))
			return opened(t, file)
		},
		Steps: 10_000, Every: 100,
	}.Run(t)
}

func TestAFileThatIsNotOursIsRefused(t *testing.T) {
	file := filepath.Join(t.TempDir(), "x")
	require.NoError(t, os.WriteFile(file, make([]byte, 64<<10), 0o600))
	_, err := boltstore.Open(t.Context(), file)
	assert.ErrorIs(t, err, fault.Foreign)
	_, err = boltstore.Open(t.Context(), t.TempDir())
	assert.Error(t, err)
}

func TestABackupIsTakenWhileTheStoreWorks(t *testing.T) {
	file := filepath.Join(t.TempDir(), "offlane.db")
	st, err := boltstore.Open(t.Context(), file)
	require.NoError(t, err)
	defer st.Close()
	put := func(value string) {
		require.NoError(t, st.Update(t.Context(), func(tx store.Tx) error { return tx.PutSetting("a", []byte(value)) }))
	}
	put("before")
	copied := file + ".backup"
	require.NoError(t, st.(store.Backuper).Backup(t.Context(), copied))
	assert.ErrorIs(t, st.(store.Backuper).Backup(t.Context(), copied), fault.Conflict)
	put("after")
	again, err := boltstore.Open(t.Context(), copied)
	require.NoError(t, err)
	defer again.Close()
	require.NoError(t, again.View(t.Context(), func(tx store.Tx) error {
		got, err := tx.Setting("a")
		assert.Equal(t, "before", string(got))
		return err
	}))
}

func TestASecondProcessIsToldWhoseItIs(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "offlane.db")
	st, err := boltstore.Open(t.Context(), file)
	require.NoError(t, err)
	defer st.Close()
	soon, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	begin := time.Now()
	_, err = boltstore.Open(soon, file)
	assert.ErrorIs(t, err, fault.InUse)
	assert.Less(t, time.Since(begin), 2*time.Second, "the deadline comes before the two seconds")
	_, err = boltstore.Open(soon, file)
	assert.ErrorIs(t, err, fault.InUse, "after the deadline")
}
