package offer

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/offlane/offlane/barcode/gs1"
	"github.com/offlane/offlane/redeem/terms"
)

// Limits of a Layout.
const (
	// maxLayoutAIs is the most AIs that a layout names.
	maxLayoutAIs = 8
	// maxSerialLen is the greatest length of any GS1 coupon's serial.
	maxSerialLen = 15
	// defaultMaxAmount is the greatest amount that is looked for in a text that lost its separators where a layout names
	// none: seven digits, so that no amount is taken together with a date behind it.
	defaultMaxAmount = 9_999_999
)

// A Layout says what the GS1 coupons of a campaign look like. It decides what a text means that lost its group
// separators, and a coupon outside it is refused. The zero value says nothing.
type Layout struct {
	// Serials are the numbers of digits that a serial may have, each 0 to 15 and once; 0 is a coupon without a
	// serial. None: of any length.
	Serials []int `cbor:"1,keyasint,omitempty" json:"serials,omitempty"`
	// AIs are the Application Identifiers that may stand in a coupon, where "390n" is any of 3900 to 3909. The coupon's
	// own may be among them: ["255"] says that nothing else stands there. None: those that go with a coupon by GS1's
	// rules, which are (17), (390n), (394n) and (8111).
	AIs []string `cbor:"2,keyasint,omitempty" json:"ais,omitempty"`
	// MaxAmount is the greatest amount (390n) as its digits are printed, 999 for 9.99. 0: any, and 9,999,999 in a
	// text that lost its separators.
	MaxAmount int64 `cbor:"3,keyasint,omitempty" json:"maxAmount,omitempty"`
}

// IsZero reports whether the layout says nothing.
func (l Layout) IsZero() bool {
	return len(l.Serials) == 0 && len(l.AIs) == 0 && l.MaxAmount == 0
}

// Check returns nil for a layout whose numbers are in their ranges and whose AIs exist.
func (l Layout) Check() error {
	switch {
	case l.MaxAmount < 0 || l.MaxAmount > terms.MaxAmount:
		return fmt.Errorf("the layout's greatest amount %d cannot be", l.MaxAmount)
	case len(l.AIs) > maxLayoutAIs:
		return fmt.Errorf("the layout names %d AIs, at most %d are allowed", len(l.AIs), maxLayoutAIs)
	}
	for i, n := range l.Serials {
		if n < 0 || n > maxSerialLen || slices.Contains(l.Serials[:i], n) {
			return fmt.Errorf("the layout's serial of %d digits is not of 0 to %d, or stands twice", n, maxSerialLen)
		}
	}
	for i, ai := range l.AIs {
		if !isPattern(ai) || slices.Contains(l.AIs[:i], ai) {
			return fmt.Errorf("the layout's AI %.8q is none, or stands twice", ai)
		}
	}
	return nil
}

// isPattern reports whether a text is an AI, or one with n for its last digit of which there is at least one.
func isPattern(ai string) bool {
	const n = "n"
	if rest, ok := strings.CutSuffix(ai, n); ok {
		return slices.ContainsFunc(strings.Split("0123456789", ""), func(digit string) bool { return isAI(rest + digit) })
	}
	return isAI(ai)
}

func isAI(ai string) bool {
	_, ok := gs1.Lookup(ai)
	return ok
}

// allowsSerial reports whether a coupon's serial has one of the layout's lengths.
func (l *Layout) allowsSerial(serial string) bool {
	return len(l.Serials) == 0 || slices.Contains(l.Serials, len(serial))
}

// allows reports whether an element beside the coupon's own may stand there, with an amount of at most most; 0: any.
func (l *Layout) allows(e gs1.Element, most int64) bool {
	switch {
	case len(l.AIs) > 0 && !matchesAny(l.AIs, e.AI):
		return false
	case most == 0 || !matches("390n", e.AI):
		return true
	}
	amount, err := strconv.ParseInt(e.Value, 10, 64)
	return err == nil && amount <= most
}

// mostUnseparated returns the greatest amount that is looked for in a text without separators; 0: any.
func (l *Layout) mostUnseparated() int64 {
	if l.MaxAmount == 0 && !l.IsZero() {
		return defaultMaxAmount
	}
	return l.MaxAmount
}

// checkParts returns what of a coupon lies outside the layout, or nil.
func (l *Layout) checkParts(c coupon, elements gs1.Elements) error {
	if !l.allowsSerial(c.serial) {
		return fmt.Errorf("its serial has %d digits, the campaign's have %d", len(c.serial), l.Serials)
	}
	for _, e := range elements {
		if !slices.Contains(couponAIs, e.AI) && !l.allows(e, l.MaxAmount) {
			return errors.New("the campaign's coupons have no AI (" + e.AI + "), or not with this value")
		}
	}
	return nil
}

func matchesAny(patterns []string, ai string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool { return matches(pattern, ai) })
}

// matches reports whether an AI is the one named, or one of those that a pattern with n for its last digit names.
func matches(pattern, ai string) bool {
	if rest, ok := strings.CutSuffix(pattern, "n"); ok {
		return len(ai) == len(pattern) && strings.HasPrefix(ai, rest)
	}
	return pattern == ai
}
