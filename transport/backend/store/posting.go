package store

// A LedgerRow is a row of the ledger, or a change of one. The row of a campaign and currency without Ends holds what
// was accepted, given and taken back; those with an end hold the liability that leaves the books on that day.
type LedgerRow struct {
	Campaign string `json:"campaign"`
	Currency string `json:"currency"`
	// Ends is the first day (UTC, YYYY-MM-DD) on which the liability counts no more; empty: the row has none.
	Ends string `json:"ends,omitempty"`
	// Accepted counts offers; the others are in minor units of Currency.
	Accepted  int64 `json:"accepted,omitempty"`
	Given     int64 `json:"given,omitempty"`
	TakenBack int64 `json:"takenBack,omitempty"`
	Liability int64 `json:"liability,omitempty"`
}

// A Posting is what one transaction adds to the ledger, to the figures, to those of operators, to settlements and to
// measures. Each list has a row once, and is in the order in which all transactions change rows.
type Posting struct {
	Ledger      []LedgerRow
	Tallies     []Tally
	Operators   []OperatorRow
	Settlements []Settlement
	Measures    []Measure
}

// A Spent is what a campaign gave in a currency, what of it was taken back, and what accepted offers can still give, in
// minor units.
type Spent struct{ Given, TakenBack, Liability int64 }
