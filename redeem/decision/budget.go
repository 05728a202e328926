package decision

import "github.com/offlane/offlane/redeem/trust"

// A Budget is a limit that applied to a decision or a void, and how much of it was used before it.
type Budget struct {
	// Name is the limit's: perHour, unreported, perCampaign, unprovenPerDay, withoutHub, voidsPerOffer, voidsPerOperator
	// or voidsPerHour, as in Policy.
	Name string `json:"name"`
	// Campaign is set where the limit is of one campaign.
	Campaign string `json:"campaign,omitempty"`
	// Operator is whose voids are counted, with voidsPerOperator; empty: of calls that named none.
	Operator string `json:"operator,omitempty"`
	// Limit is what is allowed and Used what was used of it. A number or value of zero in Limit is no limit.
	Limit trust.Allowance `json:"limit"`
	Used  trust.Allowance `json:"used"`
}
