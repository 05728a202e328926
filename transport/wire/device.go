package wire

import (
	"cmp"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/redeem/terms"
)

// An Accept is the body of POST /v1/device/offers: the customer takes an offer of a campaign.
type Accept struct {
	Campaign string `json:"campaign"`
	// Personal says that the customer agrees to answers chosen because of what is redeemed. Without it no visit is
	// personal. Measurement and Text are as in a Consent; an acceptance takes nothing back that was agreed to.
	Personal    bool   `json:"personal,omitempty"`
	Measurement bool   `json:"measurement,omitempty"`
	Text        string `json:"text,omitempty"`
	// Answer is the token of the answer that the offer is accepted because of; empty: of none.
	Answer string `json:"answer,omitempty"`
	// Click is the click on an ad that led here, with the customer's consent to have its platform told of the redemption;
	// nil: none. With Global Privacy Control it is kept nowhere.
	Click *Click `json:"click,omitempty"`
	// Bearer asks for a bearer secret in the answer in place of cookies: for apps, and for pages of other origins. A
	// device that has a secret keeps it.
	Bearer bool `json:"bearer,omitempty"`
}

// Check returns fault.InvalidRequest for what cannot be meant. The detail begins with the field.
func (a *Accept) Check() error {
	return cmp.Or(optional(checkName, "text", a.Text), needsText("measurement", a.Measurement, a.Text),
		a.Click.check("click"))
}

// DeviceOffers is the answer to GET /v1/device/offers: what this device holds.
type DeviceOffers struct {
	// Offers are the newest, at most 1000.
	Offers []DeviceOffer `json:"offers"`
	// Slots is in how many cookies a browser's identifiers are; see PathHeld.
	Slots int `json:"slots,omitempty"`
	// Personal says that the customer agreed to answers chosen because of what is redeemed, as it is kept with the device.
	// Consent says it of every purpose.
	Personal bool        `json:"personal,omitempty"`
	Consent  KeptConsent `json:"consent,omitzero"`
}

// The states of an offer as its device sees it.
const (
	// StateOpen: it may be redeemed.
	StateOpen = "open"
	// StateRedeemed: all its uses were reported.
	StateRedeemed = "redeemed"
	// StateExpired: its validity has ended.
	StateExpired = "expired"
	// StateRevoked: it or its campaign was revoked.
	StateRevoked = "revoked"
)

// A DeviceOffer is one offer that a device holds. It is also the answer to an Accept.
type DeviceOffer struct {
	// Name names the offer in the paths below /v1/device/offers/. It is no secret and cannot be redeemed.
	Name     string `json:"name"`
	Campaign string `json:"campaign"`
	Title    string `json:"title"`
	Text     string `json:"text,omitempty"`
	// State is one of the States above.
	State string `json:"state"`
	// Pass is the signed pass as it is shown in the QR code; Code is the short code in groups, for typing.
	Pass string `json:"pass"`
	Code string `json:"code"`
	// NotBefore and NotAfter bound its validity, in milliseconds since 1970; 0: no bound.
	NotBefore int64 `json:"notBefore,omitempty"`
	NotAfter  int64 `json:"notAfter,omitempty"`
	// Shop issues it, and Terms is what it is worth; zero: the shop's own system knows.
	Shop  Shop        `json:"shop"`
	Terms terms.Terms `json:"terms,omitzero"`
	// Uses is how often it may be redeemed, and Left how often still, as far as the backend knows.
	Uses int `json:"uses"`
	Left int `json:"left"`
	// Secret is the bearer secret of a device that asked for one and had none: the app keeps it, and sends it with every
	// request. It is told once.
	Secret string `json:"secret,omitempty"`
}

// HeldOffers is the answer to GET of PathHeld.
type HeldOffers struct {
	// Offers are the names of the offers whose identifiers the cookie held, the newest first.
	Offers []string `json:"offers"`
	// Lost is how many offers of the slot the device accepted whose identifiers the cookie did not hold; it does now.
	Lost int `json:"lost"`
}

// A Visit is the answer to GET /v1/device/visit: what the backend shows a device that came back.
type Visit struct {
	// Matches are the redemptions of offers that this device holds.
	Matches []Match `json:"matches"`
	// Answers are the ads and offers chosen for it, the best first.
	Answers []Shown `json:"answers"`
}

// A Match is an identifier stored on the device that has an indication of an offline redemption.
type Match struct {
	// Offer is the name of the device's offer.
	Offer    string       `json:"offer"`
	Campaign string       `json:"campaign"`
	Place    record.Place `json:"place"`
	// Redeemed is when, in milliseconds since 1970, as far as the terminal's evidence of time tells.
	Redeemed int64        `json:"redeemed"`
	Given    record.Money `json:"given,omitzero"`
}

// A Shown is an ad or an offer with the reason that chose it.
type Shown struct {
	// Kind is "ad" or "offer".
	Kind string `json:"kind"`
	// ID names the ad, or the campaign that an offer can be accepted from.
	ID    string `json:"id"`
	Title string `json:"title"`
	Text  string `json:"text,omitempty"`
	// Link is where an ad leads; it may be empty.
	Link string `json:"link,omitempty"`
	// Shop issues the offer, and Terms is what it is worth; zero with an ad.
	Shop  Shop        `json:"shop,omitzero"`
	Terms terms.Terms `json:"terms,omitzero"`
	// Token names this answer to this device in a DeviceEvent; empty for a device that the backend does not know.
	Token string `json:"token,omitempty"`
	// Why says what chose it, for the program and for a person.
	Why Why `json:"why"`
}

// A Why is the reason of a choice.
type Why struct {
	// Rule is the name of the rule that chose: "redeemed", "voided", "accepted", "expired" or "new".
	Rule string `json:"rule"`
	// Offer is the name of the device's offer that the rule looked at; empty with "new".
	Offer string `json:"offer,omitempty"`
	// Campaign is that offer's campaign.
	Campaign string `json:"campaign,omitempty"`
	// Text says it in a sentence.
	Text string `json:"text"`
	// Code is set where a verdict had a part in it.
	Code fault.Code `json:"code,omitempty"`
}
