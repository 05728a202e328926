package wire

import (
	"cmp"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/terms"
)

// Limits of what a follow-up may ask for.
const (
	maxLanguages = 30
	maxTag       = 35 // RFC 5646, section 4.4.1
	maxDays      = 366
	maxCoolOff   = 3660
	maxShownDays = 100
	maxTimes     = 100
)

// checkReserve asks for a budget in the currency of terms of which the most is known.
func (c *Campaign) checkReserve() error {
	_, bounded := c.Terms.Most()
	if c.Reserve && (c.Budget == 0 || !bounded) {
		return fault.Invalid("reserve: it needs a budget, and terms with a greatest amount")
	}
	return nil
}

func (c *Campaign) checkWords() error {
	if len(c.Words) > 0 && c.Language == "" {
		return fault.Invalid("language: with words in other languages it says what title and text are in")
	}
	return cmp.Or(optional(checkLanguage, "language", c.Language), checkWords("words", c.Words))
}

// checkWords asks for a title and a text in each language.
func checkWords(at string, words map[string]Words) error {
	return checkLanguages(at, words, func(at string, w Words) error {
		return cmp.Or(checkTitle(at+".title", w.Title), checkText(at+".text", w.Text))
	})
}

// checkLanguages checks each value, and that it stands under a language.
func checkLanguages[T any](at string, values map[string]T, check func(at string, value T) error) error {
	if len(values) > maxLanguages {
		return fault.Invalid("%s: %d languages are more than %d", at, len(values), maxLanguages)
	}
	for _, tag := range slices.Sorted(maps.Keys(values)) {
		here := at + "." + tag[:min(len(tag), maxTag)]
		if err := cmp.Or(checkLanguage(here, tag), check(here, values[tag])); err != nil {
			return err
		}
	}
	return nil
}

// checkLanguage asks for a BCP 47 tag in lower case, as far as its form goes.
func checkLanguage(at, tag string) error {
	const symbols = "abcdefghijklmnopqrstuvwxyz0123456789"
	parts := strings.Split(tag, "-")
	isPart := func(part string) bool { return len(part) >= 1 && len(part) <= 8 && strings.Trim(part, symbols) == "" }
	if len(tag) > maxTag || len(parts[0]) < 2 || strings.Trim(parts[0], symbols[:26]) != "" ||
		slices.ContainsFunc(parts, func(part string) bool { return !isPart(part) }) {
		return fault.Invalid("%s: %.40q is no language: it is a BCP 47 tag in lower case, such as de or pt-br", at, tag)
	}
	return nil
}

func (f *FollowUp) check(at string, now int64) error {
	switch {
	case (f.Offer == "") == (f.Ad == nil):
		return fault.Invalid("%s: it names an offer or an ad, one of both", at)
	case f.Until != 0 && f.Until <= f.From:
		return fault.Invalid("%s.until: it ends before it begins", at)
	case f.Repeat && f.Offer == "":
		return fault.Invalid("%s.repeat: it repeats an offer, and there is none", at)
	}
	return cmp.Or(
		optional(checkID, at+".campaign", f.Campaign),
		optional(checkName, at+".merchant", f.Merchant),
		optional(checkName, at+".category", f.Category),
		f.checkConditions(at),
		optional(checkID, at+".offer", f.Offer),
		checkTime(at+".from", f.From),
		checkAhead(at+".until", f.Until, now),
		f.Cap.check(at+".cap"),
		checkRange(at+".coolOffDays", f.CoolOffDays, maxCoolOff),
		checkLanguages(at+".reasons", f.Reasons, checkTitle),
		f.Ad.check(at+".ad"),
	)
}

// checkConditions looks at what narrows the redemptions that are answered.
func (f *FollowUp) checkConditions(at string) error {
	switch {
	case f.MinGiven > 0 && !terms.IsCurrency(f.Currency):
		return fault.Invalid("%s.currency: %.8q is not three capital letters (ISO 4217), which minGiven needs", at,
			f.Currency)
	case f.MinGiven == 0 && f.Currency != "":
		return fault.Invalid("%s.currency: there is no minGiven that it could be of", at)
	case f.WithinDays != 0 && f.WithinDays <= f.AfterDays:
		return fault.Invalid("%s.withinDays: it ends before it begins, after %d days", at, f.AfterDays)
	}
	return cmp.Or(
		optional(checkName, at+".store", f.Store),
		optional(checkGTIN, at+".product", f.Product),
		checkRange(at+".times", f.Times, maxTimes),
		checkNatural(at+".minGiven", f.MinGiven),
		checkRange(at+".afterDays", f.AfterDays, maxDays),
		checkRange(at+".withinDays", f.WithinDays, maxDays),
	)
}

// checkGTIN asks for a GTIN as terms have it.
func checkGTIN(at, number string) error {
	if len(number) < 8 || len(number) > 14 || strings.Trim(number, "0123456789") != "" {
		return fault.Invalid("%s: %.20q is no GTIN of 8, 12, 13 or 14 digits", at, number)
	}
	return nil
}

func (c Cap) check(at string) error {
	if c.Days != 0 && c.Times == 0 {
		return fault.Invalid("%s.days: without times they bound nothing", at)
	}
	return cmp.Or(
		checkRange(at+".times", c.Times, maxShownDays),
		checkRange(at+".days", c.Days, maxDays),
		checkNatural(at+".total", c.Total),
	)
}

func (a *Ad) check(at string) error {
	if a == nil {
		return nil
	}
	return cmp.Or(
		checkName(at+".id", a.ID),
		checkTitle(at+".title", a.Title),
		checkText(at+".text", a.Text),
		checkWords(at+".words", a.Words),
		optional(checkLink, at+".link", a.Link),
	)
}

func checkLink(at, link string) error {
	u, err := url.Parse(link)
	if err != nil || u.Scheme != "https" || u.Host == "" || len(link) > maxText || strings.ContainsAny(link, "\n\r") {
		return fault.Invalid("%s: %.64q is no https address", at, link)
	}
	return nil
}
