package wire

import "github.com/offlane/offlane/redeem/record"

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

// A NewState is the body of a PUT to PathCampaignState.
type NewState struct {
	State CampaignState `json:"state"`
}

// A Revocation is the body of a POST to PathRevocations: offers that are no longer good, by short code, pass or GS1 number as
// a scanner reads them.
type Revocation struct {
	Offers []string `json:"offers"`
}

// Revoked is the answer to a Revocation.
type Revoked struct {
	// Revoked counts the offers that are revoked now; Unknown are the indexes of those that are none of the merchant's.
	Revoked int   `json:"revoked"`
	Unknown []int `json:"unknown,omitempty"`
}

// Figures is the answer to a GET of PathFigures.
type Figures struct {
	Figures []Tally `json:"figures"`
}

// A Tally counts what happened in one campaign, store and day. Accepted and Shown have no merchant and store.
type Tally struct {
	Campaign string `json:"campaign"`
	Merchant string `json:"merchant,omitempty"`
	Store    string `json:"store,omitempty"`
	Day      string `json:"day"`
	// Accepted offers, and how often the campaign was shown as an answer.
	Accepted int64 `json:"accepted"`
	Shown    int64 `json:"shown"`
	// Redeemed, voided, duplicate, rejected and quarantined records.
	Redeemed    int64 `json:"redeemed"`
	Voided      int64 `json:"voided"`
	Duplicates  int64 `json:"duplicates"`
	Rejected    int64 `json:"rejected"`
	Quarantined int64 `json:"quarantined"`
	// Given is the sum of the discounts of confirmed redemptions less that of confirmed voids, in minor units.
	Given int64 `json:"given"`
	// Delay is the sum of the seconds from acceptance to redemption over the confirmed redemptions.
	Delay int64 `json:"delaySeconds"`
}

// A Lane is one terminal as its merchant sees it.
type Lane struct {
	Terminal record.TerminalID `json:"terminal"`
	Place    record.Place      `json:"place"`
	Enrolled int64             `json:"enrolled"`
	// LastReport is in milliseconds since 1970; 0: never. Verdicts counts what it was told.
	LastReport int64  `json:"lastReport,omitempty"`
	Verdicts   uint64 `json:"verdicts"`
	// Waiting is how many records its queue still held at LastReport, by its own word; what it has sold since is not known.
	Waiting uint64 `json:"waiting"`
	// Awaited counts records that should have come, Lost those that it declared lost.
	Awaited uint64 `json:"awaited"`
	Lost    uint64 `json:"lost"`
	Forked  bool   `json:"forked,omitempty"`
}

// Lanes is the answer to a GET of PathTerminalList.
type Lanes struct {
	Terminals []Lane `json:"terminals"`
}
