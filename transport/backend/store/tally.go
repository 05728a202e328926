package store

import (
	"strings"

	"github.com/offlane/offlane/redeem/record"
)

// A Tally counts what happened in one campaign, store and day, in one currency; the currency is empty where no amount
// is known. Accepted and Shown have no merchant and store.
type Tally struct {
	Campaign string `json:"campaign"`
	Merchant string `json:"merchant,omitempty"`
	Store    string `json:"store,omitempty"`
	Day      string `json:"day"`
	Currency string `json:"currency,omitempty"`
	// Accepted offers, and how often the campaign was shown as an answer.
	Accepted int64 `json:"accepted"`
	Shown    int64 `json:"shown"`
	// Redeemed, voided, corrected, duplicate, rejected and quarantined records.
	Redeemed    int64 `json:"redeemed"`
	Voided      int64 `json:"voided"`
	Corrected   int64 `json:"corrected"`
	Duplicates  int64 `json:"duplicates"`
	Rejected    int64 `json:"rejected"`
	Quarantined int64 `json:"quarantined"`
	// Waiting counts voids and corrections whose redemption has not come, and WaitingAmount what they name, in minor
	// units.
	Waiting       int64 `json:"waiting"`
	WaitingAmount int64 `json:"waitingAmount"`
	// Given is the sum of the discounts of confirmed redemptions, with their corrections, and TakenBack what confirmed
	// voids took back of them, in minor units.
	Given     int64 `json:"given"`
	TakenBack int64 `json:"takenBack"`
	// Delay is the sum of the seconds from acceptance to redemption over the confirmed redemptions.
	Delay int64 `json:"delaySeconds"`
}

// TallyOf is what an entry adds to the figures as it stands.
func TallyOf(e *Entry) Tally {
	t := Tally{Campaign: e.Campaign, Merchant: e.Place.Merchant, Store: e.Place.Store, Day: e.Day,
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

// plus is the tally with the figures of another so many times, such as -1.
func plus(t, other Tally, times int64) Tally {
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
func bare(t Tally) Tally {
	return Tally{Campaign: t.Campaign, Merchant: t.Merchant, Store: t.Store, Day: t.Day, Currency: t.Currency}
}

// IsNothing reports whether a tally counts nothing, as where all that it counted is counted elsewhere now. Tallies
// leave it out.
func IsNothing(t Tally) bool { return t == bare(t) }

// keyOf is what a tally is kept under: its parts joined by zero bytes, which none of them holds.
func keyOf(t *Tally) string {
	return strings.Join([]string{t.Campaign, t.Day, t.Merchant, t.Store, t.Currency}, "\x00")
}
