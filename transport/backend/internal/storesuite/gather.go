package storesuite

import (
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/offlane/offlane/transport/backend"
	"github.com/offlane/offlane/transport/backend/store"
	"github.com/offlane/offlane/transport/wire"
)

// asking is how many terminals ask for the bundle at once.
const asking = 50

// pause is longer than a backend believes what its store said.
const pause = 11 * time.Second

// A gathering is the load of Bundles.
type gathering struct {
	b         *testing.B
	store     store.Store
	server    *backend.Server
	web       *httptest.Server
	reporters []*reporter
	skipped   atomic.Int64 // how far the server's clock is ahead
	spent     int          // how many spent offers there are
	fill      func(n int, nth func(int) store.Offer) error
}

// Bundles has 50 terminals ask at once for the bundle of a store with many spent offers: when little changed, when so
// much changed that the whole is made anew, and of a process that has just started. It tells how long the first and
// the last of them wait, how long it takes until they are handed the new one, and what reports of 100 records take
// meanwhile as a multiple of what they take when nothing is gathered. fill puts offers into the store.
func Bundles(b *testing.B, st store.Store, fill func(n int, nth func(int) store.Offer) error) {
	g := &gathering{b: b, store: st, fill: fill}
	g.server, g.web = g.start()
	if _, err := g.server.AddCampaign(b.Context(), "m", wire.Campaign{ID: "c", Title: "C", Budget: 1e12,
		Currency: "EUR"}); err != nil {
		b.Fatal(err)
	}
	for range asking {
		g.reporters = append(g.reporters, newReporter(b, g.server, g.web.URL))
	}
	g.add(*redemptions)
	start := time.Now()
	g.ask(g.web.URL)
	b.ReportMetric(time.Since(start).Seconds(), "s-first-ever")
	var alone, beside []time.Duration
	for b.Loop() {
		g.askAfterChange(1000, "-delta")
		alone, beside = g.whole(alone, beside)
		g.cold()
	}
	b.ReportMetric(float64(len(beside)), "reports-beside")
	if len(beside) > 0 {
		b.ReportMetric(float64(percentile(beside, 50))/float64(percentile(alone, 50)), "report-p50×alone")
		b.ReportMetric(float64(percentile(beside, 95))/float64(percentile(alone, 95)), "report-p95×alone")
	}
}

// start starts a backend process.
func (g *gathering) start() (*backend.Server, *httptest.Server) {
	server, err := backend.New(g.b.Context(), backend.Config{
		Store: g.store, Merchants: []backend.Merchant{{Name: "m"}},
		Limits: backend.Limits{PerSecond: -1, FailuresPerMinute: -1, AcceptBurst: -1},
		Now:    func() time.Time { return time.Now().Add(time.Duration(g.skipped.Load())) },
	})
	if err != nil {
		g.b.Fatal(err)
	}
	web := httptest.NewServer(server)
	g.b.Cleanup(func() { web.Close(); server.Close() })
	return server, web
}

// add adds spent offers.
func (g *gathering) add(n int) {
	first := g.spent
	if err := g.fill(n, func(i int) store.Offer { return redeemedOffer(first + i) }); err != nil {
		g.b.Fatal(err)
	}
	g.spent += n
}

// many is more than a delta holds.
func (g *gathering) many() int { return max(2000, g.spent/100) + 1000 }

// ask has all terminals ask for the whole bundle at once, and returns how long the first and the last one wait.
func (g *gathering) ask(url string) (first, last time.Duration) {
	took := make([]time.Duration, asking)
	var all sync.WaitGroup
	start := time.Now()
	for i, r := range g.reporters {
		all.Go(func() {
			g.fetch(url, r.token, "")
			took[i] = time.Since(start)
		})
	}
	all.Wait()
	return percentile(took, 2), percentile(took, 100)
}

// fetch asks for the bundle and returns its version; have is the one that the terminal has, or "".
func (g *gathering) fetch(url, token, have string) string {
	request, err := http.NewRequestWithContext(g.b.Context(), http.MethodGet, url+wire.PathBundle, nil)
	if err != nil {
		g.b.Error(err)
		return ""
	}
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("If-None-Match", have)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		g.b.Error(err)
		return ""
	}
	defer response.Body.Close()
	if _, err = io.Copy(io.Discard, response.Body); err != nil || response.StatusCode >= http.StatusBadRequest {
		g.b.Errorf("%d: %v", response.StatusCode, err)
	}
	return response.Header.Get("ETag")
}

// await asks until there is another bundle than the one that the terminal has. Each answer takes a while.
func (g *gathering) await(url, token, have string) {
	for g.fetch(url, token, have) == have && !g.b.Failed() {
	}
}

// askAfterChange has all terminals ask after so many more offers were spent, and returns when they began.
func (g *gathering) askAfterChange(n int, name string) (start time.Time) {
	g.add(n)
	g.skipped.Add(int64(pause))
	start = time.Now()
	first, last := g.ask(g.web.URL)
	g.b.ReportMetric(first.Seconds(), "s-first"+name)
	g.b.ReportMetric(last.Seconds(), "s-all"+name)
	return start
}

// whole has the bundle made anew, and times reports before that and beside it, each of another terminal.
func (g *gathering) whole(alone, beside []time.Duration) (_, _ []time.Duration) {
	prepared := make([]wire.Report, asking)
	for i, r := range g.reporters {
		prepared[i] = r.prepare(g.b, g.store, func(int) string { return "c" })
	}
	report := func(i int, into []time.Duration) []time.Duration {
		start := time.Now()
		if err := g.reporters[i].send(g.b, prepared[i]); err != nil {
			g.b.Fatal(err)
		}
		return append(into, time.Since(start))
	}
	tag, token := g.fetch(g.web.URL, g.reporters[0].token, ""), g.reporters[0].token
	for i := range asking / 2 {
		alone = report(i, alone)
	}
	start := g.askAfterChange(g.many(), "-whole")
	var took time.Duration
	made := make(chan struct{})
	go func() {
		defer close(made)
		g.await(g.web.URL, token, tag)
		took = time.Since(start)
	}()
	for i := asking / 2; i < asking; i++ {
		select {
		case <-made:
			i = asking
		default:
			beside = report(i, beside)
		}
	}
	<-made
	g.b.ReportMetric(took.Seconds(), "s-new-whole")
	return alone, beside
}

// cold starts another process when much has changed.
func (g *gathering) cold() {
	tag := g.fetch(g.web.URL, g.reporters[0].token, "")
	g.add(g.many())
	g.skipped.Add(int64(pause))
	_, web := g.start()
	start := time.Now()
	first, last := g.ask(web.URL)
	g.b.ReportMetric(first.Seconds(), "s-first-cold")
	g.b.ReportMetric(last.Seconds(), "s-all-cold")
	g.await(web.URL, g.reporters[0].token, tag)
	g.b.ReportMetric(time.Since(start).Seconds(), "s-new-cold")
}
