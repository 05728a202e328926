package till

import (
	"maps"
	"sync"

	"github.com/offlane/offlane/redeem"
)

// Counts counts a terminal's events by what they tell, as a program does that has a metrics system: hand its Event to
// redeem.Config.OnEvent. The zero value is ready; it may be used by several goroutines at once.
type Counts struct {
	mu sync.Mutex
	of map[string]int
}

// Event counts one event. It is quick and does not call the terminal, as OnEvent asks.
func (c *Counts) Event(e redeem.Event) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.of == nil {
		c.of = map[string]int{}
	}
	switch e.Kind {
	case redeem.EventDecision:
		c.of["decision "+string(e.Decision.Outcome)]++
		for _, reason := range e.Decision.Reasons {
			c.of["reason "+string(reason.Code)]++
		}
	case redeem.EventReported:
		c.of["records reported"] += e.Count
	case redeem.EventVerdict:
		c.of["verdict "+string(e.Verdict.Status)]++
	case redeem.EventReportFailed, redeem.EventHeld:
		c.of[string(e.Kind)+" "+string(e.Code)]++
	default: // kinds of later versions, too
		c.of[string(e.Kind)]++
	}
}

// All returns the counts of this moment.
func (c *Counts) All() map[string]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.of)
}
