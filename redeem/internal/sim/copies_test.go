package sim

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/redeem/internal/vfs"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport"
	"github.com/offlane/offlane/transport/backend"
	"github.com/offlane/offlane/transport/backend/memstore"
	"github.com/offlane/offlane/transport/backend/store"
	"github.com/offlane/offlane/transport/transporttest"
	"github.com/offlane/offlane/transport/wire"
)

var copies = flag.Int("copies", 10, "how often a till's folder is copied, restored, emptied, deleted or swapped")

// A chain store has three tills and two backends with one database. The folder of a till is copied, restored from a
// copy, emptied, robbed of its journal or swapped with that of another one, at random moments, with the mark outside
// it or without. Where the till forgot something that it had reported, or where the mark stayed, the till and the
// merchant see it; no other till is ever flagged.
func TestCopiesAndRollbacksOfFoldersAreSeen(t *testing.T) {
	s := newShopOfCopies(t)
	for range *copies {
		s.round()
	}
	t.Logf("%d rounds, seed %d: %d were to be seen and were; of %d others %d were seen all the same, and %d forgot "+
		"records that nobody else knows of", *copies, s.seed, s.mustSee, s.rest, s.restSeen, s.unseen)
	for what, n := range s.did {
		t.Logf("%-8s %4d rounds", what, n)
	}
	require.NotZero(t, s.mustSee, "no round was to be seen")
}

// A shopOfCopies is the store with its tills, and what the test counts.
type shopOfCopies struct {
	*testing.T
	random *rand.Rand
	seed   uint64
	store  store.Store
	server *transporttest.Server
	client *transport.Client
	code   string
	clock  *sharedClock
	tills  [3]*copied
	sales  int
	did    map[string]int

	mustSee, rest, restSeen, unseen int
}

// A sharedClock is the time of a whole simulation, in milliseconds since its beginning.
type sharedClock struct {
	began  time.Time
	passed atomic.Int64
}

func (c *sharedClock) now() time.Time {
	return c.began.Add(time.Duration(c.passed.Load()) * time.Millisecond)
}

// Read is the clock of every till.
func (c *sharedClock) Read() redeem.Reading {
	return redeem.Reading{Wall: c.now(), SinceBoot: time.Hour + c.now().Sub(c.began), Boot: "b"}
}

func newShopOfCopies(t *testing.T) *shopOfCopies {
	s := &shopOfCopies{T: t, seed: *seed, did: map[string]int{},
		clock: &sharedClock{began: time.Date(2026, 11, 25, 9, 0, 0, 0, time.UTC)}}
	if s.seed == 0 {
		s.seed = uint64(time.Now().UnixNano())
	}
	s.random = rand.New(rand.NewPCG(s.seed, 14))
	s.store = memstore.New()
	var handlers [2]http.Handler
	for i := range handlers {
		server, err := backend.New(t.Context(), backend.Config{Store: s.store, Now: s.clock.now,
			Merchants: []backend.Merchant{{Name: transporttest.Merchant, Key: transporttest.ManagementKey}},
			Limits:    backend.Limits{PerSecond: -1, FailuresPerMinute: -1, AcceptBurst: -1}})
		require.NoError(t, err)
		t.Cleanup(func() { server.Close() })
		mux := http.NewServeMux()
		mux.Handle("/", server)
		mux.Handle(wire.PathManagement, server.Management())
		handlers[i] = mux
	}
	var requests atomic.Uint64
	s.server = transporttest.NewServer(t, transporttest.Options{InMemory: true,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			handlers[requests.Add(1)%2].ServeHTTP(w, r)
		})})
	var err error
	s.client, err = transport.New(transport.Config{URL: s.server.URL, RoundTripper: s.server.RoundTripper(), Attempts: 1})
	require.NoError(t, err)
	t.Cleanup(func() { s.client.Close() })
	s.server.Campaign(t, wire.Campaign{ID: campaignName, Title: "Spring"})
	s.code = s.server.Code(t, "s-1", 3+*copies)
	t.Cleanup(func() {
		for _, till := range s.tills {
			till.terminal.Close()
		}
	})
	for i := range s.tills {
		s.tills[i] = &copied{shop: s, lane: fmt.Sprint("lane ", i+1), disk: &vfs.Memory{}, mark: &keptMark{},
			fence: make(chan struct{}, 1)}
		s.tills[i].open()
		s.tills[i].report()
	}
	return s
}

// flagsOf counts the merchant's flags on terminals that may have forgotten something, as its list of terminals shows
// them.
func (s *shopOfCopies) flagsOf(ids ...record.TerminalID) (n uint64) {
	s.Helper()
	require.NoError(s, s.store.View(s.Context(), func(tx store.Tx) error {
		for _, id := range ids {
			terminal, err := tx.Terminal(id)
			if err != nil {
				return err
			}
			if terminal != nil {
				n += terminal.Flags["forked"] + terminal.Flags["forgotten"] + terminal.Flags["second-terminal"]
			}
		}
		return nil
	}))
	return n
}

// pass is a fresh pass of the campaign.
func (s *shopOfCopies) pass() string { return s.server.Accept(s, campaignName, 1)[0] }

func (s *shopOfCopies) wait(d time.Duration) { s.clock.passed.Add(d.Milliseconds()) }

// chance is true once in n times.
func (s *shopOfCopies) chance(n int) bool { return s.random.IntN(n) == 0 }

func isJournalFile(name string) bool { return strings.HasSuffix(name, ".journal") }
