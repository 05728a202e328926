package redeem

import (
	"time"

	"github.com/offlane/offlane/redeem/trust"
)

// A Policy says what a terminal may do alone. The zero value asks a manager wherever the terminal cannot be sure and sets no
// limits. In JSON durations are text such as "36h" or "90m"; ParsePolicy reads it.
//
// A limit that a redemption would exceed asks a manager. What was voided in full does not count.
type Policy struct {
	// MaxAlone is how long the machine's wall clock is believed after the last signed server time; 0: 7 days. A negative value
	// believes it always, for machines whose clock the vendor vouches for by other means.
	MaxAlone time.Duration
	// MaxBundleAge is how old the trust bundle may be before a manager is asked; 0: any age, and none at all.
	MaxBundleAge time.Duration
	// MaxUnreported is how old the oldest redemption may be that the backend has not answered, before a manager is asked; 0: any
	// age.
	MaxUnreported time.Duration
	// Unattended refuses whatever would otherwise be asked: nobody stands at the terminal.
	Unattended bool
	// Training decides as always and records nothing; every decision says so. Request.Training does so for one request.
	Training bool
	// MaxUses bounds how often the terminal grants one offer, whatever a pass allows; 0: as the pass says.
	MaxUses int
	// PerHour bounds all redemptions together within any 60 minutes; zero: no limit.
	PerHour trust.Allowance
	// Unreported bounds all redemptions together that the backend has not answered; zero: no limit.
	Unreported trust.Allowance
	// PerCampaign bounds the redemptions of one campaign that the backend has not answered, for campaigns of which the trust
	// bundle has no limit of its own; zero: no limit.
	PerCampaign trust.Allowance
	// UnprovenPerDay is what may be redeemed within any 24 hours of offers that carry no signature, for campaigns of which the
	// trust bundle does not say; zero: none without a manager.
	UnprovenPerDay trust.Allowance
}
