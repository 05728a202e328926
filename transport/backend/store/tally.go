package store

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
