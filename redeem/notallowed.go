package redeem

import (
	"cmp"
	"errors"
	"slices"
	"sync"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
)

// A notAllowed counts what was not allowed since the last record, by reason. The counts ride on the next redemption's
// record, so that they cost no flush, and those since the last record are lost with the power.
type notAllowed struct {
	mu    sync.Mutex // guards times; held for moments
	times map[fault.Code]int
}

// count counts a redemption that was not allowed, by its gravest reason. What is no offer is not counted: one scanner
// may serve items as well.
func (n *notAllowed) count(d *Decision) {
	if d.Outcome == Allow || d.Training || len(d.Reasons) == 0 || d.Because(fault.NotAnOffer) {
		return
	}
	n.add([]record.Turned{{Reason: d.Reasons[0].Code, Times: 1}})
}

// countVoid counts a void that a limit stopped.
func (n *notAllowed) countVoid(err error) {
	if errors.Is(err, fault.OverVoids) {
		n.add([]record.Turned{{Reason: fault.OverVoids, Times: 1}})
	}
}

func (n *notAllowed) add(list []record.Turned) {
	if len(list) == 0 {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.times == nil {
		n.times = map[fault.Code]int{}
	}
	for _, counted := range list {
		n.times[counted.Reason] += counted.Times
	}
}

// remove takes the counts out, by reason.
func (n *notAllowed) remove() []record.Turned {
	n.mu.Lock()
	defer n.mu.Unlock()
	var list []record.Turned
	for reason, times := range n.times {
		list = append(list, record.Turned{Reason: reason, Times: times})
	}
	clear(n.times)
	slices.SortFunc(list, func(a, b record.Turned) int { return cmp.Compare(a.Reason, b.Reason) })
	return list
}
