package store

// A ManagementKey lets a merchant manage what is its own.
type ManagementKey struct {
	Hash     Hash   `json:"hash"`
	Merchant string `json:"merchant"`
	// Name is what the merchant calls it.
	Name string `json:"name"`
	// Configured says that it stands in the server's configuration, and counts only as long as it does.
	Configured bool `json:"configured,omitempty"`
	// Made and Blocked are in milliseconds since 1970; Blocked 0: it is not.
	Made    int64 `json:"made"`
	Blocked int64 `json:"blocked,omitempty"`
}

// A Challenge is what an enrolment signs. It is kept from its use until some time after its end.
type Challenge struct {
	Nonce [16]byte
	// Ends is in milliseconds since 1970.
	Ends int64
}
