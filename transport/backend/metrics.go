package backend

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// pathMetrics has the metrics in Prometheus's text format (GET), on the management handler, without a key.
const pathMetrics = "/metrics"

// metrics are since the process started, by name with labels as Prometheus writes them.
type metrics struct {
	mu     sync.Mutex
	values map[string]float64
}

func (c *metrics) add(name string, by float64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.values[name] += by
}

// request counts an answer. The labels come from the routes and the contract, never from the request.
func (c *metrics) request(pattern string, status int, took time.Duration) {
	route := strconv.Quote(pattern)
	c.add(fmt.Sprintf("offlane_requests_total{route=%s,status=\"%d\"}", route, status), 1)
	c.add("offlane_request_seconds_sum{route="+route+"}", took.Seconds())
	c.add("offlane_request_seconds_count{route="+route+"}", 1)
}

func (s *Server) getMetrics(*call) (any, error) {
	s.metrics.mu.Lock()
	defer s.metrics.mu.Unlock()
	var text bytes.Buffer
	names := slices.Sorted(maps.Keys(s.metrics.values))
	for _, kind := range []string{"offlane_requests_total counter", "offlane_request_seconds summary",
		"offlane_verdicts_total counter"} {
		fmt.Fprintf(&text, "# TYPE %s\n", kind)
		prefix, _, _ := strings.Cut(kind, " ")
		for _, name := range names {
			if strings.HasPrefix(name, prefix) {
				fmt.Fprintf(&text, "%s %g\n", name, s.metrics.values[name])
			}
		}
	}
	return file{"text/plain; version=0.0.4; charset=utf-8", text.Bytes()}, nil
}
