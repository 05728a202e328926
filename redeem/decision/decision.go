package decision

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
	// Begins and Ends are the offer's first moment and the first moment after it, with fault.NotYetValid and
	// fault.Expired. Ends is set with fault.ClockUntrusted as well where whether it has ended depends on the clock.
	Begins time.Time `json:"begins,omitzero"`
	Ends   time.Time `json:"ends,omitzero"`
	// Missing and MissingQuantity are what the eligible lines lack to the offer's minimums, with fault.NothingEligible;
	// zero where a minimum is reached or there is none.
	Missing         record.Money   `json:"missing,omitzero"`
	MissingQuantity terms.Quantity `json:"missingQuantity,omitzero"`
	// Position is that of the wrong symbol, from 1 and without separators, with fault.Mistyped, or the first one's of
	// two, with fault.Swapped; 0: no single place is to blame.
	Position int `json:"position,omitempty"`
	// Other is the other redemption, with fault.NotCombinable, fault.AlreadyRedeemed and fault.Conflict, where it is
	// known.
	Other Other `json:"other,omitzero"`
}

// An Other is a redemption that stands in the way.
type Other struct {
	Redemption record.ID      `json:"redemption,omitzero"`
	Receipt    record.Receipt `json:"receipt,omitempty"`
	// Campaign is its campaign, Title what that is called; empty where it is not known.
	Campaign string `json:"campaign,omitempty"`
	Title    string `json:"title,omitempty"`
}

// A Decision is the answer to a Request.
type Decision struct {
	Outcome Outcome `json:"outcome"`
	// Reasons are all that speak against it, the gravest first. Empty with Allow, unless a manager overrode them or it is
	// only training.
	Reasons []Reason `json:"reasons,omitempty"`
	// Redemption names the record, the first one of several uses; zero unless the outcome is Allow, but that with
	// fault.Conflict it names the earlier record.
	Redemption record.ID `json:"redemption,omitzero"`
	// Receipt is the short code to print; empty where Redemption is zero.
	Receipt record.Receipt `json:"receipt,omitempty"`
	// Redemptions and Receipts are those of all uses, Redemption and Receipt the first ones.
	Redemptions []record.ID      `json:"redemptions,omitempty"`
	Receipts    []record.Receipt `json:"receipts,omitempty"`
	// Again says that this sale had redeemed this offer before: nothing was recorded anew, and Given and Discount are
	// what stands in the record, the last correction included.
	Again bool `json:"again,omitempty"`
	// Differs says, with Again, that the request is for other lines, another amount or another number of uses than
	// stand in the record: Correct brings the amount in line.
	Differs bool `json:"differs,omitempty"`
	// Made is when the record was made by the clock of then, with Again and with fault.Conflict; zero otherwise.
	Made time.Time `json:"made,omitzero"`
	// Offer, Alias and Campaign are what was presented, as far as it could be read. Offer is a secret of the customer's
	// and stays out of JSON; Redemption names what happened.
	Offer    offer.ID `json:"-"`
	Alias    string   `json:"alias,omitempty"`
	Campaign string   `json:"campaign,omitempty"`
	// Title is what the campaign is called on a cashier's screen; empty where the trust bundle does not say.
	Title string `json:"title,omitempty"`
	// Terms are the offer's, by its pass or its campaign; zero: not known here.
	Terms terms.Terms `json:"terms,omitzero"`
	// NotBefore and NotAfter are the offer's first moment and the first moment after it, as far as known; zero: no
	// bound.
	NotBefore time.Time `json:"notBefore,omitzero"`
	NotAfter  time.Time `json:"notAfter,omitzero"`
	// Coupon is the number of a GS1 coupon without its serial, as in offer.Presented.
	Coupon string `json:"coupon,omitempty"`
	// Proven says that a signature showed the offer to be genuine.
	Proven bool `json:"proven"`
	// Discount is worth line by line what the terms make of the sale; zero without lines or terms.
	Discount terms.Discount `json:"discount,omitzero"`
	// Given is the amount that stands in the record, of several uses together, and GivenBy says who worked it out. Both
	// are zero where nobody did: the request names no amount, and there are no terms or no lines.
	Given   record.Money   `json:"given,omitzero"`
	GivenBy record.GivenBy `json:"givenBy,omitempty"`
	// UsesLeft is how many more uses of this offer the terminal may grant as far as it knows, after this decision:
	// those that are neither granted nor reserved. 0 also for a coupon that identifies no single offer.
	UsesLeft int `json:"usesLeft,omitempty"`
	// Budgets are the limits that applied and what was used of them before this decision.
	Budgets []Budget `json:"budgets,omitempty"`
	// Reservation names the reservation that holds the offer for this sale, until Until by the earliest moment that the
	// evidence of time allows. Both are zero if there is none.
	Reservation record.ID `json:"reservation,omitzero"`
	Until       time.Time `json:"until,omitzero"`
	// Notes are circumstances that a record of this decision tells of, such as record.HubUnreachable.
	Notes []record.Note `json:"notes,omitempty"`
	// Training says that nothing counts: nothing was recorded, whatever the outcome, and fault.Training is among the
	// reasons.
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
