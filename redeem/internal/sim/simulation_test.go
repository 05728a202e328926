package sim

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/transport/backend"
	"github.com/offlane/offlane/transport/transporttest"
)

// Environment variables that make the simulation longer. OFFLANE_SIM_SEED is the first run's seed.
const (
	simRuns  = "OFFLANE_SIM_RUNS"
	simSeed  = "OFFLANE_SIM_SEED"
	simLarge = "OFFLANE_SIM_LARGE" // 50 to 200 lanes and 3 days, instead of a few
)

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
		seed: seed, lanes: 4 + random.IntN(8), days: 2, sales: 5 + random.IntN(10),
		rude: random.Float64() / 3, crash: random.Float64() / 20, crashAtStart: random.Float64() / 10, outages: random.IntN(4),
	}
	if large {
		p.lanes, p.days, p.sales = 50+random.IntN(151), 3, 20+random.IntN(20)
	}
	return p
}

const campaignName = "spring"

// simulate runs a plan in a bubble, where days pass in moments.
func simulate(t *testing.T, p plan) (w *world) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w = newWorld(t, p, false)
		w.prepare(t)
		if err := w.run(t.Context()); err != nil {
			t.Errorf("seed %d: %v", p.seed, err)
		}
	})
	return w
}

// newWorld starts the backend of a plan, in memory.
func newWorld(t *testing.T, p plan, secure bool) *world {
	t.Helper()
	return &world{plan: p, server: transporttest.NewServer(t, transporttest.Options{InMemory: true, TLS: secure})}
}

// prepare makes the campaign, an enrolment code and the passes.
func (w *world) prepare(t *testing.T) {
	t.Helper()
	w.server.Campaign(t, backend.Campaign{ID: campaignName, Title: "Spring"})
	w.code = w.server.Code(t, "s-1", w.plan.lanes)
	w.passes = w.server.Accept(t, campaignName, max(3, w.plan.lanes*w.days*w.sales*5/6))
	w.keys = w.server.Keys()
}

func TestDaysOfTradeWithFaultsAndCrashesLoseNothing(t *testing.T) {
	runs, first := number(t, simRuns, 4), number(t, simSeed, 1)
	large := os.Getenv(simLarge) != ""
	total := struct {
		redemptions, crashes, requests int
		faults                         map[transporttest.Fault]int
	}{faults: map[transporttest.Fault]int{}}
	begin := time.Now()
	for i := range runs {
		p := planOf(uint64(first+i), large)
		t.Run(fmt.Sprint("seed ", p.seed), func(t *testing.T) {
			w := simulate(t, p)
			total.redemptions += int(w.redemptions.Load())
			total.crashes += w.crashes()
			for f, n := range w.server.Met() {
				total.requests += n
				if f != "" {
					total.faults[f] += n
				}
			}
			if t.Failed() {
				t.Logf("the plan: %+v", p)
			}
		})
	}
	t.Logf("%d runs, %d redemptions, %d crashes, %d requests in %s; faults met: %v", runs, total.redemptions, total.crashes,
		total.requests, time.Since(begin).Round(time.Millisecond), total.faults)
}
