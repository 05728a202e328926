package backend

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"fmt"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/wire"
)

// getFigures counts what happened in the merchant's campaigns, and at its own tills in those of which it is a partner,
// from one day to another, both included.
func (s *Server) getFigures(c *call) (any, error) {
	from, to, err := c.days()
	if err != nil {
		return nil, err
	}
	tallies, err := view(c.Context(), s, func(tx Tx) ([]Tally, error) { return talliesFor(tx, c.merchant, from, to) })
	if err != nil {
		return nil, err
	}
	slices.SortFunc(tallies, func(a, b Tally) int {
		return cmp.Or(cmp.Compare(a.Campaign, b.Campaign), cmp.Compare(a.Day, b.Day), cmp.Compare(a.Merchant, b.Merchant),
			cmp.Compare(a.Store, b.Store), cmp.Compare(a.Currency, b.Currency))
	})
	if c.wantsCSV() {
		return c.csv(figureRows(tallies))
	}
	return wire.Figures{Figures: append([]Tally{}, tallies...)}, nil
}

// days are those that the parameters from and to name; empty: no bound.
func (c *call) days() (from, to string, err error) {
	query := c.URL.Query()
	from, to = query.Get("from"), query.Get("to")
	for name, day := range map[string]string{"from": from, "to": to} {
		if _, err := time.Parse(time.DateOnly, day); day != "" && err != nil {
			return "", "", fault.Invalid("%s: %.20q is no day: write YYYY-MM-DD", name, day)
		}
	}
	if from != "" && to != "" && to < from {
		return "", "", fault.Invalid("to: %s is before from, %s", to, from)
	}
	return from, to, nil
}

func (c *call) wantsCSV() bool { return c.URL.Query().Get("format") == "csv" }

func talliesFor(tx Tx, merchant, from, to string) ([]Tally, error) {
	campaigns, err := tx.Campaigns()
	if err != nil {
		return nil, err
	}
	var names []string
	mine := map[string]bool{}
	for i := range campaigns {
		if c := &campaigns[i]; slices.Contains(c.Merchants(), merchant) {
			names, mine[c.ID] = append(names, c.ID), c.Merchant == merchant
		}
	}
	tallies, err := tx.Tallies(names, from, to)
	return slices.DeleteFunc(tallies, func(t Tally) bool { return !mine[t.Campaign] && t.Merchant != merchant }), err
}

func figureRows(tallies []Tally) [][]string {
	rows := [][]string{{"campaign", "merchant", "store", "day", "currency", "accepted", "shown", "redeemed", "voided", "corrected",
		"duplicates", "rejected", "quarantined", "waiting", "waiting_amount", "given", "taken_back", "mean_delay_seconds"}}
	for _, t := range tallies {
		row := []string{t.Campaign, t.Merchant, t.Store, t.Day, t.Currency}
		for _, n := range []int64{t.Accepted, t.Shown, t.Redeemed, t.Voided, t.Corrected, t.Duplicates, t.Rejected, t.Quarantined,
			t.Waiting, t.WaitingAmount, t.Given, t.TakenBack, t.Delay / max(t.Redeemed, 1)} {
			row = append(row, strconv.FormatInt(n, 10))
		}
		rows = append(rows, row)
	}
	return rows
}

// gapRows has a row for each run of numbers that is missing or lost, and for each chain that forked.
func gapRows(gaps []wire.Gap) [][]string {
	rows := [][]string{{"terminal", "store", "lane", "chain", "what", "first", "last", "last_report"}}
	for _, g := range gaps {
		add := func(what string, ranges ...record.Range) {
			for _, r := range ranges {
				rows = append(rows, []string{g.Terminal.String(), g.Place.Store, g.Place.Lane, g.Chain.String(), what,
					strconv.FormatUint(r.First, 10), strconv.FormatUint(r.Last, 10), time.UnixMilli(g.LastReport).UTC().Format(time.RFC3339)})
			}
		}
		add("missing", g.Missing...)
		add("lost", g.Lost...)
		add("aside", g.Aside...)
		if g.LostFrom > 0 { // nobody knows where it ends
			add("unknown", record.Range{First: g.LostFrom, Last: max(g.LostFrom, g.Highest)})
		}
		if g.Forked {
			add("forked", record.Range{First: 1, Last: g.Highest})
		}
	}
	return rows
}

// csv is an answer for spreadsheets (RFC 4180), to be kept as a file.
func (c *call) csv(rows [][]string) (file, error) {
	for _, row := range rows {
		for i := range row {
			row[i] = plainCell(row[i])
		}
	}
	var text bytes.Buffer
	err := csv.NewWriter(&text).WriteAll(rows)
	c.w.Header().Set("Content-Disposition", "attachment; filename="+path.Base(c.URL.Path)+".csv")
	return file{"text/csv; charset=utf-8", text.Bytes()}, err
}

// plainCell keeps a spreadsheet from taking a name for a formula.
func plainCell(text string) string {
	if _, err := strconv.ParseInt(text, 10, 64); err != nil && text != "" && strings.Contains("=+-@\t\r", text[:1]) {
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
	c.values[name] += by
}

// request counts an answer. The labels come from the routes and the contract, never from the request.
func (c *counters) request(pattern string, status int, took time.Duration) {
	route := strconv.Quote(pattern)
	c.add(fmt.Sprintf("offlane_requests_total{route=%s,status=\"%d\"}", route, status), 1)
	c.add("offlane_request_seconds_sum{route="+route+"}", took.Seconds())
	c.add("offlane_request_seconds_count{route="+route+"}", 1)
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
