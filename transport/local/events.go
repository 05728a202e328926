package local

import (
	"maps"
	"sync"

	"github.com/offlane/offlane/redeem"
)

// Events counts a terminal's events and says when a verdict came: hand its Add to redeem.Config.OnEvent. The zero value
// is ready; it may be used by several goroutines at once.
type Events struct {
	mu      sync.Mutex
	of      map[string]int64
	verdict chan struct{} // closed with the next verdict
}

// Add takes one event. It is quick and does not call the terminal, as OnEvent asks.
func (e *Events) Add(event redeem.Event) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.of == nil {
		e.of = map[string]int64{}
	}
	e.countLocked(event)
	if event.Kind == redeem.EventVerdict && e.verdict != nil {
		close(e.verdict)
		e.verdict = nil
	}
}

func (e *Events) countLocked(event redeem.Event) {
	switch event.Kind {
	case redeem.EventDecision:
		e.of["decision "+string(event.Decision.Outcome)]++
		for _, reason := range event.Decision.Reasons {
			e.of["reason "+string(reason.Code)]++
		}
	case redeem.EventReported:
		e.of["reported"] += int64(event.Count)
	case redeem.EventVerdict:
		e.of["verdict "+string(event.Verdict.Status)]++
	case redeem.EventReportFailed, redeem.EventHeld:
		e.of[string(event.Kind)+" "+string(event.Code)]++
	default: // kinds of later versions, too
		e.of[string(event.Kind)]++
	}
}

// counts returns what happened so far; nil where nobody counts.
func (e *Events) counts() map[string]int64 {
	if e == nil {
		return nil
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	return maps.Clone(e.of)
}

// next is closed with the next verdict; nil where nobody says so.
func (e *Events) next() <-chan struct{} {
	if e == nil {
		return nil
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.verdict == nil {
		e.verdict = make(chan struct{})
	}
	return e.verdict
}
