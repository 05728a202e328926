package decision

import (
	"time"

	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/redeem/trust"
)

// Facts are what a terminal knows when a request comes, beside its journal.
type Facts struct {
	// Policy says what the terminal may do alone. Required.
	Policy *Policy
	// Time is what is known of the time.
	Time record.Evidence
	// Claimed is the present by a statement of time that nothing confirms, in milliseconds since 1970; 0: there is none.
	Claimed int64
	// Zone is where the store's days begin and end. Required.
	Zone *time.Location
	// Place is where the terminal stands.
	Place record.Place
	// Bundle is the trust bundle in force; nil: none.
	Bundle *trust.Bundle
	// Keys are the issuers' keys.
	Keys offer.Keys
	// SetUp says that the terminal is enrolled, or has at least an issuer's key.
	SetUp bool
	// Blocked says that the merchant blocked the terminal, which then refuses everything; nil: it is not blocked.
	Blocked error
}

func moment(millis int64) string { return time.UnixMilli(millis).UTC().Format(time.RFC3339) }
