package backend_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/trust"
	"github.com/offlane/offlane/transport/backend"
	"github.com/offlane/offlane/transport/backend/store"
	"github.com/offlane/offlane/transport/wire"
)

// handed is what the till makes of the bundle that a backend hands to it.
func (t *till) handed() error {
	t.t.Helper()
	r := httptest.NewRequest("GET", wire.PathBundle, nil)
	r.Header.Set("Authorization", "Bearer "+t.token)
	r.Header.Set("If-None-Match", strconv.Quote(strconv.FormatUint(t.have.Sequence, 10)))
	w := httptest.NewRecorder()
	t.server.ServeHTTP(w, r)
	require.Equal(t.t, http.StatusOK, w.Code, "the till is to see what the backend has")
	roots, err := offer.NewKeys(t.roots...)
	require.NoError(t.t, err)
	_, err = trust.Accept(t.have, w.Body.Bytes(), roots, t.place.Merchant)
	return err
}

// A backend whose clock was wrong for a while, and was then started anew, goes on above what it had signed.
func TestASequenceDoesNotGoByTheClock(t *testing.T) {
	v := newVault()
	d := newDesk(t, func(c *backend.Config) { c.Store = v.open(t) })
	d.set(d.now().AddDate(10, 0, 0))
	lane := d.till("s-1", "7")
	before := lane.bundle().Sequence
	d.set(d.now().AddDate(-10, 0, 0))
	after := d.restored(v, backend.Period{}) // the same store: only the process is another
	after.set(d.now())
	after.campaign(coffee)
	moved := lane.at(after)
	bundle := moved.bundle()
	assert.Equal(t, before+1, bundle.Sequence, "the number comes from the store")
	assert.Len(t, bundle.Campaigns, 1, "a till that saw the bundle of the wrong time hears of the campaign")
}

// The state of an old backup is below what the tills have. Declared it is a new epoch; not declared the tills refuse
// it.
func TestADeclaredRestoreBeginsANewEpoch(t *testing.T) {
	v := newVault()
	d := newDesk(t, func(c *backend.Config) { c.Store = v.open(t) })
	lane := d.till("s-1", "7")
	lane.bundle()
	backup, from := v.copy(), d.now()
	for range 5 {
		d.campaign(wire.Campaign{ID: strconv.Itoa(d.now().Minute())})
		d.set(d.now().Add(time.Minute))
		lane.bundle()
	}
	require.Equal(t, uint64(6), lane.have.Sequence)

	undeclared := d.restored(backup.copy(), backend.Period{})
	undeclared.set(d.now())
	undeclared.campaign(coffee)
	err := lane.at(undeclared).handed()
	assert.Equal(t, fault.RolledBack, fault.CodeOf(err), "the till sees that the backend forgot: %v", err)

	first := backup.copy()
	period := backend.Period{From: from, Until: d.now()}
	declared := d.restored(first, period)
	declared.set(d.now())
	moved := lane.at(declared)
	epoch := moved.bundle().Sequence / (trust.MaxNumber + 1)
	assert.Equal(t, uint64(1), epoch, "the restore was declared")

	again := d.restored(first, period) // the setting stays over restarts
	again.set(d.now())
	again.campaign(coffee)
	moved = moved.at(again)
	last := moved.have.Sequence
	assert.Equal(t, last+1, moved.bundle().Sequence, "a restart with the same period raises nothing")

	d.set(d.now().Add(time.Hour))
	second := d.restored(backup.copy(), backend.Period{From: from, Until: d.now()})
	second.set(d.now())
	second.campaign(coffee)
	assert.NoError(t, moved.at(second).handed(), "the same backup, restored later, is heard too")
}

// Two processes on one store number their bundles together, and hand out the same.
func TestProcessesOnOneStoreNumberTogether(t *testing.T) {
	v := newVault()
	one := newDesk(t, func(c *backend.Config) { c.Store = v.open(t) })
	lane := one.till("s-1", "7")
	lane.bundle()
	two := one.restored(v, backend.Period{})
	two.campaign(coffee)
	there := lane.at(two)
	newer := there.bundle()
	require.Equal(t, uint64(2), newer.Sequence, "the second process's is above the first one's")
	back := there.at(one)
	back.have = nil
	assert.Equal(t, uint64(2), back.bundle().Sequence, "the first process does not hand out what is older")
	assert.Len(t, back.have.Campaigns, 1)
}

// A terminal that claims any number makes the backend make nothing.
func TestAClaimedSequenceMakesNothing(t *testing.T) {
	d := newDesk(t)
	lane := d.till("s-1", "7")
	sequence := lane.bundle().Sequence
	for range 3 {
		r := httptest.NewRequest("GET", wire.PathBundle, nil)
		r.Header.Set("Authorization", "Bearer "+lane.token)
		r.Header.Set("If-None-Match", `"18446744073709551615"`)
		w := httptest.NewRecorder()
		d.server.ServeHTTP(w, r)
		require.Equal(t, http.StatusOK, w.Code)
		assert.Equal(t, strconv.Quote(strconv.FormatUint(sequence, 10)), w.Header().Get("ETag"))
	}
}

// A raisedStore has another process declare a restore as soon as this one took a number for a bundle.
type raisedStore struct {
	store.Store
	raised bool
}

func (r *raisedStore) Update(ctx context.Context, fn func(store.Tx) error) error {
	tookNumber := false
	err := r.Store.Update(ctx, func(tx store.Tx) error { return fn(numberedTx{tx, &tookNumber}) })
	if err != nil || !tookNumber || r.raised {
		return err
	}
	r.raised = true
	return r.Store.Update(ctx, func(tx store.Tx) error {
		return tx.PutSetting("bundle epoch 1", []byte(`{"epoch":1,"from":1,"until":2}`))
	})
}

type numberedTx struct {
	store.Tx
	took *bool
}

func (tx numberedTx) PutSetting(name string, value []byte) error {
	*tx.took = *tx.took || name == "bundle number 1 m-1"
	return tx.Tx.PutSetting(name, value)
}

// Nothing is handed out under a number of before a restore that was declared meanwhile: a till would hold it for older.
func TestARestoreWhileABundleIsSignedCounts(t *testing.T) {
	raised := &raisedStore{Store: newVault().open(t)}
	d := newDesk(t, func(c *backend.Config) { c.Store = raised })
	lane := d.till("s-1", "7")
	epoch := lane.bundle().Sequence / (trust.MaxNumber + 1)
	require.True(t, raised.raised, "the bundle took a number")
	assert.Equal(t, uint64(1), epoch, "the bundle has a number of the epoch that was declared")
}
