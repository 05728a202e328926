package decision

import (
	"fmt"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/trust"
)

// A VoidLimit is a limit of voids, with what one call takes of it.
type VoidLimit struct {
	// Budget is the limit, and how much of it was used before the call.
	Budget Budget
	// Takes is how many voids the call makes, and what they take back in the limit's currency.
	Takes trust.Allowance
	// OtherCurrency is another one in which they take something back; empty: there is none.
	OtherCurrency string
	// Partial says that records could not be read, so that more was used than is counted.
	Partial bool
}

// WeighVoids returns the reasons against a call that voids, one for each limit that it would exceed, and what they lead
// to: Ask, Refuse where nobody is there to be asked, and Allow where there are none or a manager overrode them.
func WeighVoids(limits []VoidLimit, override *Override, unattended bool) ([]Reason, Outcome) {
	var d Decision
	for i := range limits {
		limits[i].weigh(&d)
	}
	d.settle(override, unattended)
	return d.Reasons, d.Outcome
}

// weigh adds a reason where the call would exceed the limit, with the number where that is the reason, or cannot be
// told.
func (v *VoidLimit) weigh(d *Decision) {
	limit, used := v.Budget.Limit, v.Budget.Used
	detail, byValue := v.whyExceeded()
	if detail == "" {
		return
	}
	reason := d.addReason(Ask, fault.New(fault.OverVoids, "", "%s", detail))
	reason.Limit, reason.Used = limit.Value, used.Value
	if limit.Number > 0 && !byValue {
		reason.Limit, reason.Used = int64(limit.Number), int64(used.Number)
	}
}

// whyExceeded says why the call would exceed the limit, and whether in value; empty: it would not.
func (v *VoidLimit) whyExceeded() (detail string, byValue bool) {
	name, limit, used := v.Budget.Name, v.Budget.Limit, v.Budget.Used
	switch {
	case v.Partial:
		return "the journal cannot be read whole, so that the limit " + name + " counts too little: ask a manager", false
	case limit.Value > 0 && v.OtherCurrency != "":
		return fmt.Sprintf("the limit %s counts %s and cannot bound %s: ask a manager", name, limit.Currency,
			v.OtherCurrency), false
	case limit.Number > 0 && used.Number+v.Takes.Number > limit.Number:
		return fmt.Sprintf("%d of the %d voids that the limit %s allows are used, and this takes %d: ask a manager",
			used.Number, limit.Number, name, v.Takes.Number), false
	case limit.Value > 0 && used.Value+v.Takes.Value > limit.Value:
		return fmt.Sprintf("%d of the %d %s that the limit %s allows are taken back, and this takes %d: ask a manager",
			used.Value, limit.Value, limit.Currency, name, v.Takes.Value), true
	}
	return "", false
}
