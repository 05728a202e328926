package backend_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/redeem/terms"
	"github.com/offlane/offlane/transport/backend"
	"github.com/offlane/offlane/transport/backend/memstore"
	"github.com/offlane/offlane/transport/backend/store"
	"github.com/offlane/offlane/transport/wire"
)

// unlisted is a store that does not list its campaigns.
type unlisted struct{ store.Store }

func (u unlisted) Update(ctx context.Context, fn func(store.Tx) error) error {
	return u.Store.Update(ctx, func(tx store.Tx) error { return fn(unlistedTx{tx}) })
}

type unlistedTx struct{ store.Tx }

func (unlistedTx) Campaigns() ([]store.Campaign, error) {
	return nil, errors.New("all campaigns are read")
}

// What a campaign costs to add does not depend on how many there are.
func TestACampaignIsAddedWithoutTheOthers(t *testing.T) {
	server, err := backend.New(t.Context(), backend.Config{Store: unlisted{memstore.New()},
		Merchants: []backend.Merchant{{Name: "m-1", Prefixes: []string{"9501"}}, {Name: "m-2"}}})
	require.NoError(t, err)
	const number = "9501234567891"
	for i, c := range []wire.Campaign{
		{ID: "a", Title: "A", Coupon: number},
		{ID: "b", Title: "B", FollowUps: []wire.FollowUp{{Campaign: "a", Offer: "later"}}},
	} {
		_, err := server.AddCampaign(t.Context(), "m-1", c)
		require.NoError(t, err, "campaign %d", i)
	}
	for want, c := range map[fault.Code]wire.Campaign{
		fault.Conflict:  {ID: "c", Title: "C", Coupon: number},
		fault.Forbidden: {ID: "d", Title: "D", Coupon: "5012345678900"},
	} {
		_, err := server.AddCampaign(t.Context(), "m-1", c)
		assert.ErrorIs(t, err, want, fmt.Sprint(c))
	}
	_, err = server.AddCampaign(t.Context(), "m-1", wire.Campaign{ID: "a", Title: "A again"})
	assert.ErrorIs(t, err, fault.Conflict, "the id is taken")
	_, err = server.AddCampaign(t.Context(), "m-2", wire.Campaign{ID: "e", Title: "E",
		FollowUps: []wire.FollowUp{{Campaign: "a", Ad: &wire.Ad{ID: "x", Title: "X"}}}})
	assert.ErrorIs(t, err, fault.Forbidden, "the follow-up names another merchant's campaign")
}

// change puts a campaign with the management key.
func (d *desk) change(c wire.Campaign) *httptest.ResponseRecorder {
	d.t.Helper()
	return d.manage("PUT", strings.Replace(wire.PathCampaign, "{id}", c.ID, 1), c)
}

func off(amount int64) terms.Terms {
	return terms.Terms{Kind: terms.AmountOff, Amount: amount, Currency: "EUR"}
}

// A pass that is out keeps its end and terms, also in the books: what it gives is held to them, and what it may still
// give leaves the ledger as it came.
func TestAChangedCampaignKeepsWhatPassesPromise(t *testing.T) {
	d := newDesk(t)
	c := d.campaign(wire.Campaign{ID: "coffee", Title: "Coffee", Terms: off(300), ValidSeconds: 3600, Uses: 2})
	lane, old := d.till("s-1", "1"), d.phone().accept("coffee", false)
	c.Title, c.Terms, c.ValidSeconds, c.Uses = "Coffee, smaller", off(100), 60, 1
	changed := read[wire.Campaign](t, d.change(c), http.StatusOK)
	assert.NotZero(t, changed.Changed, "it says when it was changed")
	fresh := d.phone().accept("coffee", false)
	assert.Equal(t, int64(3540_000), old.NotAfter-fresh.NotAfter, "each has the end of its time")
	owed := func() int64 {
		ledger := read[wire.Ledger](t, d.manage("GET", wire.PathLedger, nil), http.StatusOK).Ledger
		require.Len(t, ledger, 1)
		return ledger[0].Liability
	}
	assert.EqualValues(t, 700, owed(), "two uses of 3.00, and one of 1.00")
	give := func(pass string, amount int64) record.Verdict {
		return lane.verdict(lane.redemption(pass, func(r *record.Record) {
			r.Given = record.Money{Amount: amount, Currency: "EUR"}
		}))
	}
	assert.Equal(t, record.Confirmed, give(old.Pass, 300).Status, "the old pass gives what it says")
	assert.Equal(t, fault.OverTerms, give(fresh.Pass, 300).Reason, "the new one does not")
	assert.EqualValues(t, 400, owed())
	assert.Equal(t, record.Confirmed, give(old.Pass, 300).Status, "its second use")
	assert.Equal(t, record.Confirmed, give(fresh.Pass, 100).Status)
	assert.Zero(t, owed(), "nothing is left of what was owed")
	first := lane.redemption(d.phone().accept("coffee", false).Pass)
	first.Given = record.Money{Amount: 100, Currency: "EUR"}
	require.Equal(t, record.Confirmed, lane.verdict(first).Status)
	to := lane.next(record.Record{Kind: record.Correction, Of: first.ID, Offer: first.Offer, Time: d.evidence(),
		Given: record.Money{Amount: 101, Currency: "EUR"}})
	assert.Equal(t, fault.OverTerms, lane.verdict(to).Reason, "a correction is held to the pass as well")
}

