package backend

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/wire"
)

// getFigures counts what happened in the merchant's campaigns from one day to another, both included.
func (s *Server) getFigures(c *call) (any, error) {
	query := c.URL.Query()
	from, to := query.Get("from"), query.Get("to")
	for _, day := range []string{from, to} {
		if _, err := time.Parse(time.DateOnly, day); day != "" && err != nil {
			return nil, invalid("%.20q is no day: write YYYY-MM-DD", day)
		}
	}
	campaigns, err := s.campaignsOf(c.Context(), c.merchant)
	if err != nil {
		return nil, err
	}
	names := make([]string, len(campaigns))
	for i, campaign := range campaigns {
		names[i] = campaign.ID
	}
	tallies, err := view(c.Context(), s, func(tx Tx) ([]Tally, error) { return tx.Tallies(names, from, to) })
	if err != nil {
		return nil, err
	}
	slices.SortFunc(tallies, func(a, b Tally) int {
		return cmp.Or(cmp.Compare(a.Campaign, b.Campaign), cmp.Compare(a.Day, b.Day), cmp.Compare(a.Merchant, b.Merchant), cmp.Compare(a.Store, b.Store))
	})
	if query.Get("format") == "csv" {
		c.w.Header().Set("Content-Disposition", `attachment; filename="figures.csv"`)
		return csvOf(tallies)
	}
	return wire.Figures{Figures: append([]Tally{}, tallies...)}, nil
}

func csvOf(tallies []Tally) (file, error) {
	rows := [][]string{{"campaign", "merchant", "store", "day", "accepted", "shown", "redeemed", "voided", "duplicates", "rejected",
		"quarantined", "given", "mean_delay_seconds"}}
	for _, t := range tallies {
		row := []string{plainCell(t.Campaign), plainCell(t.Merchant), plainCell(t.Store), t.Day}
		for _, n := range []int64{t.Accepted, t.Shown, t.Redeemed, t.Voided, t.Duplicates, t.Rejected, t.Quarantined, t.Given, t.Delay / max(t.Redeemed, 1)} {
			row = append(row, strconv.FormatInt(n, 10))
		}
		rows = append(rows, row)
	}
	var text bytes.Buffer
	err := csv.NewWriter(&text).WriteAll(rows)
	return file{"text/csv; charset=utf-8", text.Bytes()}, err
}

// plainCell keeps a spreadsheet from taking a name for a formula.
func plainCell(text string) string {
	if text != "" && strings.Contains("=+-@\t\r", text[:1]) {
		return "'" + text
	}
	return text
}

// PathMetrics has the counters in Prometheus's text format (GET), on the management handler, without a key.
const PathMetrics = "/metrics"

// counters are since the process started, by name with labels as Prometheus writes them.
type counters struct {
	mu     sync.Mutex
	values map[string]float64
}

func (c *counters) add(name string, by float64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.values == nil {
		c.values = map[string]float64{}
	}
	c.values[name] += by
}

// request counts an answer. The labels come from the routes and the contract, never from the request.
func (c *counters) request(pattern string, status int, took time.Duration) {
	route := strconv.Quote(pattern)
	c.add(fmt.Sprintf("offlane_requests_total{route=%s,status=\"%d\"}", route, status), 1)
	c.add("offlane_request_seconds_sum{route="+route+"}", took.Seconds())
	c.add("offlane_request_seconds_count{route="+route+"}", 1)
}

// count adds the verdicts of a report, those told again included.
func (s *Server) count(verdicts []record.Verdict) {
	for _, v := range verdicts {
		s.counters.add(fmt.Sprintf("offlane_verdicts_total{status=%q}", v.Status), 1)
	}
}

func (s *Server) getMetrics(*call) (any, error) {
	s.counters.mu.Lock()
	defer s.counters.mu.Unlock()
	var text bytes.Buffer
	names := slices.Sorted(maps.Keys(s.counters.values))
	for _, kind := range []string{"offlane_requests_total counter", "offlane_request_seconds summary", "offlane_verdicts_total counter"} {
		fmt.Fprintf(&text, "# TYPE %s\n", kind)
		prefix, _, _ := strings.Cut(kind, " ")
		for _, name := range names {
			if strings.HasPrefix(name, prefix) {
				fmt.Fprintf(&text, "%s %g\n", name, s.counters.values[name])
			}
		}
	}
	return file{"text/plain; version=0.0.4; charset=utf-8", text.Bytes()}, nil
}
