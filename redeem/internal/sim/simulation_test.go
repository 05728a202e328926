package sim

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport"
	"github.com/offlane/offlane/transport/backend/memstore"
	"github.com/offlane/offlane/transport/transporttest"
	"github.com/offlane/offlane/transport/wire"
)

// Environment variables that make the simulation longer. OFFLANE_SIM_SEED is the first run's seed.
const (
	simRuns  = "OFFLANE_SIM_RUNS"
	simSeed  = "OFFLANE_SIM_SEED"
	simLarge = "OFFLANE_SIM_LARGE" // 50 to 200 lanes and 3 days, instead of a few
)

var long = flag.Bool("long", false,
	"play all histories of a till alone, all pairs of faults, more days of trade, and hubs that forget or ignore attempts")

// inLongTests skips a test without the flag -long.
func inLongTests(t *testing.T) {
	t.Helper()
	if !*long {
		t.Skip("it is played with the flag -long")
	}
}

// longOr returns how many there are with -long, or how many without it.
func longOr(all, some uint64) uint64 {
	if *long {
		return all
	}
	return some
}

// isLeftOut says whether the n-th of many is not played: without -long only one in so many is.
func isLeftOut(n int, in uint64) bool { return uint64(n)%longOr(1, in) != 0 }

func number(t *testing.T, name string, otherwise int) int {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	require.NoError(t, err, name)
	return n
}

// planOf draws a plan from a seed.
func planOf(seed uint64, large bool) plan {
	random := rand.New(rand.NewPCG(seed, 9))
	p := plan{
		seed: seed, lanes: 4 + random.IntN(8), days: 2, sales: 15 + random.IntN(10), secure: random.IntN(8) == 0,
		rude: random.Float64() / 3, crash: random.Float64() / 10, crashAtStart: random.Float64() / 10,
		outages: random.IntN(4),
	}
	if large {
		p.lanes, p.days, p.sales, p.crash = 50+random.IntN(151), 3, 27+random.IntN(10), random.Float64()/3
	}
	return p
}

const campaignName = "spring"

// simulate runs a plan in a bubble, where days pass in moments.
func simulate(t *testing.T, p plan, from *stock) (w *world) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w = newWorld(t, p)
		w.server.Campaign(t, wire.Campaign{ID: campaignName, Title: "Spring"})
		w.code = w.server.Code(t, "s-1", p.lanes)
		w.accepted(t, from, p.lanes*p.days*p.sales*5/6)
		if err := w.run(t.Context()); err != nil {
			t.Errorf("seed %d: %v", p.seed, err)
		}
	})
	return w
}

// newWorld starts the backend of a plan, in memory.
func newWorld(t *testing.T, p plan) *world {
	t.Helper()
	w := emptyWorld(t, p)
	w.connect(t, transporttest.NewServer(t, transporttest.Options{InMemory: true, TLS: p.secure, Store: w.store}))
	return w
}

// emptyWorld has a store in memory and nothing else yet.
func emptyWorld(t *testing.T, p plan) *world {
	t.Helper()
	return &world{plan: p, store: memstore.New()}
}

// connect gives the lanes one client, whose requests go over the cable of the lane that makes them.
func (w *world) connect(t *testing.T, server *transporttest.Server) {
	t.Helper()
	w.server = server
	network := server.RoundTripper().(*http.Transport)
	network.MaxIdleConnsPerHost = w.plan.lanes
	var err error
	w.client, err = transport.New(transport.Config{URL: server.URL, RoundTripper: cables{network}, Attempts: 2,
		Timeout: 20 * time.Second})
	require.NoError(t, err)
}

// prepare makes the campaign, an enrolment code and the passes.
func (w *world) prepare(t *testing.T) {
	t.Helper()
	w.server.Campaign(t, wire.Campaign{ID: campaignName, Title: "Spring"})
	w.code = w.server.Code(t, "s-1", w.plan.lanes)
	w.passes = w.server.Accept(t, campaignName, max(3, w.plan.lanes*w.days*w.sales*5/6))
	w.keys = w.server.Keys()
}

// A total adds runs up.
type total struct {
	runs, redemptions, returns, corrections, crashes, outages, restores, requests int
	faults                                                                        map[transporttest.Fault]int
}

func (t *total) add(w *world) {
	t.runs++
	t.redemptions += int(w.redemptions.Load())
	for _, l := range w.lanes {
		for _, what := range l.acknowledged {
			switch what.kind {
			case record.Void:
				t.returns++
			case record.Correction:
				t.corrections++
			}
		}
	}
	t.crashes += w.crashes()
	t.outages += w.went
	t.restores += w.restores
	for f, n := range w.server.Met() {
		t.requests += n
		if f != "" {
			t.faults[f] += n
		}
	}
}

func (t *total) String() string {
	return fmt.Sprintf("%d runs, %d redemptions, %d returns, %d corrections, %d power cuts, %d outages of the backend, "+
		"%d restores from a backup, %d requests; faults met: %v", t.runs, t.redemptions, t.returns, t.corrections, t.crashes,
		t.outages, t.restores, t.requests, t.faults)
}

// TestDaysOfTradeWithFaultsAndCrashesLoseNothing plays runs one after another and says after each what all came to so
// far. A long run may be cut into several by seed: their last lines add up.
func TestDaysOfTradeWithFaultsAndCrashesLoseNothing(t *testing.T) {
	runs, first := number(t, simRuns, int(longOr(8, 2))), number(t, simSeed, 1)
	large := os.Getenv(simLarge) != ""
	sum, from, begin := &total{faults: map[transporttest.Fault]int{}}, newStock(), time.Now()
	for i := range runs {
		p := planOf(uint64(first+i), large)
		t.Run(fmt.Sprint("seed ", p.seed), func(t *testing.T) {
			w := simulate(t, p, from)
			sum.add(w)
			if t.Failed() {
				t.Logf("the plan: %+v", p)
			}
			t.Logf("%d lanes, %d redemptions, %d power cuts", len(w.lanes), w.redemptions.Load(), w.crashes())
		})
		if i%10 == 9 || i == runs-1 {
			fmt.Printf("seeds %d to %d, after %s: %s\n", first, p.seed, time.Since(begin).Round(time.Second), sum)
		}
		if t.Failed() {
			break
		}
	}
}
