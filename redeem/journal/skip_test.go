package journal_test

import (
	"fmt"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/internal/vfs"
	"github.com/offlane/offlane/redeem/journal"
)

func TestNumbersThatAreSkippedAreNoDamage(t *testing.T) {
	for name, close := range map[string]bool{"closed": true, "the power went": false} {
		t.Run(name, func(t *testing.T) {
			fs := &vfs.Memory{}
			l, err := journal.Open(vfs.WithFS(t.Context(), fs), "j", journal.Config{})
			require.NoError(t, err)
			put(t, l, redemption(1))
			id := l.ID()
			require.NoError(t, l.Skip(t.Context(), 40, journal.Note{Slot: "why", Value: []byte("the backend has 40")}))
			require.NoError(t, l.Skip(t.Context(), 7), "it is past that")
			assert.Equal(t, uint64(40), l.Stats().LastNumber)
			if name == "closed" {
				put(t, l, redemption(2))
			}
			if close {
				require.NoError(t, l.Close())
			} else {
				fs = fs.Crash(func(int) bool { return false })
			}
			l, err = journal.Open(vfs.WithFS(t.Context(), fs), "j", journal.Config{})
			require.NoError(t, err)
			defer l.Close()
			assert.Empty(t, l.Damage(), "nothing is missing")
			put(t, l, redemption(3))
			pending, err := l.Pending(10, 1<<20)
			require.NoError(t, err)
			assert.Greater(t, pending[1].Number, uint64(40), "it goes on behind what was skipped")
			assert.Equal(t, id, l.ID(), "it is the same journal")
			value, _ := l.Note("why")
			assert.Equal(t, "the backend has 40", string(value))
		})
	}
}

// The newest segment had 16 records, and one was declared.
func TestHowMuchTheNewestSegmentHeldIsUnknown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := journal.Config{SegmentSize: 16 << 10, Now: func() time.Time { return time.Unix(1_800_000_000, 0) }}
		fs := &vfs.Memory{}
		l, err := journal.Open(vfs.WithFS(t.Context(), fs), "j", cfg)
		require.NoError(t, err)
		for n := range 40 {
			e := redemption(n + 1)
			e.Payload = make([]byte, 1000)
			put(t, l, e)
		}
		synctest.Wait()
		left := fs.Copy()
		require.NoError(t, l.Close())
		all := segments(t, left)
		require.NoError(t, left.Remove(filepath.Join("j", all[len(all)-1])))
		var first uint64
		for round := range 3 {
			l, err := journal.Open(vfs.WithFS(t.Context(), left), "j", cfg)
			require.NoError(t, err)
			var unknown []journal.Damage
			for _, d := range l.Damage() {
				if d.Unknown {
					unknown = append(unknown, d)
				}
			}
			require.Len(t, unknown, 1, "round %d: %v", round, l.Damage())
			assert.Equal(t, journal.Lost, unknown[0].Certainty)
			assert.Contains(t, unknown[0].String(), "unknown")
			if round == 0 {
				first = unknown[0].FirstNumber
			}
			assert.Equal(t, first, unknown[0].FirstNumber, "round %d", round)
			assert.Greater(t, l.Stats().LastNumber, first-2)
			for n := range 20 {
				e := redemption(1000*(round+1) + n)
				e.Payload = fmt.Append(make([]byte, 1000), n)
				put(t, l, e)
			}
			synctest.Wait()
			require.NoError(t, l.Close())
		}
	})
}
