package posting

import (
	"strings"
	"time"

	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/backend/store"
)

// DayOf is the day (UTC) of a moment in milliseconds since 1970, as YYYY-MM-DD.
func DayOf(millis int64) string { return time.UnixMilli(millis).UTC().Format(time.DateOnly) }

// TallyOf is what an entry adds to the figures as it stands.
func TallyOf(e *store.Entry) store.Tally {
	t := store.Tally{Campaign: e.Campaign, Merchant: e.Place.Merchant, Store: e.Place.Store, Day: e.Day,
		Currency: e.Given.Currency}
	switch e.Effect {
	case Gave:
		t.Redeemed, t.Given, t.Delay = 1, e.Given.Amount, e.Delay
	case TookBack:
		t.Voided, t.TakenBack = 1, e.Given.Amount
	case Corrected:
		t.Corrected = 1
	case Waits:
		t.Waiting, t.WaitingAmount = 1, e.Given.Amount
	}
	switch e.Verdict.Status {
	case record.Duplicate:
		t.Duplicates = 1
	case record.Rejected:
		t.Rejected = 1
	case record.Quarantined:
		t.Quarantined = 1
	}
	return t
}

// AddTally is the tally with the figures of another so many times, such as -1.
func AddTally(t, other store.Tally, times int64) store.Tally {
	t.Accepted, t.Shown = t.Accepted+times*other.Accepted, t.Shown+times*other.Shown
	t.Redeemed, t.Voided, t.Corrected = t.Redeemed+times*other.Redeemed, t.Voided+times*other.Voided, t.Corrected+
		times*other.Corrected
	t.Duplicates, t.Rejected = t.Duplicates+times*other.Duplicates, t.Rejected+times*other.Rejected
	t.Quarantined, t.Delay = t.Quarantined+times*other.Quarantined, t.Delay+times*other.Delay
	t.Waiting, t.WaitingAmount = t.Waiting+times*other.Waiting, t.WaitingAmount+times*other.WaitingAmount
	t.Given, t.TakenBack = t.Given+times*other.Given, t.TakenBack+times*other.TakenBack
	return t
}

// bare is a tally that counts nothing.
func bare(t store.Tally) store.Tally {
	return store.Tally{Campaign: t.Campaign, Merchant: t.Merchant, Store: t.Store, Day: t.Day, Currency: t.Currency}
}

// IsNothing reports whether a tally counts nothing, as where all that it counted is counted elsewhere now. Tallies
// leave it out.
func IsNothing(t store.Tally) bool { return t == bare(t) }

// TallyKey is what a tally is kept under: its parts joined by zero bytes, which none of them holds.
func TallyKey(t *store.Tally) string {
	return strings.Join([]string{t.Campaign, t.Day, t.Merchant, t.Store, t.Currency}, "\x00")
}
