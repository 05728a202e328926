package rules

import "github.com/offlane/offlane/redeem/trust"

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
