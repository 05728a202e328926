package store

// A Settlement is what one merchant's tills redeemed of another's offers in one campaign and currency, and took back of
// it, as it was booked on one day.
type Settlement struct {
	// Owner is whose campaign it is, Partner whose tills redeemed. Day is the day (UTC) on which it was booked, as
	// YYYY-MM-DD, whenever it happened.
	Owner    string `json:"owner"`
	Partner  string `json:"partner"`
	Day      string `json:"day"`
	Campaign string `json:"campaign"`
	Currency string `json:"currency,omitempty"`
	// Redeemed and Voided count; Given and TakenBack are in minor units of Currency. A correction changes Given.
	Redeemed  int64 `json:"redeemed,omitempty"`
	Voided    int64 `json:"voided,omitempty"`
	Given     int64 `json:"given,omitempty"`
	TakenBack int64 `json:"takenBack,omitempty"`
}

// A Closing is the signed statement of what two merchants owe each other for one day.
type Closing struct {
	Owner   string `json:"owner"`
	Partner string `json:"partner"`
	Day     string `json:"day"`
	// Content is what was signed, KeyID names the key.
	Content   []byte `json:"content"`
	KeyID     string `json:"keyID"`
	Signature []byte `json:"signature"`
}
