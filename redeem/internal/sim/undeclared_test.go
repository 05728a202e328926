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
	"github.com/offlane/offlane/redeem/internal/vfs"
	"github.com/offlane/offlane/redeem/internal/vfs/vfstest"
	"github.com/offlane/offlane/redeem/trust"
	"github.com/offlane/offlane/transport/backend"
	"github.com/offlane/offlane/transport/transporttest"
	"github.com/offlane/offlane/transport/wire"
)

// A backend is put back to a backup, and its operator does not say so. The tills refuse its bundles, report all the
// same, and say what is wrong. Once the restore is declared they take the bundles of the new epoch.
func TestARestoreThatNobodyDeclaredShowsAtTheTill(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := vfstest.Folder(t)
		st := openBolt(t, filepath.Join(dir, "store"))
		w := &world{plan: plan{seed: 1, lanes: 1, days: 1, sales: 12}, store: st}
		w.connect(t, transporttest.NewServer(t, transporttest.Options{InMemory: true, Store: st}))
		w.prepare(t)
		ctx := new(cable).into(t.Context())
		till, err := redeem.Open(vfs.WithFS(ctx, &vfs.Memory{}), "till", redeem.Config{Reporter: w.client,
			EnrolmentCode: w.code,
			Reporting:     redeem.Reporting{Manual: true}})
		require.NoError(t, err)
		defer till.Close()
		require.NoError(t, till.ReportNow(ctx))
		backup, from := filepath.Join(dir, "backup"), time.Now()
		backUpTo(t, st, backup)
		for i := range 4 {
			w.server.Campaign(t, wire.Campaign{ID: fmt.Sprint("more-", i), Title: "More"})
			time.Sleep(time.Minute)
			require.NoError(t, till.ReportNow(ctx))
		}
		had := till.Status().Bundle

		w.server.Stop()
		w.store = openBolt(t, backup)
		require.NoError(t, w.server.Restart(transporttest.Change{Store: w.store}))
		d, err := till.Redeem(ctx, redeem.Request{Scanned: w.passes[0], SaleKey: "s"})
		require.NoError(t, err)
		require.Equal(t, redeem.Allow, d.Outcome, d.String())
		require.ErrorIs(t, till.ReportNow(ctx), fault.RolledBack)
		status := till.Status()
		assert.Equal(t, fault.RolledBack, status.BundleRefused)
		assert.Equal(t, had, status.Bundle, "the one in force stays")
		assert.Zero(t, status.Pending, "the redemption is reported")
		assert.Empty(t, status.LastError, "and nothing is put off")

		require.NoError(t, w.server.Restart(transporttest.Change{Store: w.store,
			Restored: backend.Period{From: from, Until: time.Now().Add(time.Second)}}))
		require.NoError(t, till.ReportNow(ctx))
		status = till.Status()
		assert.Empty(t, status.BundleRefused)
		assert.Equal(t, uint64(1), status.Bundle/(trust.MaxNumber+1), "the epoch")
	})
}
