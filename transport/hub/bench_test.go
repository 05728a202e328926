package hub_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/hub"
)

// percentile returns the p-th of a hundred parts, in order.
func percentile(all []time.Duration, p int) time.Duration {
	slices.Sort(all)
	return all[min(len(all)*p/100, len(all)-1)]
}

// flushes writes a block to a file and flushes it, n times.
func flushes(b testing.TB, dir string, n int) (took []time.Duration) {
	b.Helper()
	f, err := os.OpenFile(filepath.Join(dir, "flushed"), os.O_RDWR|os.O_CREATE, 0o600)
	require.NoError(b, err)
	defer f.Close()
	block := make([]byte, 4096)
	if info, err := f.Stat(); err == nil && info.Size() == 0 {
		_, err = f.Write(make([]byte, 1<<20))
		require.NoError(b, err)
		require.NoError(b, f.Sync())
	}
	for i := range n {
		began := time.Now()
		_, err := f.WriteAt(block, int64(i%200)*4096)
		require.NoError(b, err)
		require.NoError(b, flushData(f))
		took = append(took, time.Since(began))
	}
	return took
}

func millis(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// A bench is a shop whose lanes claim, and what it measures.
type bench struct {
	*testing.B
	shop    *shop
	clients []*hub.Client
}

// claim claims a pass that nobody showed before, and returns how long it took.
func (b *bench) claim(lane int, name string) time.Duration {
	began := time.Now()
	answer, err := b.clients[lane].Claim(b.Context(), request(name, name))
	require.NoError(b, err, "lane %d claims %s", lane, name)
	require.Equal(b, record.ClaimGranted, answer.Result, "lane %d claims %s", lane, name)
	return time.Since(began)
}

// BenchmarkClaim measures claims over loopback against flushes of the same disk in the same run: alone, and 200 a
// second over 8 lanes.
func BenchmarkClaim(b *testing.B) {
	s := newShop(b, 8, nil)
	m := &bench{B: b, shop: s}
	m.clients = s.connectWith(func(cfg *hub.ClientConfig) { cfg.Every = 500 * time.Millisecond })
	metrics := map[string]float64{}
	m.idle(metrics)
	m.steady(metrics)
	began := time.Now().UnixNano()
	for n := 0; b.Loop(); n++ {
		m.claim(1, fmt.Sprint("loop ", began, " ", n))
	}
	for unit, value := range metrics {
		b.ReportMetric(value, unit)
	}
}

// idle has one lane claim, and flushes in between.
func (b *bench) idle(metrics map[string]float64) {
	var floor, idle []time.Duration
	for n := range 300 {
		floor = append(floor, flushes(b, b.shop.dir, 1)...)
		idle = append(idle, b.claim(0, fmt.Sprint("idle ", n)))
	}
	metrics["flush-p50-ms"], metrics["idle-p50-ms"] = millis(percentile(floor, 50)), millis(percentile(idle, 50))
}

// steady has 8 lanes claim 25 times a second each, at random moments, and flushes as often.
func (b *bench) steady(metrics map[string]float64) {
	const each = 125
	var mu sync.Mutex
	var floor, steady []time.Duration
	var all sync.WaitGroup
	arrive := func(seed int, do func(n int)) {
		random := rand.New(rand.NewPCG(uint64(seed), 0))
		for n := range each {
			time.Sleep(time.Duration(random.ExpFloat64() * float64(40*time.Millisecond)))
			do(n)
		}
	}
	all.Go(func() { arrive(100, func(int) { floor = append(floor, flushes(b, b.shop.dir, 4)...) }) })
	for lane := range b.clients {
		all.Go(func() {
			arrive(lane, func(n int) {
				took := b.claim(lane, fmt.Sprint("steady ", lane, " ", n))
				mu.Lock()
				defer mu.Unlock()
				steady = append(steady, took)
			})
		})
	}
	all.Wait()
	metrics["flush-p99-ms"], metrics["steady-p99-ms"] = millis(percentile(floor, 99)), millis(percentile(steady, 99))
	metrics["steady-p50-ms"] = millis(percentile(steady, 50))
}
