package wire

import (
	"cmp"

	"github.com/offlane/offlane/redeem/fault"
)

// A Consent is the body of a PUT to PathConsent: what the customer agrees to, by purpose. What is absent is taken back.
type Consent struct {
	// Personal says that answers may be chosen because of what was redeemed.
	Personal bool `json:"personal"`
	// Measurement says that it may be kept what the device saw, clicked and accepted of its answers, and that it may be
	// in a group that is not shown one, so that a merchant learns what an answer changes.
	Measurement bool `json:"measurement,omitempty"`
	// Export says that redemptions may be told to the ad platforms whose click ids came with acceptances. In a request
	// with Sec-GPC: 1 it is not kept.
	Export bool `json:"export,omitempty"`
	// Text names the version of the text that the customer read, a name of 1 to 64 bytes; empty: not known, which is not
	// enough for Measurement and Export.
	Text string `json:"text,omitempty"`
}

// Check returns fault.InvalidRequest for a consent that cannot be kept. The detail begins with the field.
func (c *Consent) Check() error {
	return cmp.Or(optional(checkName, "text", c.Text), needsText("measurement", c.Measurement, c.Text),
		needsText("export", c.Export, c.Text))
}

// needsText asks for the text of a consent that is worth nothing without it.
func needsText(at string, agrees bool, text string) error {
	if agrees && text == "" {
		return fault.Invalid("%s: it needs the version of the text that the customer agreed to, in text", at)
	}
	return nil
}

// A KeptConsent is the answer to a PUT to PathConsent: what the customer agreed to, as it is kept with the device.
type KeptConsent struct {
	// Personal, Measurement and Export are absent where the customer does not agree.
	Personal    *Agreed `json:"personal,omitempty"`
	Measurement *Agreed `json:"measurement,omitempty"`
	Export      *Agreed `json:"export,omitempty"`
	// GPC is since when the device sends Global Privacy Control (Sec-GPC: 1), in milliseconds since 1970; 0: it does not.
	// What was agreed to before that for Personal and Export counts no more.
	GPC int64 `json:"gpc,omitempty"`
}

// An Agreed is a customer's consent to one purpose.
type Agreed struct {
	// At is when it was given, in milliseconds since 1970. Text names the version of the text that it was given to; empty:
	// not known.
	At   int64  `json:"at"`
	Text string `json:"text,omitempty"`
}
