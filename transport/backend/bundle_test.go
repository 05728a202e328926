package backend_test

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/trust"
	"github.com/offlane/offlane/transport/backend"
	"github.com/offlane/offlane/transport/backend/memstore"
	"github.com/offlane/offlane/transport/backend/store"
	"github.com/offlane/offlane/transport/wire"
)

// beside is another process on the desk's store, with the same clock.
func (d *desk) beside(edit ...func(*backend.Config)) *desk {
	d.t.Helper()
	same := func(c *backend.Config) { c.Store, c.Now = d.store, func() time.Time { return d.now() } }
	other := newDesk(d.t, append([]func(*backend.Config){same}, edit...)...)
	other.set(d.now())
	return other
}

// asks is what the backend answers to a till that has a version; 0: none.
func (t *till) asks(have uint64) *httptest.ResponseRecorder {
	t.t.Helper()
	r := httptest.NewRequest("GET", wire.PathBundle, nil)
	r.Header.Set("Authorization", "Bearer "+t.token)
	if have > 0 {
		r.Header.Set("If-None-Match", strconv.Quote(strconv.FormatUint(have, 10)))
	}
	w := httptest.NewRecorder()
	t.server.ServeHTTP(w, r)
	return w
}

func (d *desk) revoke(pass string) {
	d.t.Helper()
	w := d.manage("POST", wire.PathRevocations, wire.Revocation{Offers: []string{pass}})
	require.Equal(d.t, 1, read[wire.Revoked](d.t, w, http.StatusOK).Revoked)
}

func parsed(t testing.TB, pass string) offer.ID {
	t.Helper()
	p, err := offer.Parse(pass)
	require.NoError(t, err)
	return p.ID
}

// Two processes behind a balancer: whatever one of them made, the other hands out, so that no till sees an older one
// and what was revoked arrives.
func TestEveryProcessHandsOutTheNewestBundle(t *testing.T) {
	one := newDesk(t)
	one.campaign(coffee)
	two := one.beside()
	lane := one.till("s-1", "7")
	lane.bundle()
	other := lane.at(two)
	for i := range 6 { // by turns, each with what the other one did
		here, there := lane, other
		if i%2 == 1 {
			here, there = other, lane
		}
		gone := one.phone().accept("coffee", false).Pass
		here.revoke(gone)
		here.have = there.have
		before := here.have.Sequence
		require.True(t, here.bundle().IsRevoked(parsed(t, gone), "", ""), "the process that revoked it says so")
		assert.Greater(t, here.have.Sequence, before)
		assert.Equal(t, http.StatusNotModified, there.asks(here.have.Sequence).Code, "the other has the same")
		there.have = nil
		assert.True(t, there.bundle().IsRevoked(parsed(t, gone), "", ""), "and says the same to a till that has none")
		assert.Equal(t, here.have.Sequence, there.have.Sequence)
	}
	gone := one.phone().accept("coffee", false).Pass
	two.revoke(gone)
	one.set(one.now().Add(10 * time.Second))
	assert.True(t, lane.bundle().IsRevoked(parsed(t, gone), "", ""),
		"within ten seconds the other process notices by itself")
}

// A till that lost its file knows the highest number it ever had: the bundle alone, without its delta, would be older.
func TestATillWithoutABundleGetsTheNewest(t *testing.T) {
	d := newDesk(t)
	d.campaign(coffee)
	lane := d.till("s-1", "7")
	lane.bundle()
	gone := d.phone().accept("coffee", false).Pass
	d.revoke(gone)
	newest := lane.bundle().Sequence
	lane.have = nil
	assert.Equal(t, newest, lane.bundle().Sequence, "bundle and delta")
	assert.True(t, lane.have.IsRevoked(parsed(t, gone), "", ""), "the till hears of the revocation")
	assert.Equal(t, strconv.Quote(strconv.FormatUint(newest, 10)), lane.asks(0).Header().Get("ETag"))
}

// The same answer comes again to a till that did not hear it, and another process gives it as well.
func TestALostBundleIsAnsweredAgain(t *testing.T) {
	d := newDesk(t)
	d.campaign(coffee)
	lane := d.till("s-1", "7")
	have := lane.bundle().Sequence
	d.revoke(d.phone().accept("coffee", false).Pass)
	lost := lane.asks(have)
	require.Equal(t, http.StatusOK, lost.Code)
	assert.Equal(t, lost.Body.Bytes(), lane.asks(have).Body.Bytes())
	assert.Equal(t, lost.Body.Bytes(), lane.at(d.beside()).asks(have).Body.Bytes(), "after a restart too")
}

