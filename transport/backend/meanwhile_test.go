package backend_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
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

// A meanwhile store has something happen before the next transaction that writes, and fails as its switches say.
type meanwhile struct {
	store.Store
	before    func()
	noCommits atomic.Bool // transactions that write are undone
	noLedger  atomic.Bool // the ledger cannot be read
}

var errAway = fault.New(fault.Unavailable, "", "the store is away")

func (m *meanwhile) Update(ctx context.Context, fn func(store.Tx) error) error {
	if before := m.before; before != nil {
		m.before = nil
		before()
	}
	return m.Store.Update(ctx, func(tx store.Tx) error {
		if err := fn(tx); err != nil || !m.noCommits.Load() {
			return err
		}
		return errAway
	})
}

func (m *meanwhile) View(ctx context.Context, fn func(store.Tx) error) error {
	return m.Store.View(ctx, func(tx store.Tx) error { return fn(&meanwhileTx{tx, m}) })
}

type meanwhileTx struct {
	store.Tx
	of *meanwhile
}

func (t *meanwhileTx) Spent(campaign, currency, day string) (store.Spent, error) {
	if t.of.noLedger.Load() {
		return store.Spent{}, errAway
	}
	return t.Tx.Spent(campaign, currency, day)
}

func newMeanwhile(t *testing.T) (*desk, *meanwhile) {
	m := &meanwhile{Store: memstore.New()}
	return newDesk(t, func(c *backend.Config) { c.Store = m }), m
}

// A redemption was taken back while it was exported: the platform was told of it all the same.
func TestWhatWasTakenBackMeanwhileIsNotExported(t *testing.T) {
	d, m := newMeanwhile(t)
	d.campaign(coffee)
	lane := d.till("s-1", "7")
	redeemed := lane.redemption(d.phone().clicks("coffee", wire.PlatformMeta, "a").Pass)
	require.Equal(t, record.Confirmed, lane.verdict(redeemed).Status, "the redemption")
	m.before = func() {
		assert.Equal(t, record.Confirmed, lane.verdict(lane.void(redeemed.ID)).Status, "the void")
	}
	assert.Empty(t, d.export(wire.PlatformMeta), "nothing is left to tell")
}

// A campaign at which the store failed to look again was not shown by this process any more.
func TestACampaignIsLookedAtAgainWhereTheStoreFailed(t *testing.T) {
	d, m := newMeanwhile(t)
	euro := terms.Terms{Kind: terms.AmountOff, Amount: 250, Currency: "EUR"}
	spent := d.campaign(wire.Campaign{ID: "spent", Terms: euro, Budget: 250})
	p := d.phone()
	p.redeems(d.till("s-1", "7"), "spent")
	watcher := d.phone()
	require.Nil(t, watcher.answer("spent"), "the budget is used up")
	spent.Budget = 1000
	require.Equal(t, http.StatusOK, d.manage("PUT", wire.PathCampaigns+"/spent", spent).Code, "the budget is raised")
	d.set(d.now().Add(11 * time.Second))
	m.noLedger.Store(true)
	require.Equal(t, http.StatusServiceUnavailable, watcher.ask("GET", wire.PathDeviceVisit, nil).Code, "the store fails")
	m.noLedger.Store(false)
	assert.NotNil(t, watcher.answer("spent"), "the next visit looks again")
}

func TestWhatWasUndoneIsNotToldAsRemoved(t *testing.T) {
	d, m := newMeanwhile(t)
	d.campaign(coffee)
	d.phone().accept("coffee", false)
	d.set(d.now().Add(400 * day))
	m.noCommits.Store(true)
	done, err := d.server.Tidy(t.Context())
	assert.True(t, errors.Is(err, fault.Unavailable), "the store failed: %v", err)
	assert.Zero(t, done, "nothing was removed")
}

func TestNothingIsLoggedOfABlockThatWasUndone(t *testing.T) {
	var logged strings.Builder
	m := &meanwhile{Store: memstore.New()}
	d := newDesk(t, func(c *backend.Config) {
		c.Store, c.Logger = m, slog.New(slog.NewTextHandler(&logged, &slog.HandlerOptions{Level: slog.LevelWarn}))
	})
	lane := d.till("s-1", "7")
	key := read[wire.ManagementKey](t, d.manage("POST", wire.PathKeys, wire.NewKey{Name: "n"}), http.StatusCreated)
	requests := map[string]func() int{
		"block changed": func() int { return d.manage("PUT", lane.path("block"), wire.NewBlock{Blocked: true}).Code },
		"was blocked":   func() int { return d.manage("DELETE", wire.PathKeys+"/"+key.ID, nil).Code },
		"forgotten":     func() int { return d.manage("DELETE", lane.path("forgotten"), nil).Code },
	}
	m.noCommits.Store(true)
	for line, ask := range requests {
		assert.Equal(t, http.StatusServiceUnavailable, ask(), "%s: the store fails", line)
		assert.NotContains(t, logged.String(), "level=WARN", "%s: it did not take place", line)
	}
	m.noCommits.Store(false)
	for line, ask := range requests {
		assert.Equal(t, http.StatusOK, ask(), line)
		assert.Contains(t, logged.String(), line, "it took place")
	}
}

// Whoever had stolen a key could send the body of a request slowly, and make another key after that one was blocked.
func TestAKeyThatIsBlockedMeanwhileMakesNothingThatOutlastsIt(t *testing.T) {
	d, m := newMeanwhile(t)
	for name, ask := range map[string]func(key wire.ManagementKey) *httptest.ResponseRecorder{
		"a key": func(key wire.ManagementKey) *httptest.ResponseRecorder {
			return d.do(d.server.Management(), "POST", wire.PathKeys, key.Key, wire.NewKey{Name: "another"})
		},
		"a code": func(key wire.ManagementKey) *httptest.ResponseRecorder {
			return d.do(d.server.Management(), "POST", wire.PathCodes, key.Key, wire.NewCode{Store: "s-1"})
		},
	} {
		stolen := read[wire.ManagementKey](t, d.manage("POST", wire.PathKeys, wire.NewKey{Name: "n"}), http.StatusCreated)
		m.before = func() {
			assert.Equal(t, http.StatusOK, d.manage("DELETE", wire.PathKeys+"/"+stolen.ID, nil).Code, "it is blocked")
		}
		assert.Equal(t, "unauthorized", codeOf(t, ask(stolen)), name)
	}
}
