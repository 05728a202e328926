package decision

import (
	"time"

	"github.com/offlane/offlane/redeem/internal/evidence"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/redeem/trust"
)

// A Ledger is what the terminal's journal has of one request's offer and sale, and how far its limits are. Everything
// in it was read at one moment, at which nothing else could be recorded. The zero value is that of a terminal that
// never redeemed anything.
type Ledger struct {
	// Sale are the redemptions under the request's sale key, voided or not, oldest first.
	Sale []Sold
	// SaleErr says that a record of the sale cannot be read; nil: all were.
	SaleErr error
	// Used is how many uses of the offer were granted, and Unheard how many of those the backend has not answered: by the
	// name of the offer that has most.
	Used, Unheard int
	// Holds are the reservations of the offer that are neither completed nor released.
	Holds []Hold
	// OfferErr says that a record of the offer cannot be read; nil: all were.
	OfferErr error
	// Voids are those of this offer's redemptions that were taken back wholly, where Prepared.NeedsVoids.
	Voids []Void
	// Counters say how far the limits of Prepared.Limits are, where Prepared.NeedsCounters.
	Counters Counters
	// Forgotten says what the terminal may have forgotten.
	Forgotten Forgotten
	// Hub is what the hub of the store says; nil: there is none, or it was not asked.
	Hub *HubWord
}

// Sold is a redemption of a sale.
type Sold struct {
	Record *record.Record
	// Voided says that it was taken back wholly.
	Voided bool
}

// A Hold is a reservation.
type Hold struct {
	Reservation record.ID
	// SaleKey and BusinessDate name the sale that it is for.
	SaleKey, BusinessDate string
	// Until is when it lapses, in milliseconds since 1970.
	Until int64
}

// A Void is a whole void of a redemption.
type Void struct {
	// Pending says that the backend has not answered it.
	Pending bool
	// Written is when it was recorded, in milliseconds since 1970.
	Written int64
}

// Counters are sums of redemptions.
type Counters struct {
	// Used is what is used of each of Prepared.Limits, in the currency of its limit.
	Used [maxLimits]trust.Allowance
	// Waiting is how long the oldest redemption has waited for the backend's answer; 0: none waits.
	Waiting time.Duration
	// Partial says that records could not be read, so that more was redeemed than is counted.
	Partial bool
}

// Forgotten is what a terminal may have forgotten: redemptions of which its journal knows nothing.
type Forgotten struct {
	// Cause is how it was noticed first; empty: nothing may be forgotten, or a manager ended it.
	Cause record.Cause
	// Heard is the backend's time of the first answer since, in milliseconds since 1970; 0: there was none.
	Heard int64
	// Manager says that records are missing which the backend does not have either.
	Manager bool
	// Shrunk says that the journal lost records which the terminal did not yet take into account.
	Shrunk bool
}

// covers reports whether an offer may have been redeemed in the time that was forgotten. The time at which it was
// issued is believed where the pass is signed; without a pass nobody knows it.
func (f *Forgotten) covers(p *offer.Presented) bool {
	if f.Cause == "" {
		return false
	}
	return f.Heard == 0 || p.Pass == nil || p.Pass.IssuedAt.UnixMilli() <= f.Heard+evidence.Slack.Milliseconds()
}