// What is spent becomes good again: neither is told with an identifier that somebody else could redeem.
func TestADeltaTellsBothDirectionsAndNoIdentifier(t *testing.T) {
	d := newDesk(t)
	d.campaign(coffee)
	lane := d.till("s-1", "7")
	before, after := d.phone().accept("coffee", false).Pass, d.phone().accept("coffee", false).Pass
	first := lane.redemption(before)
	lane.verdict(first)
	require.True(t, lane.bundle().MaySpent(parsed(t, before), ""), "spent when the bundle was made")
	lane.verdict(lane.void(first.ID))
	lane.verdict(lane.redemption(after))
	d.set(d.now().Add(time.Minute))
	delta := lane.at(d.beside()).asks(lane.have.Sequence).Body.Bytes() // a process that knows nothing but the store
	lane.bundle()
	assert.False(t, lane.have.MaySpent(parsed(t, before), ""), "given back")
	assert.True(t, lane.have.MaySpent(parsed(t, after), ""), "spent since")
	for _, pass := range []string{before, after} {
		id := parsed(t, pass)
		assert.False(t, bytes.Contains(delta, id[:]), "an identifier is in the delta")
	}
	lane.have = nil
	lane.bundle()
	assert.False(t, lane.have.MaySpent(parsed(t, before), ""), "the offer of before is not spent")
}

// A campaign that the terminals redeem from now on brings offers that were spent long before.
func TestAnAgreementBringsWhatWasSpentBefore(t *testing.T) {
	d := newDesk(t)
	first := d.agree()
	shared := coffee
	shared.Partners = []string{"m-2"}
	d.campaign(shared)
	pass := d.phone().accept("coffee", false).Pass
	own, partner := d.till("s-1", "7"), d.tillOf("m-2", "x-1", "1")
	own.verdict(own.redemption(pass))
	d.end("m-2", first, true)
	require.False(t, partner.bundle().MaySpent(parsed(t, pass), ""), "the campaign is none of the partner's")
	d.agree()
	require.Len(t, partner.bundle().Campaigns, 1)
	assert.True(t, partner.have.MaySpent(parsed(t, pass), ""), "now it is")
}

// addSpent puts offers into the store that are spent.
func (d *desk) addSpent(n int, notAfter time.Time) (last offer.ID) {
	d.t.Helper()
	err := d.store.Update(d.t.Context(), func(tx store.Tx) error {
		for range n {
			last = offer.NewID()
			o := store.Offer{ID: last, Campaign: "coffee", NotAfter: notAfter.UnixMilli(), MaxUses: 1, Uses: []store.Use{{}}}
			if err := tx.AddOffer(o); err != nil {
				return err
			}
		}
		return nil
	})
	require.NoError(d.t, err)
	return last
}

// isWhole reports whether an answer has the bundle and no delta alone.
func isWhole(t *till, w *httptest.ResponseRecorder) bool {
	t.t.Helper()
	roots, err := offer.NewKeys(t.roots...)
	require.NoError(t.t, err)
	_, err = trust.Accept(nil, w.Body.Bytes(), roots, t.place.Merchant)
	return err == nil
}

func TestWhatIsTooMuchForADeltaIsAWholeBundle(t *testing.T) {
	d := newDesk(t)
	d.campaign(coffee)
	lane := d.till("s-1", "7")
	have := lane.bundle().Sequence
	d.addSpent(2000, d.now().Add(time.Hour))
	d.set(d.now().Add(time.Minute))
	few := lane.asks(have)
	assert.False(t, isWhole(lane, few), "2,000 are a delta")
	last := d.addSpent(1, d.now().Add(time.Hour))
	d.set(d.now().Add(time.Minute))
	many := lane.asks(have)
	assert.True(t, isWhole(lane, many), "one more is too much")
	assert.True(t, lane.bundle().MaySpent(last, ""), "the last one is spent")
}

// A watched store counts how often marks are read, and lets a test hold them back.
type watched struct {
	store.Store
	reads atomic.Int64
	hold  atomic.Pointer[chan struct{}] // nil, or closed: marks are given
}

// watchedDesk is a desk on a watched store, with a campaign and a till.
func watchedDesk(t *testing.T) (*watched, *desk, *till) {
	t.Helper()
	st := &watched{Store: memstore.New()}
	d := newDesk(t, func(c *backend.Config) { c.Store = st })
	d.campaign(coffee)
	return st, d, d.till("s-1", "7")
}

// holdBack holds marks back until the channel is closed.
func (w *watched) holdBack() chan struct{} {
	hold := make(chan struct{})
	w.hold.Store(&hold)
	return hold
}

type watchedTx struct {
	store.Tx
	store *watched
}

func (w *watched) View(ctx context.Context, fn func(store.Tx) error) error {
	return w.Store.View(ctx, func(tx store.Tx) error { return fn(watchedTx{tx, w}) })
}

func (tx watchedTx) Marks(behind store.Mark, most int) ([]store.Mark, error) {
	tx.store.reads.Add(1)
	if hold := tx.store.hold.Load(); hold != nil {
		<-*hold
	}
	return tx.Tx.Marks(behind, most)
}

