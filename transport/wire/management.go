package wire

// A NewCode is the body of POST /v1/management/codes: it asks for an enrolment code.
type NewCode struct {
	// Store is the store that the code's terminals belong to, 1 to 64 bytes.
	Store string `json:"store"`
	// Terminals is how many terminals may enrol with it; 0: 1.
	Terminals int `json:"terminals,omitempty"`
	// Expires is when it ends, in milliseconds since 1970; 0: never.
	Expires int64 `json:"expires,omitempty"`
}

// A Code is an enrolment code: valid for one store and a number of terminals.
type Code struct {
	Code      string `json:"code"`
	Store     string `json:"store"`
	Terminals int    `json:"terminals"`
	// Used is how many terminals enrolled with it.
	Used    int   `json:"used"`
	Expires int64 `json:"expires,omitempty"`
}

// Codes is the answer to GET /v1/management/codes.
type Codes struct {
	Codes []Code `json:"codes"`
}
