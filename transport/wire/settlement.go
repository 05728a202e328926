package wire

import (
	"crypto/ed25519"

	"github.com/offlane/offlane/redeem/fault"
)

// A Settlement is what one merchant's tills redeemed of another's offers in one campaign and currency, and took back of
// it, as it was booked on one day. What the partner gave, less what it took back, is what the owner owes it.
type Settlement struct {
	// Owner is whose campaign it is, Partner whose tills redeemed. Day is the day (UTC) on which it was booked, as
	// YYYY-MM-DD, whenever it happened: a void counts on the day of its own booking.
	Owner    string `json:"owner"`
	Partner  string `json:"partner"`
	Day      string `json:"day"`
	Campaign string `json:"campaign"`
	Currency string `json:"currency,omitempty"`
	// Redeemed and Voided count; Given and TakenBack are in minor units of Currency. A correction changes Given on the day
	// of its own booking, so that it can be negative.
	Redeemed  int64 `json:"redeemed"`
	Voided    int64 `json:"voided"`
	Given     int64 `json:"given"`
	TakenBack int64 `json:"takenBack"`
	// Closed says that the day's statement was made, so that nothing of it changes any more.
	Closed bool `json:"closed,omitempty"`
}

// Settlements is the answer to a GET of PathSettlements, by owner, partner, day, currency and campaign.
type Settlements struct {
	Settlements []Settlement `json:"settlements"`
}

// A DayStatement is the answer to a GET of PathStatement: what two merchants owe each other for one day, signed by the
// backend. Both get the same bytes, whenever they ask.
type DayStatement struct {
	Owner       string       `json:"owner"`
	Partner     string       `json:"partner"`
	Day         string       `json:"day"`
	Settlements []Settlement `json:"settlements"`
	// Signed is the CSV (RFC 4180) that was signed: a line for each campaign, and before them one for each currency with
	// the sums, in which the campaign is empty.
	Signed Bytes `json:"signed"`
	// Key is the root key that signed, Signature is Ed25519 (RFC 8032) over "offlane settlement 1", a zero byte, and
	// Signed.
	Key       string `json:"key"`
	Signature Bytes  `json:"signature"`
}

// settlementContext begins what is signed.
const settlementContext = "offlane settlement 1\x00"

// Sign signs the bytes in Signed with a root key.
func (s *DayStatement) Sign(keyID string, key ed25519.PrivateKey) {
	s.Key, s.Signature = keyID, ed25519.Sign(key, append([]byte(settlementContext), s.Signed...))
}

// Verify holds the bytes in Signed to the public half of the key. Error: fault.Forged.
func (s *DayStatement) Verify(key ed25519.PublicKey) error {
	signed := append([]byte(settlementContext), s.Signed...)
	if len(key) != ed25519.PublicKeySize || !ed25519.Verify(key, signed, s.Signature) {
		return fault.New(fault.Forged, "wire.DayStatement.Verify", "the key %q did not sign the statement", s.Key)
	}
	return nil
}
