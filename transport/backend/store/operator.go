package store

// An OperatorTally counts what one person did on one day at one lane, in one currency, as the records say, whatever
// their verdicts.
type OperatorTally struct {
	Day string `json:"day"`
	// Operator is the POS's name of the cashier, or of a manager; empty: the POS named none, or the name was erased.
	Operator string `json:"operator,omitempty"`
	Store    string `json:"store,omitempty"`
	Lane     string `json:"lane,omitempty"`
	// Currency is empty where the records name no amount.
	Currency string `json:"currency,omitempty"`
	// Redeemed counts redemptions and Voided voids, of which Parts were in part and Elsewhere of redemptions that another
	// terminal made.
	Redeemed  int64 `json:"redeemed"`
	Voided    int64 `json:"voided"`
	Parts     int64 `json:"parts"`
	Elsewhere int64 `json:"elsewhere"`
	// Overrides counts this person's records that a manager allowed, Allowed the records that this person allowed as a
	// manager.
	Overrides int64 `json:"overrides"`
	Allowed   int64 `json:"allowed"`
	// TakenBack is what the voids say that they take back, in minor units.
	TakenBack int64 `json:"takenBack"`
}

// An OperatorRow counts what one person did for a merchant on one day at one lane, in one currency, or is a change of
// that.
type OperatorRow struct {
	Merchant string        `json:"merchant"`
	Counts   OperatorTally `json:"counts"`
}
