package decision

import (
	"slices"

	"github.com/offlane/offlane/redeem/fault"
)

// newReason makes a reason of an error. Its detail does not say the code again, which stands beside it.
func newReason(outcome Outcome, err error) Reason {
	r := Reason{Code: fault.CodeOf(err), Outcome: outcome, Detail: err.Error()}
	if f, ok := err.(*fault.Error); ok {
		r.Detail = f.Detail
	}
	return r
}

// addReason adds the reason that an error is, and returns it for what else there is to say. It is good until the next
// one is added.
func addReason(list *[]Reason, outcome Outcome, err error) *Reason {
	*list = append(*list, newReason(outcome, err))
	return &(*list)[len(*list)-1]
}

// hasReason reports whether a code is among reasons.
func hasReason(list []Reason, code fault.Code) bool {
	return slices.ContainsFunc(list, func(r Reason) bool { return r.Code == code })
}

// settle sorts the reasons and draws the outcome from them: the worst one decides, and a manager's word turns Ask into
// Allow.
func (d *Decision) settle(override *Override, unattended bool) {
	d.Outcome = Allow
	for i, r := range d.Reasons {
		if unattended && r.Outcome == Ask {
			d.Reasons[i].Outcome = Refuse
		}
	}
	slices.SortStableFunc(d.Reasons, func(a, b Reason) int { return gravity(b.Outcome) - gravity(a.Outcome) })
	if len(d.Reasons) > 0 {
		d.Outcome = d.Reasons[0].Outcome
	}
	if d.Outcome == Ask && override != nil {
		d.Outcome = Allow
	}
}

func gravity(o Outcome) int {
	switch o {
	case Refuse:
		return 2
	case Ask:
		return 1
	}
	return 0
}

// train marks a decision of which nothing counts.
func (d *Decision) train() {
	d.Training = true
	addReason(&d.Reasons, Allow,
		fault.New(fault.Training, "", "the terminal is in training mode: nothing is recorded and nothing counts"))
}
