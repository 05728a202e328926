package rules

import (
	"slices"

	"github.com/offlane/offlane/redeem/decision"
	"github.com/offlane/offlane/redeem/fault"
)

// newReason makes a reason of an error. Its detail does not say the code again, which stands beside it.
func newReason(outcome decision.Outcome, err error) decision.Reason {
	r := decision.Reason{Code: fault.CodeOf(err), Outcome: outcome, Detail: err.Error()}
	if f, ok := err.(*fault.Error); ok {
		r.Detail = f.Detail
	}
	return r
}

// addReason adds the reason that an error is, and returns it for what else there is to say. It is good until the next
// one is added.
func addReason(list *[]decision.Reason, outcome decision.Outcome, err error) *decision.Reason {
	*list = append(*list, newReason(outcome, err))
	return &(*list)[len(*list)-1]
}

// hasReason reports whether a code is among reasons.
func hasReason(list []decision.Reason, code fault.Code) bool {
	return slices.ContainsFunc(list, func(r decision.Reason) bool { return r.Code == code })
}

// settle sorts the reasons and draws the outcome from them: the worst one decides, and a manager's word turns Ask into
// Allow.
func settle(d *decision.Decision, override *decision.Override, unattended bool) {
	d.Outcome = decision.Allow
	for i, r := range d.Reasons {
		if unattended && r.Outcome == decision.Ask {
			d.Reasons[i].Outcome = decision.Refuse
		}
	}
	slices.SortStableFunc(d.Reasons, func(a, b decision.Reason) int { return gravity(b.Outcome) - gravity(a.Outcome) })
	if len(d.Reasons) > 0 {
		d.Outcome = d.Reasons[0].Outcome
	}
	if d.Outcome == decision.Ask && override != nil {
		d.Outcome = decision.Allow
	}
}

func gravity(o decision.Outcome) int {
	switch o {
	case decision.Refuse:
		return 2
	case decision.Ask:
		return 1
	}
	return 0
}

// train marks a decision of which nothing counts.
func train(d *decision.Decision) {
	d.Training = true
	addReason(&d.Reasons, decision.Allow,
		fault.New(fault.Training, "", "the terminal is in training mode: nothing is recorded and nothing counts"))
}
