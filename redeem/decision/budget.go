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

// A CounterKind says which redemptions a counter counts. Those that were voided in full count in none.
type CounterKind uint8

// The kinds of counters. Those that end in Of count the redemptions of one campaign.
const (
	// Hourly counts all within 60 minutes.
	Hourly CounterKind = iota
	// Unanswered counts what the backend has not answered.
	Unanswered
	UnansweredOf
	// UnprovenDaily counts what was redeemed without a signature within 24 hours.
	UnprovenDaily
	UnprovenDailyOf
	// WithoutHubDaily counts what was redeemed while the store's hub did not answer, within 24 hours.
	WithoutHubDaily
	// CounterKinds is how many kinds there are.
	CounterKinds
)

// OfCampaign reports whether a kind counts the redemptions of one campaign.
func (k CounterKind) OfCampaign() bool { return k == UnansweredOf || k == UnprovenDailyOf }

// A CounterKey names a counter. Campaign is empty unless the kind is one of a campaign.
type CounterKey struct {
	Kind     CounterKind
	Campaign string
}

// A Limit is a limit that applies to a request, with the counter that counts against it.
type Limit struct {
	// Name is as in Budget.
	Name    string
	Allowed trust.Allowance
	Counter CounterKey
}
