package journal_test

import (
	"errors"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/internal/vfs"
	"github.com/offlane/offlane/redeem/journal"
)

// rotten is a journal with some records, of which the one with a number is damaged on the disk after it was written.
// Its flushes fail while fails is set.
func rotten(t *testing.T, records, which int) (l *journal.Log, fs *vfs.Memory, fails *atomic.Bool) {
	fails = new(atomic.Bool)
	fs = &vfs.Memory{Before: func(op vfs.Operation) error {
		if fails.Load() && op.Kind == "sync" {
			return errors.New("input/output error")
		}
		return nil
	}}
	l, err := journal.Open(vfs.WithFS(t.Context(), fs), "j", journal.Config{})
	require.NoError(t, err)
	t.Cleanup(func() { l.Close() })
	for n := range records {
		put(t, l, redemption(n+1))
	}
	name := filepath.Join("j", segmentsOf(t, fs)[0])
	file, err := fs.Open(name, vfs.Write)
	require.NoError(t, err)
	frame := 0
	for i, raw := 1024, fs.Bytes(name); i+40 < len(raw) && frame < which; i += 8 {
		if string(raw[i:i+4]) != "OLJ1" {
			continue
		}
		if frame++; frame == which {
			_, err = file.WriteAt([]byte{^raw[i+36]}, int64(i+36))
			require.NoError(t, err)
		}
	}
	require.NoError(t, file.Sync())
	return l, fs, fails
}

func segmentsOf(t *testing.T, fs *vfs.Memory) []string {
	names, err := fs.List("j")
	require.NoError(t, err)
	require.NotEmpty(t, names)
	return names
}

// A key whose record cannot be read must not look unused.
func TestARecordThatCannotBeReadIsAnErrorOfFind(t *testing.T) {
	l, _, _ := rotten(t, 3, 2)
	see(t, l, func(v *journal.View) {
		ids, err := v.Find("offer 2")
		assert.Empty(t, ids, "it cannot be read")
		assert.ErrorIs(t, err, fault.Damaged)
		assert.Equal(t, 1, v.Uses("offer 2"), "the index knows of it")
		ids, err = v.Find("offer 3")
		assert.NoError(t, err, "the others can be read")
		assert.Len(t, ids, 1)
	})
	assert.True(t, l.Unreadable(), "support staff hear of it")
	assert.Len(t, l.Damage(), 1, "once")
}

// The record that rotted is the last one before the flush that fails: its numbers are not given again.
func TestWhatRottedLastBeforeAFailureIsDamage(t *testing.T) {
	l, fs, fails := rotten(t, 3, 3)
	fails.Store(true)
	require.ErrorIs(t, try(t, l, redemption(4)), fault.OutcomeUnknown)
	fails.Store(false)
	require.NoError(t, try(t, l, redemption(5)))
	require.NoError(t, l.Close())
	for range 2 {
		l, err := journal.Open(vfs.WithFS(t.Context(), fs), "j", journal.Config{})
		require.NoError(t, err)
		var lost []journal.Damage
		for _, d := range l.Damage() {
			if d.Certainty == journal.Lost {
				lost = append(lost, d)
			}
		}
		require.Len(t, lost, 1, "%v", l.Damage())
		assert.Equal(t, [2]uint64{3, 3}, [2]uint64{lost[0].FirstNumber, lost[0].LastNumber})
		s, ok, err := l.Get(id(5))
		require.NoError(t, err)
		require.True(t, ok, "the record is there")
		assert.Equal(t, uint64(4), s.Number, "number 3 is not given again")
		require.NoError(t, l.Close())
	}
}

// A flush fails, and the state is read anew: what had rotted meanwhile is not among it any more, and nothing said so.
func TestWhatRottedBeforeAFailureIsDamage(t *testing.T) {
	l, _, fails := rotten(t, 3, 2)
	fails.Store(true)
	require.ErrorIs(t, try(t, l, redemption(4)), fault.OutcomeUnknown)
	fails.Store(false)
	require.NoError(t, try(t, l, redemption(4)))
	damage := l.Damage()
	require.Len(t, damage, 1, "the record that rotted: %v", damage)
	assert.Equal(t, journal.Lost, damage[0].Certainty)
	assert.Equal(t, [2]uint64{2, 2}, [2]uint64{damage[0].FirstNumber, damage[0].LastNumber},
		"its number is to be declared")
}
