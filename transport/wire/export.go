package wire

import (
	"cmp"
	"slices"
	"strings"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/terms"
)

// The ad platforms to which redemptions can be told.
const (
	// PlatformECAPI is whoever takes events of the IAB Tech Lab's Event and Conversion API 1.0.
	PlatformECAPI = "ecapi"
	// PlatformGoogle takes click conversions and conversion adjustments of the Google Ads API.
	PlatformGoogle = "google"
	// PlatformMeta takes events of a physical store of Meta's Conversions API.
	PlatformMeta = "meta"
)

var platforms = []string{PlatformECAPI, PlatformGoogle, PlatformMeta}

// A Click is the click on an ad that led to an acceptance, with the customer's consent to have the platform told of the
// redemption. It is given with each acceptance, and kept as a Consent to Export.
type Click struct {
	// Platform is one of the platforms above, ID what it calls the click: 1 to 512 letters, digits, points, underscores
	// and hyphens, the first of them a letter or a digit.
	Platform string `json:"platform"`
	ID       string `json:"id"`
	// Text names the version of the text that the customer agreed to.
	Text string `json:"text"`
}

const maxClick = 512

func (c *Click) check(at string) error {
	if c == nil {
		return nil
	}
	if !slices.Contains(platforms, c.Platform) {
		return fault.Invalid("%s.platform: %.20q is none of %q", at, c.Platform, platforms)
	}
	if c.ID == "" || len(c.ID) > maxClick || strings.Trim(c.ID, idSymbols) != "" || strings.Contains("._-", c.ID[:1]) {
		return fault.Invalid("%s.id: %.64q is no click id: it has 1 to %d letters, digits, points, underscores and "+
			"hyphens, and begins with a letter or a digit", at, c.ID, maxClick)
	}
	return checkName(at+".text", c.Text)
}

// A NewExport is the body of a POST to PathExports: what is due of one platform is to be exported.
type NewExport struct {
	// Platform is one of the platforms above.
	Platform string `json:"platform"`
	// Destination is where the platform is to count, 1 to 200 bytes: the data set of PlatformECAPI, and the conversion
	// action of PlatformGoogle (its resource name, and in the CSV template its name). PlatformMeta has it in the address.
	Destination string `json:"destination,omitempty"`
	// Value is what a conversion is worth, a decimal number such as "12.50" in Currency (ISO 4217); empty: not said.
	// PlatformMeta asks for one.
	Value    string `json:"value,omitempty"`
	Currency string `json:"currency,omitempty"`
}

// Check returns fault.InvalidRequest for an export that cannot be made. The detail begins with the field.
func (n *NewExport) Check() error {
	switch {
	case !slices.Contains(platforms, n.Platform):
		return fault.Invalid("platform: %.20q is none of %q", n.Platform, platforms)
	case n.Platform == PlatformMeta && n.Value == "":
		return fault.Invalid("value: %s asks for one", n.Platform)
	case n.Platform != PlatformMeta && n.Destination == "":
		return fault.Invalid("destination: %s asks for one", n.Platform)
	case (n.Value == "") != (n.Currency == ""):
		return fault.Invalid("currency: it goes with a value")
	case n.Currency != "" && !terms.IsCurrency(n.Currency):
		return fault.Invalid("currency: %.8q is not three capital letters (ISO 4217)", n.Currency)
	}
	return cmp.Or(optional(checkTitle, "destination", n.Destination), optional(checkDecimal, "value", n.Value))
}

// checkDecimal asks for a number as JSON has it, without sign and exponent.
func checkDecimal(at, value string) error {
	whole, part, hasPart := strings.Cut(value, ".")
	isDigits := func(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }
	if !isDigits(whole) || len(whole) > 12 || len(whole) > 1 && whole[0] == '0' || hasPart && (!isDigits(part) ||
		len(part) > 4) {
		return fault.Invalid("%s: %.20q is no decimal number such as 12.50", at, value)
	}
	return nil
}

// Exports is the answer to a GET of PathExports, the newest first, and to a POST to it: the exports that were made, one
// of each kind of which something was due.
type Exports struct {
	Exports []Export `json:"exports"`
	// More says that more is due: ask again.
	More bool `json:"more,omitempty"`
}

// An Export is what was handed out for a platform.
type Export struct {
	// ID names it in paths.
	ID       string `json:"id"`
	Platform string `json:"platform"`
	// Kind is "current", "late" (beyond the platform's window, so that it may refuse it) or "retractions".
	Kind string `json:"kind"`
	// Made is when, in milliseconds since 1970, and Lines how many lines it had. Lines of devices that were erased, or
	// whose consent was taken back, are no longer handed out.
	Made        int64  `json:"made"`
	Lines       int    `json:"lines"`
	Destination string `json:"destination,omitempty"`
	Value       string `json:"value,omitempty"`
	Currency    string `json:"currency,omitempty"`
}
