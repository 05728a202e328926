package store

// A Device is a customer's device that accepted offers and was not forgotten. Its secret is good as long as this row is
// there.
type Device struct {
	// Hash is that of its secret.
	Hash Hash `json:"hash"`
	// Personal, Measurement and Export are what the customer agreed to, by purpose.
	Personal    Consent `json:"personal,omitzero"`
	Measurement Consent `json:"measurement,omitzero"`
	Export      Consent `json:"export,omitzero"`
	// GPC is when the device was first seen to send Global Privacy Control, in milliseconds since 1970; 0: it does not.
	GPC int64 `json:"gpc,omitempty"`
	// Withdrew says that the customer took a consent to measurement back: the device enters no trial any more, so that it
	// counts in none twice.
	Withdrew bool `json:"withdrew,omitempty"`
	// Origin is of which page it is a device; empty: the backend's own, or an app.
	Origin string `json:"origin,omitempty"`
	// Last is when it accepted an offer last, in milliseconds since 1970, and Accepted how many it accepted.
	Last     int64 `json:"last"`
	Accepted int   `json:"accepted"`
}

// A Consent is what a customer agreed to for one purpose. The zero Consent is none.
type Consent struct {
	// At is when, in milliseconds since 1970. Text names the version of the text that the customer read; empty: not known.
	At   int64  `json:"at"`
	Text string `json:"text,omitempty"`
}
