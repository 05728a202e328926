package local

import (
	"bytes"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// Version is the version of the contract, which a caller names in the header Header.
const Version = "1"

// Health says that the service works and what it can do.
type health struct {
	Status  string   `json:"status"`
	Version string   `json:"version"`
	Calls   []string `json:"calls"`
}

func (s *Service) getHealth(w http.ResponseWriter, _ *http.Request) {
	write(w, http.StatusOK, "application/json", health{"ok", Version, slices.Sorted(maps.Keys(s.calls))})
}

// getMetrics writes the counts and how the terminal stands, in the text format of Prometheus.
func (s *Service) getMetrics(w http.ResponseWriter, _ *http.Request) {
	var text bytes.Buffer
	counts := s.events.counts()
	fmt.Fprintln(&text, "# TYPE offlane_terminal_events_total counter")
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		kind, what, _ := strings.Cut(name, " ")
		fmt.Fprintf(&text, "offlane_terminal_events_total{kind=%q,what=%q} %d\n", kind, what, counts[name])
	}
	now := s.terminal.Status()
	for _, gauge := range []struct {
		name  string
		value float64
	}{
		{"pending", float64(now.Pending)}, {"verdicts", float64(now.Verdicts)}, {"quarantined", float64(now.Quarantined)},
		{"set_aside", float64(len(now.SetAside))}, {"damage", float64(len(now.Damage))}, {"failures", float64(now.Failures)},
		{"enrolled", truth(now.Enrolled)}, {"held", truth(now.Held != "")}, {"blocked", truth(!now.Blocked.IsZero())},
		{"forgotten", truth(now.Forgotten != nil)}, {"clock_trusted", truth(now.ClockTrusted)},
		{"bundle_refused", truth(now.BundleRefused != "")}, {"oldest_pending_seconds", age(now.Oldest)},
	} {
		fmt.Fprintf(&text, "# TYPE offlane_terminal_%s gauge\nofflane_terminal_%[1]s %g\n", gauge.name, gauge.value)
	}
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write(text.Bytes())
}

func truth(is bool) float64 {
	if is {
		return 1
	}
	return 0
}
