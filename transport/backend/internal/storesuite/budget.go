package storesuite

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/backend/internal/posting"
	"github.com/offlane/offlane/transport/backend/store"
	"github.com/offlane/offlane/transport/wire"
)

// few is how many redemptions the small campaign of Accepting has; the large one has as many as the flag says.
const few = 1000

// AcceptOffers accepts offers of two campaigns with a budget by turns, one with a thousand redemptions and one with
// many, and tells how much longer the second takes.
func AcceptOffers(b *testing.B, st store.Store) {
	server, _ := serve(b, st, "few", "many")
	redeemMany(b, st, "few", few)
	redeemMany(b, st, "many", *redemptions)
	times := map[string][]time.Duration{}
	for round := 0; b.Loop(); round++ {
		names := []string{"few", "many"}
		if round%2 == 1 {
			slices.Reverse(names)
		}
		for _, name := range names {
			w := httptest.NewRecorder()
			r := httptest.NewRequest(http.MethodPost, wire.PathDeviceOffers, strings.NewReader(`{"campaign":"`+name+`"}`))
			start := time.Now()
			server.ServeHTTP(w, r)
			times[name] = append(times[name], time.Since(start))
			if w.Code != http.StatusCreated {
				b.Fatal(w.Body)
			}
		}
	}
	for name, percent := range map[string]int{"p50": 50, "p95": 95} {
		b.ReportMetric(float64(percentile(times["many"], percent))/float64(percentile(times["few"], percent)), name+"×few")
	}
	b.ReportMetric(float64(percentile(times["many"], 50).Microseconds()), "p50-µs")
}

// manyAtOnce is how many redemptions redeemMany books in one transaction.
const manyAtOnce = 10_000

// redeemMany books redemptions of a campaign, with their offers left out: what they are counted by is all that
// acceptance may see.
func redeemMany(b *testing.B, st store.Store, campaign string, n int) {
	b.Helper()
	terminal := record.NewTerminalID()
	for first := 0; first < n; first += manyAtOnce {
		var sums posting.Sums
		entries := make([]store.Entry, min(manyAtOnce, n-first))
		for i := range entries {
			entries[i] = anEntry(terminal, uint64(first+i+1), func(e *store.Entry) { e.Campaign, e.Given.Amount = campaign, 1 })
			sums.Count(nil, &entries[i])
		}
		err := st.Update(b.Context(), func(tx store.Tx) error {
			if err := tx.PutEntries(entries); err != nil {
				return err
			}
			return tx.Post(sums.Posting())
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}

func percentile(times []time.Duration, percent int) time.Duration {
	sorted := slices.Sorted(slices.Values(times))
	return sorted[(len(sorted)*percent-1)/100]
}
