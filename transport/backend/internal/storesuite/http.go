package storesuite

import (
	"net/http/httptest"
	"testing"
	"time"

	"github.com/offlane/offlane/transport/backend"
	"github.com/offlane/offlane/transport/backend/store"
	"github.com/offlane/offlane/transport/wire"
)

// ReportOverHTTP reports batches of redemptions of one terminal to a server on the store over HTTP, one after another,
// and tells how many a second were answered. The offers and the signed reports are made outside the time.
func ReportOverHTTP(b *testing.B, st store.Store) {
	server, web := serve(b, st, "c")
	r := newReporter(b, server, web.URL)
	var took time.Duration
	for b.Loop() {
		report := r.prepare(b, st, func(int) string { return "c" })
		start := time.Now()
		err := r.send(b, report)
		took += time.Since(start)
		if err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(BatchSize*b.N)/took.Seconds(), "records/s")
}

// serve listens with a server on the store that has these campaigns.
func serve(b *testing.B, st store.Store, campaigns ...string) (*backend.Server, *httptest.Server) {
	b.Helper()
	unbound := backend.Limits{PerSecond: -1, FailuresPerMinute: -1, AcceptBurst: -1}
	server, err := backend.New(b.Context(), backend.Config{Store: st, Merchants: []backend.Merchant{{Name: "m"}},
		Limits: unbound})
	if err != nil {
		b.Fatal(err)
	}
	web := httptest.NewServer(server)
	b.Cleanup(web.Close)
	for _, id := range campaigns {
		c := wire.Campaign{ID: id, Title: "C", Budget: 1e12, Currency: "EUR"}
		if _, err := server.AddCampaign(b.Context(), "m", c); err != nil {
			b.Fatal(err)
		}
	}
	return server, web
}
