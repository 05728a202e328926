package sim

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/transport/transporttest"
	"github.com/offlane/offlane/transport/wire"
)

// TestAKeyGivesWayWhereverTheTillDies cuts the power at each operation of the disk while the key changes, with the
// answer in time and with the answer lost after the backend took the new key.
func TestAKeyGivesWayWhereverTheTillDies(t *testing.T) {
	for _, lost := range []bool{false, true} {
		for cut := 1; ; cut++ {
			died := false
			t.Run(fmt.Sprint("operation ", cut, ", answer lost: ", lost), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					died = changeKey(t, cut, func(w *world) {
						if lost {
							w.server.Inject(transporttest.Injection{Fault: transporttest.AnswerLost, Path: wire.PathTerminals, Times: 3})
						}
					})
				})
			})
			if !died || t.Failed() {
				assert.Greater(t, cut, 5, "the key is written before the backend is told and after")
				break
			}
		}
	}
}

// Without -long each fault strikes either once or four times.
func TestAKeyGivesWayWhateverTheNetworkDoes(t *testing.T) {
	for i, f := range transporttest.Faults() {
		for j, times := range []int{1, 4} {
			if isLeftOut(i+j, 2) {
				continue
			}
			t.Run(fmt.Sprint(f, " ", times), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					changeKey(t, 0, func(w *world) {
						w.server.Inject(transporttest.Injection{Fault: f, Path: wire.PathTerminals, Times: times})
					})
				})
			})
		}
	}
}

// changeKey has a till change its key between sales, spoilt, with the power cut at the n-th operation, and wants
// nothing lost and the new key in force. It reports whether the power failed.
func changeKey(t *testing.T, cut int, spoil func(*world)) (died bool) {
	t.Helper()
	ctx := t.Context()
	w := newWorld(t, plan{seed: 1, lanes: 1, days: 1, sales: 12})
	w.prepare(t)
	l := newLane(w, "lane-0", 1)
	w.lanes = []*lane{l}
	require.NoError(t, l.openShop(ctx))
	require.NoError(t, l.redeem(ctx, w.passes[0]))
	require.NoError(t, l.settle(ctx))
	require.NoError(t, l.redeem(ctx, w.passes[1]))

	spoil(w)
	l.power.arm(cut)
	err := l.terminal.RotateKey(l.cable.into(ctx))
	if died = l.power.failed(); died {
		require.NoError(t, l.restart(ctx))
	} else {
		l.power.arm(0)
	}
	require.NoError(t, l.redeem(ctx, w.passes[2]))
	time.Sleep(2 * time.Hour) // the background reporter finds its way
	w.server.Clear()
	require.NoError(t, l.settle(ctx), "after %v", err)
	assert.False(t, l.terminal.Status().Rotating, "the new key is in use")
	require.NoError(t, l.terminal.RotateKey(l.cable.into(ctx)), "and once more")
	require.NoError(t, l.redeem(ctx, w.passes[3]))
	require.NoError(t, l.settle(ctx))
	require.NoError(t, w.audit(ctx))
	require.NoError(t, l.terminal.Close())
	return died
}

// TestABackendRestoredFromBeforeTheKeyChangedFollows has the key change twice after the backup was made.
func TestABackendRestoredFromBeforeTheKeyChangedFollows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		w := newWorld(t, plan{seed: 1, lanes: 1, days: 1, sales: 12})
		w.prepare(t)
		l := newLane(w, "lane-0", 1)
		w.lanes = []*lane{l}
		require.NoError(t, l.openShop(ctx))
		backup := w.backUp()
		for i := range 2 {
			require.NoError(t, l.redeem(ctx, w.passes[i]))
			require.NoError(t, l.terminal.RotateKey(l.cable.into(ctx)))
			require.NoError(t, l.settle(ctx))
		}
		w.server.Stop()
		require.NoError(t, w.comeBack(backup))
		time.Sleep(24 * time.Hour) // nobody does anything
		require.NoError(t, l.settle(ctx))
		require.NoError(t, w.audit(ctx))
		books, err := l.books(ctx)
		require.NoError(t, err)
		assert.Len(t, books, 2)
		require.NoError(t, l.terminal.Close())
	})
}

// turnKey changes the till's key in the middle of trade; what fails goes on by itself.
func (l *lane) turnKey(ctx context.Context) error {
	l.terminal.RotateKey(l.cable.into(ctx))
	if l.power.failed() {
		return l.restart(ctx)
	}
	return nil
}
