package hub_test

import (
	"encoding/binary"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/hub"
)

// saturatedFor is how long callers claim.
const saturatedFor = 1500 * time.Millisecond

// BenchmarkClaimsOfManyCallers measures how many claims a second 8 lanes make at a hub, with more and more callers at
// each: where the rate does not rise any more, the hub is saturated. claims/flush is the rate as a multiple of the
// flushes that one caller makes on the same disk, the faster of those before and after.
func BenchmarkClaimsOfManyCallers(b *testing.B) {
	for _, callers := range []int{16, 64, 128, 256, 512} {
		b.Run(fmt.Sprintf("callers=%d", callers), func(b *testing.B) {
			s := newShop(b, 8, func(cfg *hub.Config) {
				lanes := cfg.Lanes()
				cfg.Lanes = func() []record.HubPeer { return lanes }
			})
			m := &bench{B: b, shop: s}
			m.clients = s.connectWith(func(cfg *hub.ClientConfig) { cfg.Every = 500 * time.Millisecond })
			before := flushRate(b, s.dir)
			metrics := m.claimAtOnce(callers)
			after := flushRate(b, s.dir)
			metrics["flushes/s-before"], metrics["flushes/s-after"] = before, after
			metrics["claims/flush"] = metrics["claims/s"] / max(before, after)
			for n := 0; b.Loop(); n++ {
				m.claim(1, fmt.Sprint("loop ", n))
			}
			for unit, value := range metrics {
				b.ReportMetric(value, unit)
			}
		})
	}
}

// flushRate is how many flushes a second one caller makes.
func flushRate(b *testing.B, dir string) float64 {
	const n = 500
	var sum time.Duration
	for _, took := range flushes(b, dir, n) {
		sum += took
	}
	return n / sum.Seconds()
}

// claimAtOnce has so many callers at each lane claim, and returns how many claims a second were granted, how many of
// them went to the disk with one flush, and how much of the processors each took, at its lane and at the hub.
func (b *bench) claimAtOnce(callers int) map[string]float64 {
	var stop atomic.Bool
	var all sync.WaitGroup
	counts := make([]counted, len(b.clients)*callers)
	began, used, flushed := time.Now(), processorTime(), b.shop.server.Status().Flushes
	for i := range counts {
		all.Go(func() { counts[i] = b.claimUntil(&stop, uint64(i)) })
	}
	time.Sleep(saturatedFor)
	stop.Store(true)
	all.Wait()
	took, claims := time.Since(began), 0
	used = processorTime() - used
	for _, c := range counts {
		require.NoError(b, c.err)
		claims += c.claims
	}
	return map[string]float64{
		"claims/s":     float64(claims) / took.Seconds(),
		"claims/group": float64(claims) / float64(b.shop.server.Status().Flushes-flushed),
		"cpu-us/claim": float64(used.Microseconds()) / float64(claims),
	}
}

// counted is how many claims a caller was granted.
type counted struct {
	claims int
	err    error
}

// claimUntil claims passes that nobody showed before, one after the other.
func (b *bench) claimUntil(stop *atomic.Bool, caller uint64) (done counted) {
	client := b.clients[caller%uint64(len(b.clients))]
	req := record.ClaimRequest{SaleKey: fmt.Sprint("sale ", caller), Uses: 1, Allowed: 1}
	for !stop.Load() {
		var id offer.ID
		binary.BigEndian.PutUint64(id[:], caller+1)
		binary.BigEndian.PutUint64(id[8:], uint64(done.claims))
		req.Offer = id
		answer, err := client.Claim(b.Context(), req)
		if err == nil && answer.Result != record.ClaimGranted {
			err = fmt.Errorf("claim %d of caller %d is %s", done.claims, caller, answer.Result)
		}
		if err != nil {
			done.err = err
			return done
		}
		done.claims++
	}
	return done
}
