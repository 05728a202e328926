package redeem

import (
	"cmp"
	"slices"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
)

// countNotAllowed counts a redemption that was not allowed, by its gravest reason. The counts ride on the next redemption's
// record, so that they cost no flush, and those since the last record are lost with the power. What is no offer is not
// counted: one scanner may serve items as well.
func (t *Terminal) countNotAllowed(d *Decision) {
	if d.Outcome == Allow || d.Training || len(d.Reasons) == 0 || d.Because(fault.NotAnOffer) {
		return
	}
	t.addNotAllowed([]record.Turned{{Reason: d.Reasons[0].Code, Times: 1}})
}

func (t *Terminal) addNotAllowed(list []record.Turned) {
	if len(list) == 0 {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.notAllowed == nil {
		t.notAllowed = map[fault.Code]int{}
	}
	for _, counted := range list {
		t.notAllowed[counted.Reason] += counted.Times
	}
}

// takeNotAllowed takes the counts out, by reason.
func (t *Terminal) takeNotAllowed() []record.Turned {
	t.mu.Lock()
	defer t.mu.Unlock()
	var list []record.Turned
	for reason, times := range t.notAllowed {
		list = append(list, record.Turned{Reason: reason, Times: times})
	}
	clear(t.notAllowed)
	slices.SortFunc(list, func(a, b record.Turned) int { return cmp.Compare(a.Reason, b.Reason) })
	return list
}
