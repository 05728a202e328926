package wire

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/terms"
	"github.com/offlane/offlane/redeem/trust"
)

// The functions of this file hold one field to what can be meant. at is the field as it is called in JSON; their
// errors, which are fault.InvalidRequest, begin with it.

const idSymbols = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-"

// checkID asks for the id of a campaign, which stands in paths as it is.
func checkID(at, id string) error {
	if id == "" || len(id) > offer.MaxName || strings.Trim(id, idSymbols) != "" || strings.Contains("._-", id[:1]) {
		return fault.Invalid("%s: %.64q is no id: it has 1 to %d letters (A to Z, a to z), digits, points, underscores and "+
			"hyphens, and begins with a letter or a digit", at, id, offer.MaxName)
	}
	return nil
}

// checkName asks for the name of a merchant, a store and the like.
func checkName(at, name string) error {
	if name == "" || len(name) > offer.MaxName || !isLine(name) || strings.TrimSpace(name) != name {
		return fault.Invalid("%s: %.64q is no name: it has 1 to %d bytes, no control character, and no blank at either end",
			at, name, offer.MaxName)
	}
	return nil
}

// maxNames is more names than a pass has room for.
const maxNames = 256

// checkNames asks for names of which none stands twice.
func checkNames(at string, names []string) error {
	if len(names) > maxNames {
		return fault.Invalid("%s: %d names are more than a pass has room for", at, len(names))
	}
	for i, name := range names {
		here := fmt.Sprintf("%s[%d]", at, i)
		if err := checkName(here, name); err != nil {
			return err
		}
		if slices.Contains(names[:i], name) {
			return fault.Invalid("%s: %q stands twice", here, name)
		}
	}
	return nil
}

func checkTitle(at, title string) error {
	if len(title) > maxTitle || !isLine(title) || strings.TrimSpace(title) == "" {
		return fault.Invalid("%s: a title has 1 to %d bytes, not all of them blank, and no control character", at, maxTitle)
	}
	return nil
}

func checkText(at, text string) error {
	if len(text) > maxText || !utf8.ValidString(text) {
		return fault.Invalid("%s: a text has at most %d bytes of UTF-8, this one has %d", at, maxText, len(text))
	}
	return nil
}

// isLine reports whether a text is UTF-8 without control characters.
func isLine(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsFunc(text, unicode.IsControl)
}

// optional passes over a value that is absent.
func optional(check func(at, value string) error, at, value string) error {
	if value == "" {
		return nil
	}
	return check(at, value)
}

func checkRange[N int | int64](at string, n, most N) error {
	if n < 0 || n > most {
		return fault.Invalid("%s: %d is not between 0 and %d", at, n, most)
	}
	return nil
}

func checkNatural(at string, n int64) error {
	if n < 0 {
		return fault.Invalid("%s: %d is less than 0", at, n)
	}
	return nil
}

// maxMillis is the last moment of the year 9999.
const maxMillis = 253402300799999

// checkTime asks for a moment in milliseconds since 1970; 0: none.
func checkTime(at string, millis int64) error {
	if millis < 0 || millis > maxMillis {
		return fault.Invalid("%s: %d is not between 1970 and 9999, in milliseconds since 1970", at, millis)
	}
	return nil
}

// checkAhead asks for a moment that is still to come. Seconds that were taken for milliseconds are in the past.
func checkAhead(at string, millis, now int64) error {
	if err := checkTime(at, millis); err != nil {
		return err
	}
	if millis != 0 && millis <= now {
		moment := time.UnixMilli(millis).UTC().Format(time.RFC3339)
		return fault.Invalid("%s: %d, in milliseconds since 1970, is %s, which is past", at, millis, moment)
	}
	return nil
}

// checkAllowance holds an allowance to what trust bundles take: one that does not fit would keep every bundle from
// being signed.
func checkAllowance(at string, a trust.Allowance) error {
	switch {
	case a.Number < 0:
		return fault.Invalid("%s.number: %d is less than 0", at, a.Number)
	case a.Value < 0 || a.Value > terms.MaxAmount:
		return fault.Invalid("%s.value: %d is not between 0 and %d", at, a.Value, int64(terms.MaxAmount))
	case a.Value != 0 && !terms.IsCurrency(a.Currency):
		return fault.Invalid("%s.currency: %.8q is not three capital letters (ISO 4217), which a value needs", at, a.Currency)
	case a.Value == 0 && a.Currency != "":
		return fault.Invalid("%s.currency: there is no value that it could be of", at)
	}
	return nil
}
