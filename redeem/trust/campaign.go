package trust

import (
	"strings"
	"time"

	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/terms"
)

// A Campaign is what a terminal knows of a campaign beside what the passes say.
type Campaign struct {
	// Name is the campaign's name as passes have it, at most offer.MaxName bytes. The campaign without a name holds the
	// rules for offers of which no campaign is known.
	Name string
	// Owner is the merchant whose campaign it is, at most offer.MaxName bytes; empty: the bundle's own. Another's offers
	// are redeemed under an agreement.
	Owner string
	// Prefixes are beginnings of GS1 numbers in the form of offer.Presented.Alias, such as "255:9501234567893": the
	// numbers that begin so belong to the campaign. The longest prefix counts. At most 128 bytes each.
	Prefixes []string
	// Stores may redeem its offers, beside what a pass says; none: all.
	Stores []string
	// NotBefore is the first moment at which its offers are valid, NotAfter the first at which they are no longer, beside
	// what a pass says. Zero: no bound. Whole milliseconds.
	NotBefore time.Time
	NotAfter  time.Time
	// Terms are those of its offers that say nothing of their own; zero: the merchant's own system knows.
	Terms terms.Terms
	// Unproven bounds what one terminal redeems of the campaign's offers that carry no signature; zero: none at all
	// without a manager.
	Unproven Allowance
	// Offline bounds all that one terminal redeems of the campaign while what it redeemed is not reported; zero: the
	// terminal's policy alone does.
	Offline Allowance
	// AskBeyond has a manager asked about a use beyond those that a pass lets one terminal grant on its own, as long as
	// the pass has uses left; false: it is refused.
	AskBeyond bool
	// Layout says what the campaign's GS1 coupons look like, so that a till can tell what one means whose group separators
	// a hand scanner lost, and refuse what is no such coupon; zero: not known.
	Layout offer.Layout
	// Title is what the offers are called on a cashier's screen, at most 200 bytes; empty: the campaign has no title.
	Title string
}

// maxTitle is the greatest length in bytes of a campaign's title.
const maxTitle = 200

// An Allowance bounds redemptions by number and by value.
type Allowance struct {
	// Number is how many; 0: none if Value is 0 as well, else no bound in number.
	Number int `cbor:"1,keyasint,omitempty" json:"number,omitempty"`
	// Value is their discounts together in minor units of Currency; 0: none if Number is 0 as well, else no bound in
	// value.
	Value int64 `cbor:"2,keyasint,omitempty" json:"value,omitempty"`
	// Currency is the ISO 4217 code of Value.
	Currency string `cbor:"3,keyasint,omitempty" json:"currency,omitempty"`
}

// IsZero reports whether the allowance bounds nothing and allows nothing.
func (a Allowance) IsZero() bool { return a == Allowance{} }

// prefixOf returns the length of the longest of the campaign's prefixes that the alias begins with, 0 if none.
func (c Campaign) prefixOf(alias string) int {
	longest := 0
	for _, prefix := range c.Prefixes {
		if strings.HasPrefix(alias, prefix) {
			longest = max(longest, len(prefix))
		}
	}
	return longest
}
