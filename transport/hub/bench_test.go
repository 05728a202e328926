package hub_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/record"
)

// percentile returns the p-th of a hundred parts, in order.
func percentile(all []time.Duration, p int) time.Duration {
	slices.Sort(all)
	return all[min(len(all)*p/100, len(all)-1)]
}

// flushes writes a block to a file and flushes it, n times.
func flushes(b *testing.B, dir string, n int) (took []time.Duration) {
	b.Helper()
	f, err := os.Create(filepath.Join(dir, "flushed"))
	require.NoError(b, err)
	defer f.Close()
	block := make([]byte, 4096)
	_, err = f.Write(make([]byte, 1<<20))
	require.NoError(b, err)
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

// BenchmarkClaim measures claims over loopback against flushes of the same disk in the same run: alone, 200 a second
// over 8 lanes, and as many as there can be.
func BenchmarkClaim(b *testing.B) {
	s := newShop(b, 8, nil)
	clients := s.connect()
	floor, metrics := flushes(b, s.dir, 300), map[string]float64{}
	report := func(value float64, unit string) { metrics[unit] = value }
	claim := func(lane, n int, kind string) time.Duration {
		began := time.Now()
		answer, err := clients[lane].Claim(b.Context(), request(fmt.Sprint(kind, lane, "/", n), fmt.Sprint(kind, lane, n)))
		require.NoError(b, err)
		require.Equal(b, record.ClaimGranted, answer.Result)
		return time.Since(began)
	}
	var idle []time.Duration
	for n := range 300 {
		idle = append(idle, claim(0, n, "idle "))
	}
	report(millis(percentile(floor, 50)), "flush-p50-ms")
	report(millis(percentile(idle, 50)), "idle-p50-ms")

	var mu sync.Mutex
	var steady []time.Duration
	var all sync.WaitGroup
	floor = nil
	all.Go(func() {
		time.Sleep(time.Second)
		floor = flushes(b, s.dir, 100)
	})
	for lane := range clients {
		all.Go(func() {
			ticker := time.NewTicker(40 * time.Millisecond)
			defer ticker.Stop()
			for n := range 100 {
				<-ticker.C
				took := claim(lane, n, "steady ")
				mu.Lock()
				steady = append(steady, took)
				mu.Unlock()
			}
		})
	}
	all.Wait()
	report(millis(percentile(floor, 99)), "flush-p99-ms")
	report(millis(percentile(steady, 99)), "steady-p99-ms")

	alone := flushes(b, s.dir, 300)
	var sum time.Duration
	for _, took := range alone {
		sum += took
	}
	const each, callers = 60, 16
	began := time.Now()
	for lane := range clients {
		for caller := range callers {
			all.Go(func() {
				for n := range each {
					claim(lane, n, fmt.Sprint("full ", caller, " "))
				}
			})
		}
	}
	all.Wait()
	rate := float64(len(clients)*callers*each) / time.Since(began).Seconds()
	report(rate, "claims/s")
	report(rate/(float64(len(alone))/sum.Seconds()), "claims/flush")
	n := 0
	for b.Loop() {
		n++
		claim(1, n, fmt.Sprint("loop ", began.UnixNano(), " "))
	}
	for unit, value := range metrics {
		b.ReportMetric(value, unit)
	}
}
