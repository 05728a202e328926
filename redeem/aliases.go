package redeem

import (
	"github.com/offlane/offlane/redeem/decision"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/redeem/terms"
	"github.com/offlane/offlane/redeem/trust"
)

// The values with which a point of sale calls a Terminal, so that it need not import the packages that they come from.
type (
	// An Allowance bounds a number of redemptions and their value.
	Allowance = trust.Allowance
	// A Money is an amount in the currency's smallest unit.
	Money = record.Money
	// A Place is a merchant, a store and a lane.
	Place = record.Place
	// A Reading is what the machine's clocks say at one moment.
	Reading = record.Reading
	// A Sale is the lines of a basket.
	Sale = terms.Sale
	// A Line is one line of a basket.
	Line = terms.Line
)

// What is asked and answered, of package decision.
type (
	// A Request is one attempt to redeem an offer in a sale.
	Request = decision.Request
	// An Override is a manager's word: who and why.
	Override = decision.Override
	// A Decision is the answer to a Request.
	Decision = decision.Decision
	// A Reason is one thing that speaks against allowing, or that was overridden.
	Reason = decision.Reason
	// A Policy says what a terminal may do alone.
	Policy = decision.Policy
	// A Budget is a limit that applied, and how much of it was used.
	Budget = decision.Budget
)

// The three outcomes, from best to worst.
const (
	Allow  = decision.Allow
	Ask    = decision.Ask
	Refuse = decision.Refuse
)

// ParsePolicy reads a policy from JSON, such as {"maxAlone":"72h","perHour":{"number":60}}. What it does not know it
// refuses, since a limit that is misspelt is no limit. Its error is fault.TooLarge or fault.InvalidRequest.
func ParsePolicy(data []byte) (policy Policy, err error) {
	err = policy.UnmarshalJSON(data)
	return policy, err
}
