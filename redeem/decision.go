package redeem

import (
	"slices"
	"strings"
	"time"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/redeem/terms"
)

// An Outcome is what a decision comes to.
type Outcome string

// The three outcomes, from best to worst.
const (
	// Allow: the redemption is recorded (by Redeem, not by Check); the customer gets the discount.
	Allow Outcome = "allow"
	// Ask: nothing is recorded; a manager may decide, by calling again with an Override.
	Ask Outcome = "ask"
	// Refuse: nothing is recorded and no manager can change it.
	Refuse Outcome = "refuse"
)

// A Reason is one thing that speaks against allowing, or that was overridden. A cashier's screen switches on Code;
// fault/CODES.md says what to show.
type Reason struct {
	Code fault.Code `json:"code"`
	// Outcome is what this reason alone leads to: Ask or Refuse, and with fault.Training Allow.
	Outcome Outcome `json:"outcome"`
	// Detail is a sentence for logs and support.
	Detail string `json:"detail,omitempty"`
	// Limit and Used say how far a limit is, in the unit that Detail names; both 0 where there is none.
	Limit int64 `json:"limit,omitempty"`
	Used  int64 `json:"used,omitempty"`
	// Where and At say where and when the offer was redeemed, where that is the reason and known.
	Where record.Place `json:"where,omitzero"`
	At    time.Time    `json:"at,omitzero"`
}

// A Decision is the answer to a Request.
type Decision struct {
	Outcome Outcome `json:"outcome"`
	// Reasons are all that speak against it, the gravest first. Empty with Allow, unless a manager overrode them or it is only
	// training.
	Reasons []Reason `json:"reasons,omitempty"`
	// Redemption names the record; zero unless the outcome is Allow.
	Redemption record.ID `json:"redemption,omitzero"`
	// Receipt is the short code to print; empty unless the outcome is Allow.
	Receipt record.Receipt `json:"receipt,omitempty"`
	// Again says that this sale had redeemed this offer before: nothing was recorded anew.
	Again bool `json:"again,omitempty"`
	// Offer, Alias and Campaign are what was presented, as far as it could be read. Offer is a secret of the customer's and stays
	// out of JSON; Redemption names what happened.
	Offer    offer.ID `json:"-"`
	Alias    string   `json:"alias,omitempty"`
	Campaign string   `json:"campaign,omitempty"`
	// Coupon is the number of a GS1 coupon without its serial, as in offer.Presented.
	Coupon string `json:"coupon,omitempty"`
	// Proven says that a signature showed the offer to be genuine.
	Proven bool `json:"proven"`
	// Discount is worth line by line what the terms make of the sale; zero without lines or terms.
	Discount terms.Discount `json:"discount,omitzero"`
	// Given is the amount that stands in the record, and GivenBy says who worked it out. Both are zero where nobody did: the
	// request names no amount, and there are no terms or no lines.
	Given   record.Money   `json:"given,omitzero"`
	GivenBy record.GivenBy `json:"givenBy,omitempty"`
	// UsesLeft is how many more uses of this offer the terminal may grant, after this decision.
	UsesLeft int `json:"usesLeft,omitempty"`
	// Budgets are the limits that applied and what was used of them before this decision.
	Budgets []Budget `json:"budgets,omitempty"`
	// Reservation names the reservation that holds the offer for this sale, until Until by the earliest moment that the
	// evidence of time allows. Both are zero if there is none.
	Reservation record.ID `json:"reservation,omitzero"`
	Until       time.Time `json:"until,omitzero"`
	// Training says that nothing counts: nothing was recorded, whatever the outcome, and fault.Training is among the reasons.
	Training bool `json:"training,omitempty"`
}

// Because reports whether code is among the reasons.
func (d Decision) Because(code fault.Code) bool {
	return slices.ContainsFunc(d.Reasons, func(r Reason) bool { return r.Code == code })
}

// String returns the outcome and the codes of its reasons, for logs.
func (d Decision) String() string {
	words := []string{string(d.Outcome)}
	for _, r := range d.Reasons {
		words = append(words, string(r.Code))
	}
	return strings.Join(words, " ")
}

// settle sorts the reasons and draws the outcome from them: the worst one decides, and a manager's word turns Ask into Allow.
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
