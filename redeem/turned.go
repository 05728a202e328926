package redeem

import (
	"cmp"
	"slices"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
)

// countTurned counts a redemption that was not allowed, by its gravest reason. The counts ride on the next redemption's
// record, so that they cost no flush, and those since the last record are lost with the power. What is no offer is not
// counted: one scanner may serve items as well.
func (t *Terminal) countTurned(d *Decision) {
	if d.Outcome == Allow || d.Training || len(d.Reasons) == 0 || d.Because(fault.NotAnOffer) {
		return
	}
	t.addTurned([]record.Turned{{Reason: d.Reasons[0].Code, Times: 1}})
}

func (t *Terminal) addTurned(list []record.Turned) {
	if len(list) == 0 {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.turned == nil {
		t.turned = map[fault.Code]int{}
	}
	for _, counted := range list {
		t.turned[counted.Reason] += counted.Times
	}
}

// takeTurned takes the counts out, by reason.
func (t *Terminal) takeTurned() []record.Turned {
	t.mu.Lock()
	defer t.mu.Unlock()
	var list []record.Turned
	for reason, times := range t.turned {
		list = append(list, record.Turned{Reason: reason, Times: times})
	}
	clear(t.turned)
	slices.SortFunc(list, func(a, b record.Turned) int { return cmp.Compare(a.Reason, b.Reason) })
	return list
}
