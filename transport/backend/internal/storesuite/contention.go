package storesuite

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/offlane/offlane/transport/backend/store"
	"github.com/offlane/offlane/transport/wire"
)

// The load of OneCampaign.
const (
	tills      = 20
	spreadOver = 100
)

// OneCampaign has 20 terminals report at the same time, by turns all into one campaign and spread over 100, and tells
// the first rate as a multiple of the second.
func OneCampaign(b *testing.B, st store.Store) {
	names := make([]string, spreadOver)
	for i := range names {
		names[i] = fmt.Sprintf("c%d", i)
	}
	server, web := serve(b, st, names...)
	reporters := make([]*reporter, tills)
	for i := range reporters {
		reporters[i] = newReporter(b, server, web.URL)
	}
	var one, spread time.Duration
	for round := 0; b.Loop(); round++ {
		both := []func(){
			func() { one += reportAll(b, st, reporters, func(int) string { return names[0] }) },
			func() { spread += reportAll(b, st, reporters, func(i int) string { return names[i%spreadOver] }) },
		}
		both[round%2]()
		both[1-round%2]()
	}
	b.ReportMetric(float64(spread)/float64(one), "×spread")
	b.ReportMetric(float64(tills*BatchSize*b.N)/one.Seconds(), "records/s")
}

// reportAll is how long all terminals take for a report each.
func reportAll(b *testing.B, st store.Store, reporters []*reporter, nth func(int) string) time.Duration {
	b.Helper()
	reports := make([]wire.Report, len(reporters))
	for i, r := range reporters {
		reports[i] = r.prepare(b, st, nth)
	}
	errs := make([]error, len(reporters))
	var all sync.WaitGroup
	start := time.Now()
	for i, r := range reporters {
		all.Go(func() { errs[i] = r.send(b, reports[i]) })
	}
	all.Wait()
	took := time.Since(start)
	for _, err := range errs {
		if err != nil {
			b.Fatal(err)
		}
	}
	return took
}
