package decision

import (
	"time"

	"github.com/offlane/offlane/redeem/trust"
)

// A Policy says what a terminal may do alone. The zero value asks a manager wherever the terminal cannot be sure and
// sets no limits. In JSON durations are text such as "36h" or "90m".
//
// A limit that a redemption would exceed asks a manager, and so does one that a void would exceed. What was voided in
// full does not count among redemptions.
type Policy struct {
	// MaxAlone is how long the machine's wall clock is believed after the last signed server time, and how far a signed
	// time may go ahead over a restart of the machine and count at once; 0: 7 days. A negative value believes the wall
	// clock always, for machines whose clock the vendor vouches for by other means.
	MaxAlone time.Duration
	// MaxBundleAge is how old the trust bundle may be before a manager is asked; 0: any age, and none at all.
	MaxBundleAge time.Duration
	// MaxUnreported is how old the oldest redemption may be that the backend has not answered, before a manager is asked;
	// 0: any age.
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
	// PerCampaign bounds the redemptions of one campaign that the backend has not answered, for campaigns of which the
	// trust bundle has no limit of its own; zero: no limit.
	PerCampaign trust.Allowance
	// UnprovenPerDay is what may be redeemed within any 24 hours of offers that carry no signature, for campaigns of
	// which the trust bundle does not say; zero: none without a manager.
	UnprovenPerDay trust.Allowance
	// WithoutHub bounds what is redeemed within any 24 hours while the hub of the store does not answer, for a terminal
	// with a Config.Hub; zero: no limit of its own.
	WithoutHub trust.Allowance
	// VoidsPerOffer bounds how often the terminal takes redemptions of one offer back wholly, as long as it remembers the
	// offer; 0: no limit. Each such void frees a use, so without a limit one offer may be redeemed in any number of sales.
	VoidsPerOffer int
	// VoidsPerOperator bounds the voids of one operator within any 24 hours, in number and in what they take back; those
	// in part count too, and calls that name no operator count together. Zero: no limit, but Status counts them.
	VoidsPerOperator trust.Allowance
	// VoidsPerHour bounds all voids together within any 60 minutes, as VoidsPerOperator; zero: no limit, but Status counts
	// them.
	VoidsPerHour trust.Allowance
}
