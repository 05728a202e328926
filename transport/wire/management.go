package wire

import "github.com/offlane/offlane/redeem/record"

// A NewCode is the body of POST /v1/management/codes: it asks for an enrolment code.
type NewCode struct {
	// Store is the store that the code's terminals belong to: 1 to 64 bytes, no control characters, no blank at either
	// end.
	Store string `json:"store"`
	// Zone is the store's time zone as an IANA name such as "Europe/Berlin", by which the day of a sale is reckoned;
	// empty: UTC.
	Zone string `json:"zone,omitempty"`
	// Terminals is how many terminals may enrol with it, at most 100,000; 0: 1.
	Terminals int `json:"terminals,omitempty"`
	// Terminal is the one terminal that the code is for, which is known: with it that one changes its key, or moves to
	// Store. Absent: the code is for terminals that are not known yet.
	Terminal record.TerminalID `json:"terminal,omitzero"`
	// Expires is when it ends, in milliseconds since 1970, not in the past; 0: never.
	Expires int64 `json:"expires,omitempty"`
}

// A Code is an enrolment code: valid for one store and a number of terminals, or for one terminal that is known.
type Code struct {
	// ID names the code in paths; no terminal enrols with it.
	ID string `json:"id"`
	// Code is what a terminal is given. It is in the answer that makes it, and never again.
	Code      string `json:"code,omitempty"`
	Store     string `json:"store"`
	Zone      string `json:"zone,omitempty"`
	Terminals int    `json:"terminals"`
	// Used is how many terminals enrolled with it.
	Used int `json:"used"`
	// Terminal is the one that it is for; absent: any that is not known yet.
	Terminal record.TerminalID `json:"terminal,omitzero"`
	// Expires is when it ends, Blocked when it was blocked, in milliseconds since 1970; 0: never.
	Expires int64 `json:"expires,omitempty"`
	Blocked int64 `json:"blocked,omitempty"`
}

// Codes is the answer to GET /v1/management/codes.
type Codes struct {
	Codes []Code `json:"codes"`
}

// A NewState is the body of a PUT to PathCampaignState.
type NewState struct {
	State CampaignState `json:"state"`
}

// A Revocation is the body of a POST to PathRevocations: offers that are no longer good, by short code, pass or GS1
// number as a scanner reads them.
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

// Operators is the answer to a GET of PathOperators.
type Operators struct {
	Operators []OperatorTally `json:"operators"`
}

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

// ErasedOperator is the answer to a DELETE of PathOperator.
type ErasedOperator struct {
	// Rows is how many rows of figures had the name.
	Rows int `json:"rows"`
}

// Ledger is the answer to a GET of PathLedger.
type Ledger struct {
	Ledger []LedgerLine `json:"ledger"`
}

// A LedgerLine is what one campaign comes to in one currency.
type LedgerLine struct {
	Campaign string `json:"campaign"`
	// Currency is empty where no amount is known.
	Currency string `json:"currency,omitempty"`
	// Accepted counts offers.
	Accepted int64 `json:"accepted"`
	// Given is what confirmed redemptions gave, and TakenBack what voids took back of that, in minor units.
	Given     int64 `json:"given"`
	TakenBack int64 `json:"takenBack"`
	// Liability is the most that accepted offers can still give, in minor units. What expired leaves it when no late
	// report can come any more.
	Liability int64 `json:"liability"`
	// Budget is the campaign's in its currency, 0: none. Beyond is what was given beyond it, by redemptions of passes that
	// were out when it was used up: they are booked.
	Budget int64 `json:"budget,omitempty"`
	Beyond int64 `json:"beyond,omitempty"`
	// Unbounded says that the terms have no greatest amount, so that there is no liability to tell.
	Unbounded bool `json:"unbounded,omitempty"`
}

// Flags is the answer to a GET of PathFlags.
type Flags struct {
	Flags []Flag `json:"flags"`
	// Next is what the parameter after takes to go on; empty: there are no more.
	Next string `json:"next,omitempty"`
}

// A Flag is a record, or a terminal, that a person should look at.
type Flag struct {
	// Kind is overlap, over-terms, recovered, unrecovered, clamped, other-store, business-date, blocked, beyond,
	// key-changed, moved, forked, forgotten, forgotten-ended or second-terminal.
	Kind string `json:"kind"`
	// Record is absent where the flag is on the terminal as a whole.
	Record   record.ID         `json:"record,omitzero"`
	Terminal record.TerminalID `json:"terminal"`
	// At is when it was flagged, in milliseconds since 1970.
	At     int64  `json:"at"`
	Detail string `json:"detail,omitempty"`
}

// A Lane is one terminal as its merchant sees it.
type Lane struct {
	Terminal record.TerminalID `json:"terminal"`
	Place    record.Place      `json:"place"`
	Enrolled int64             `json:"enrolled"`
	// Key names the terminal's key, and KeyChanged says when it got it, in milliseconds since 1970; absent: it is its
	// first.
	Key        string `json:"key"`
	KeyChanged int64  `json:"keyChanged,omitempty"`
	// Code is the id of the code that it took last.
	Code string `json:"code"`
	// Blocked is when it was blocked, in milliseconds since 1970; absent: it is not.
	Blocked int64 `json:"blocked,omitempty"`
	// MayHost says that it may be the hub of its store, OutOfService that nobody waits for what it may tell the hub.
	MayHost      bool `json:"mayHost,omitempty"`
	OutOfService bool `json:"outOfService,omitempty"`
	// Places are those where it stood before, oldest first.
	Places []FormerPlace `json:"places,omitempty"`
	// LastReport is in milliseconds since 1970; 0: never. Verdicts is the number of the last verdict that it was given.
	LastReport int64  `json:"lastReport,omitempty"`
	Verdicts   uint64 `json:"verdicts"`
	// Waiting is how many records its queue still held at LastReport, by its own word; what it has sold since is not
	// known.
	Waiting uint64 `json:"waiting"`
	// Awaited counts records that should have come, Lost those that it declared lost.
	Awaited uint64 `json:"awaited"`
	Lost    uint64 `json:"lost"`
	// Aside counts records that it set aside since reports with them fail.
	Aside  uint64 `json:"aside,omitempty"`
	Forked bool   `json:"forked,omitempty"`
	// Forgotten is when it noticed that it may have forgotten records, by its own clock, because of which it asks;
	// absent: it has not, or that has ended.
	Forgotten int64 `json:"forgotten,omitempty"`
	// Waits is how many of its voids and corrections wait for their redemptions; Flags counts by kind what a person
	// should look at.
	Waits int               `json:"waits,omitempty"`
	Flags map[string]uint64 `json:"flags,omitempty"`
}

// Lanes is the answer to a GET of PathTerminalList.
type Lanes struct {
	Terminals []Lane `json:"terminals"`
}