// Fifty tills that ask at the same time cost one look at the store, and one that hangs keeps nobody from the bundle
// that there is.
func TestAllWhoAskWaitForOneLook(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st, d, lane := watchedDesk(t)
		have := lane.bundle().Sequence
		d.revoke(d.phone().accept("coffee", false).Pass)
		hold := st.holdBack()
		before, start := st.reads.Load(), time.Now()
		var all sync.WaitGroup
		for range 50 {
			all.Go(func() { assert.Equal(t, http.StatusNotModified, lane.asks(have).Code, "what there is") })
		}
		all.Wait()
		assert.EqualValues(t, 1, st.reads.Load()-before, "one look")
		assert.Equal(t, 500*time.Millisecond, time.Since(start), "nobody waits for longer")
		close(hold)
		synctest.Wait()
		assert.Equal(t, http.StatusOK, lane.asks(have).Code, "the look went on without them")
		assert.EqualValues(t, 1, st.reads.Load()-before, "and need not be done again")
		require.NoError(t, d.server.Close())
	})
}

// A process that was started anew hands out what is in the store while it looks for what changed, or when it cannot
// look.
func TestARestartHandsOutWhatIsStored(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st, d, lane := watchedDesk(t)
		was := lane.bundle().Sequence
		d.addSpent(3000, d.now().Add(time.Hour))
		hold := st.holdBack()
		after := lane.at(d.beside())
		after.have = nil
		assert.Equal(t, was, after.bundle().Sequence, "the stored one, whatever there is to gather")
		close(hold)
		synctest.Wait()
		assert.Greater(t, after.bundle().Sequence, was, "and then the new one")
		assert.Equal(t, 3000, after.have.Spent.Len())
	})
}

// After a restore the store has a bundle that tills refuse, for theirs is newer. They wait for that of the new epoch,
// however long it takes to make.
func TestATillThatIsAheadWaitsForTheNextBundle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st, d, lane := watchedDesk(t)
		have := lane.bundle().Sequence
		d.revoke(d.phone().accept("coffee", false).Pass)
		hold := st.holdBack()
		restored := lane.at(d.beside(func(c *backend.Config) {
			c.Restored = backend.Period{From: d.now().Add(-time.Hour), Until: d.now()}
		}))
		answered := make(chan *httptest.ResponseRecorder, 1)
		go func() { answered <- restored.asks(have + 3) }()
		time.Sleep(time.Minute)
		assert.Empty(t, answered, "an older one was handed out")
		close(hold)
		newest := strings.Trim((<-answered).Header().Get("ETag"), `"`)
		sequence, err := strconv.ParseUint(newest, 10, 64)
		require.NoError(t, err, "the number of the bundle: %s", newest)
		assert.EqualValues(t, 1, sequence/(trust.MaxNumber+1), "it has the epoch of the restore")
		require.NoError(t, d.server.Close())
		require.NoError(t, restored.server.Close())
	})
}

// Once a day the whole is made anew in the background, without offers that ended; their marks are removed.
func TestTheBundleIsMadeAnewOnceADay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t)
		d.campaign(coffee)
		lane := d.till("s-1", "7")
		d.addSpent(2500, d.now().Add(time.Hour))
		stays := d.addSpent(1, d.now().AddDate(0, 0, 9))
		have := lane.bundle().Sequence
		d.set(d.now().Add(7 * time.Hour))
		w := lane.asks(have)
		assert.Equal(t, http.StatusOK, w.Code, "a delta says that nothing changed: tills see that their bundle is not old")
		assert.Less(t, w.Body.Len(), 1000)
		d.set(d.now().Add(24 * time.Hour))
		assert.False(t, isWhole(lane, lane.asks(have)), "nobody waits for the whole")
		synctest.Wait()
		assert.True(t, isWhole(lane, lane.asks(have)), "it is there the next time")
		assert.Equal(t, 1, lane.bundle().Spent.Len())
		assert.True(t, lane.have.MaySpent(stays, ""), "this one stays spent")
		require.NoError(t, d.store.View(t.Context(), func(tx store.Tx) error {
			marks, err := tx.Marks(store.Mark{}, 100)
			assert.Len(t, marks, 1, "marks of offers that ended are gone")
			return err
		}))
		require.NoError(t, d.server.Close())
	})
}

// A server that is closed while it gathers stops gathering: the bubble ends only when all its goroutines have.
func TestCloseEndsTheGathering(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st, d, lane := watchedDesk(t)
		d.addSpent(25_000, d.now().Add(time.Hour))
		hold := st.holdBack()
		answered := make(chan int)
		go func() { answered <- lane.asks(0).Code }()
		synctest.Wait()
		require.NoError(t, d.server.Close())
		time.Sleep(time.Second) // the first page took long, and so would the rest after it
		close(hold)
		assert.Equal(t, http.StatusServiceUnavailable, <-answered)
		assert.EqualValues(t, 1, st.reads.Load(), "no second page")
	})
}

// A bundle that another key signed is of no use to tills that enrol now.
func TestAStoredBundleOfAnotherKeyIsMadeAnew(t *testing.T) {
	d := newDesk(t)
	d.campaign(coffee)
	before := d.till("s-1", "7").bundle().Sequence
	root := offer.Issuer{Name: "backend", KeyID: "next", Private: d.till("s-1", "8").key}
	lane := d.beside(func(c *backend.Config) { c.Root = root }).till("s-1", "9")
	assert.Greater(t, lane.bundle().Sequence, before)
}
