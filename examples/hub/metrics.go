package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
)

// writeMetrics writes how the hub stands in Prometheus's text format.
func writeMetrics(w io.Writer, now standing) {
	for _, m := range []struct {
		name, kind, help string
		value            uint64
	}{
		{"offlane_hub_epoch", "gauge", "number of the epoch; 0: it hears which ones its lanes know", now.Hub.Epoch},
		{"offlane_hub_passed_by", "gauge", "a higher epoch that a lane knows; 0: none", now.Hub.PassedBy},
		{"offlane_hub_may_host", "gauge", "1: the trust bundle lets it be the hub", count(now.MayHost)},
		{"offlane_hub_lanes", "gauge", "terminals of the store, the hub's own among them", uint64(now.Peers)},
		{"offlane_hub_lanes_missing", "gauge", "lanes that have not told what they hold", uint64(len(now.Hub.Missing))},
		{"offlane_hub_claims", "gauge", "claims that it knows", uint64(now.Hub.Claims)},
		{"offlane_hub_connections", "gauge", "open connections", uint64(now.Hub.Connections)},
		{"offlane_hub_tunnels", "gauge", "tunnels to the backend", uint64(now.Hub.Tunnels)},
		{"offlane_hub_flushes_total", "counter", "flushes of its journal", now.Hub.Flushes},
	} {
		fmt.Fprintf(w, "# HELP %s %s\n# TYPE %s %s\n%s %d\n", m.name, m.help, m.name, m.kind, m.name, m.value)
	}
	const results = "offlane_hub_results_total"
	fmt.Fprintf(w, "# HELP %s what claims came to\n# TYPE %s counter\n", results, results)
	for _, result := range slices.Sorted(maps.Keys(now.Hub.Results)) {
		fmt.Fprintf(w, "%s{result=%q} %d\n", results, string(result), now.Hub.Results[result])
	}
}

func count(yes bool) uint64 {
	if yes {
		return 1
	}
	return 0
}