func TestWhatCannotChangeIsRefusedByName(t *testing.T) {
	d := newDesk(t)
	until := d.now().Add(time.Hour).UnixMilli()
	d.campaign(wire.Campaign{ID: "coffee", Title: "Coffee", Terms: off(300), NotAfter: until, Stores: []string{"s-1"},
		Limit: 3, Holdout: wire.Holdout{Percent: 10}})
	d.campaign(wire.Campaign{ID: "ended", Title: "Ended"})
	d.manage("PUT", wire.PathCampaigns+"/ended/state", wire.NewState{State: wire.Ended})
	for name, c := range map[string]struct {
		edit  func(*wire.Campaign)
		field string
		want  fault.Code
	}{
		"sooner":           {func(c *wire.Campaign) { c.NotAfter-- }, "notAfter", fault.Conflict},
		"no limit":         {func(c *wire.Campaign) { c.Limit = 0 }, "limit", fault.Conflict},
		"other stores":     {func(c *wire.Campaign) { c.Stores = nil }, "stores", fault.Conflict},
		"another currency": {func(c *wire.Campaign) { c.Terms.Currency = "CHF" }, "terms.currency", fault.Conflict},
		"another coupon":   {func(c *wire.Campaign) { c.Coupon = "9501234567891" }, "coupon", fault.Conflict},
		"a partner":        {func(c *wire.Campaign) { c.Partners = []string{"m-2"} }, "partners", fault.Conflict},
		"kept apart":       {func(c *wire.Campaign) { c.Reserve, c.Budget = true, 900 }, "reserve", fault.Conflict},
		"another holdout":  {func(c *wire.Campaign) { c.Holdout.Percent = 20 }, "holdout", fault.Conflict},
		"no title":         {func(c *wire.Campaign) { c.Title = "" }, "title", fault.InvalidRequest},
		"another's":        {func(c *wire.Campaign) { c.Merchant = "m-2" }, "merchant", fault.InvalidRequest},
		"an ended campaign": {func(c *wire.Campaign) { *c = wire.Campaign{ID: "ended", Title: "E"} }, "state",
			fault.Conflict},
		"another merchant's follow-up": {func(c *wire.Campaign) {
			c.FollowUps = []wire.FollowUp{{Merchant: "m-2", Ad: &wire.Ad{ID: "a", Title: "A"}}}
		}, "followUps[0].merchant", fault.Forbidden},
	} {
		want := wire.Campaign{ID: "coffee", Title: "Coffee", Terms: off(300), NotAfter: until, Stores: []string{"s-1"},
			Limit: 3, Holdout: wire.Holdout{Percent: 10}}
		c.edit(&want)
		w := d.change(want)
		var problem wire.Problem
		require.NoError(t, json.Unmarshal(w.Body.Bytes(), &problem), name)
		assert.Equal(t, c.want, problem.Code(), "%s: %s", name, w.Body)
		assert.True(t, strings.HasPrefix(problem.Detail, c.field+": "), "%s: %s", name, problem.Detail)
	}
	same := wire.Campaign{ID: "coffee", Title: "Coffee", Terms: off(300), NotAfter: until + 1000, Stores: []string{"s-1"},
		Limit: 4, Holdout: wire.Holdout{Percent: 10}}
	read[wire.Campaign](t, d.change(same), http.StatusOK)
	w := d.manageAs("m-2", "PUT", strings.Replace(wire.PathCampaign, "{id}", "coffee", 1), same)
	assert.Equal(t, http.StatusNotFound, w.Code, "it is another merchant's")
	other := d.manage("PUT", strings.Replace(wire.PathCampaign, "{id}", "tea", 1), same)
	assert.Equal(t, http.StatusBadRequest, other.Code, "the path names another one")
}
