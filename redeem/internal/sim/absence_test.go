package sim

import (
	"fmt"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/internal/vfs/vfstest"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/backend"
	"github.com/offlane/offlane/transport/backend/boltstore"
	"github.com/offlane/offlane/transport/backend/store"
	"github.com/offlane/offlane/transport/transporttest"
	"github.com/offlane/offlane/transport/wire"
)

func TestATerminalThatWasAwayForThirtyDaysComesBackByItself(t *testing.T) {
	for name, expired := range map[string]bool{"its token expired, its own key was about to change": true,
		"only the keys were changed": false} {
		t.Run(name, func(t *testing.T) { away(t, expired) })
	}
}

// away takes a terminal off for thirty days. Meanwhile the backend changes all its keys, and the terminal begins to
// change its own.
func away(t *testing.T, expired bool) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, plan{seed: 1, lanes: 1, days: 1, sales: 12})
		w.prepare(t)
		l := newLane(w, "lane-0", 1)
		w.lanes = []*lane{l}
		require.NoError(t, l.openShop(t.Context()))

		l.cable.out.Store(true)
		for day := range 5 {
			require.NoError(t, l.redeem(t.Context(), w.passes[day]))
			time.Sleep(24 * time.Hour)
		}
		if expired {
			assert.ErrorIs(t, l.terminal.RotateKey(l.cable.into(t.Context())), fault.Unreachable)
		}
		time.Sleep(20 * 24 * time.Hour)
		l.crash()
		require.NoError(t, l.start(t.Context()))
		request := redeem.Request{Scanned: w.passes[5], SaleKey: "late"}
		d, err := l.terminal.Redeem(t.Context(), request)
		require.NoError(t, err)
		assert.True(t, d.Because(fault.ClockUntrusted), "%v", d)
		request.Override = &redeem.Override{Manager: "m-1", Why: "the line is down"}
		d, err = l.terminal.Redeem(t.Context(), request)
		require.NoError(t, err)
		require.Equal(t, redeem.Allow, d.Outcome, d.String())
		l.acknowledged[d.Redemption] = told{pass: w.passes[5]}
		time.Sleep(5 * 24 * time.Hour)

		require.NoError(t, w.server.Restart(transporttest.Change{NewKeys: true}), "the keys that the terminal knows are gone")
		if expired {
			w.server.Inject(transporttest.Injection{Fault: transporttest.ExpiredToken, Path: wire.PathReports, Times: 2})
		}
		l.cable.out.Store(false)
		synctest.Wait()
		time.Sleep(3 * time.Hour) // nobody does anything: the background reporter finds its way, and hears the time twice
		assert.Zero(t, l.terminal.Status().Pending)
		assert.Empty(t, l.terminal.Status().LastError)
		assert.True(t, l.terminal.Status().ClockTrusted, "the new clock is believed")
		assert.False(t, l.terminal.Status().Rotating, "the terminal's own key has changed")
		require.NoError(t, l.settle(t.Context()))
		require.NoError(t, w.audit(t.Context()))
		books, err := l.books(t.Context())
		require.NoError(t, err)
		assert.Equal(t, record.Confirmed, books[d.Redemption].Status)
		require.NoError(t, l.terminal.Close())
	})
}

func TestATillThatWasClonedStartsANewChainAndBothHalvesAreBooked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, plan{seed: 1, lanes: 1, days: 1, sales: 12})
		w.prepare(t)
		original := newLane(w, "lane-0", 1)
		require.NoError(t, original.openShop(t.Context()))
		require.NoError(t, original.redeem(t.Context(), w.passes[0]))
		require.NoError(t, original.settle(t.Context()))

		clone := newLane(w, "lane-0", 2)
		clone.disk = original.disk.Copy() // a golden image, or a disk put into a second machine
		require.NoError(t, clone.start(t.Context()))
		for _, l := range []*lane{original, clone} { // each asks until it has a bundle made after it heard of the other
			l.reporter.direct.Store(true)
		}
		for i, l := range []*lane{original, clone, original, clone} {
			require.NoError(t, l.redeem(t.Context(), w.passes[1+i]))
			time.Sleep(time.Minute)
			require.NoError(t, l.settle(t.Context()))
		}
		books, err := original.books(t.Context())
		require.NoError(t, err)
		for _, l := range []*lane{original, clone} {
			for id := range l.acknowledged {
				assert.Equal(t, record.Confirmed, books[id].Status, "record %s of the %v half", id, l == clone)
			}
			require.NoError(t, l.terminal.Close())
		}
		assert.Len(t, books, 5)
	})
}

func TestABackendRestoredFromABackupAsksForWhatItLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := vfstest.Folder(t)
		st := openBolt(t, filepath.Join(dir, "store"))
		w := &world{plan: plan{seed: 1, lanes: 3, days: 1, sales: 12}, store: st}
		w.connect(t, transporttest.NewServer(t, transporttest.Options{InMemory: true, Store: st}))
		w.prepare(t)
		for i := range 3 {
			w.lanes = append(w.lanes, newLane(w, fmt.Sprintf("lane-%d", i), uint64(i)))
		}
		require.NoError(t, w.all(func(l *lane) error { return l.openShop(t.Context()) }))
		next := 0
		sell := func() {
			for _, l := range w.lanes {
				for range 3 {
					require.NoError(t, l.redeem(t.Context(), w.passes[next]))
					next++
				}
			}
			time.Sleep(time.Hour)
			require.NoError(t, w.all(func(l *lane) error { return l.settle(t.Context()) }))
		}
		sell()
		backup := filepath.Join(dir, "backup")
		backUpTo(t, st, backup)
		sell() // what the backup does not have
		w.server.Stop()
		w.store = openBolt(t, backup)
		require.NoError(t, w.server.Restart(transporttest.Change{Store: w.store,
			Restored: backend.Period{From: time.Now().Add(-time.Hour), Until: time.Now()}}))
		sell() // the tills hear what is missing
		require.NoError(t, w.all(func(l *lane) error { return l.settle(t.Context()) }))
		for _, l := range w.lanes {
			verdicts := map[record.ID]record.Status{}
			answer, err := l.reporter.Client.Verdicts(l.cable.into(t.Context()), *l.reporter.token.Load(), 0)
			require.NoError(t, err)
			for _, v := range answer.Later {
				verdicts[v.Record] = v.Status
			}
			for id := range l.acknowledged {
				assert.Equal(t, record.Confirmed, verdicts[id], "%s: record %s", l.name, id)
			}
			assert.Len(t, verdicts, 9)
			require.NoError(t, l.terminal.Close())
		}
	})
}

// backUpTo copies a store that boltstore opened.
func backUpTo(t testing.TB, st store.Store, file string) {
	t.Helper()
	require.NoError(t, st.(store.Backuper).Backup(t.Context(), file))
}

func openBolt(t *testing.T, file string) store.Store {
	t.Helper()
	st, err := boltstore.Open(t.Context(), file)
	require.NoError(t, err)
	t.Cleanup(func() { st.Close() })
	return st
}
