package backend

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/offlane/offlane/redeem/record"
)

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
	by := map[record.Status]float64{}
	for _, v := range verdicts {
		by[v.Status]++
	}
	for status, n := range by {
		s.counters.add(fmt.Sprintf("offlane_verdicts_total{status=%q}", status), n)
	}
}

// metricTypes are the types of the metrics by name.
var metricTypes = [][2]string{
	{"offlane_requests_total", "counter"}, {"offlane_request_seconds", "summary"}, {"offlane_verdicts_total", "counter"},
}

func (s *Server) getMetrics(c *call) (any, error) {
	s.counters.mu.Lock()
	values := maps.Clone(s.counters.values)
	s.counters.mu.Unlock()
	names := slices.Sorted(maps.Keys(values))
	c.w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	for _, kind := range metricTypes {
		fmt.Fprintf(c.w, "# TYPE %s %s\n", kind[0], kind[1])
		for _, name := range names {
			if strings.HasPrefix(name, kind[0]) {
				fmt.Fprintf(c.w, "%s %s\n", name, strconv.FormatFloat(values[name], 'g', -1, 64))
			}
		}
	}
	return nil, nil
}
