package offer

import (
	"slices"
	"strings"

	"github.com/offlane/offlane/barcode/gs1"
	"github.com/offlane/offlane/redeem/fault"
)

// A Look is what a text looks to be, in words, for a till whose one scanner reads offers and everything else.
type Look string

// What a text may look to be.
const (
	// LookOther: none of the things below.
	LookOther Look = "something else"
	// LookOffer: an offer, whole or damaged.
	LookOffer Look = "an offer"
	// LookProduct: an item's EAN, UPC or GTIN, alone or in an element string or a link of GS1's.
	LookProduct Look = "a product's code"
	// LookCard: the number of a card, such as of a loyalty or gift card.
	LookCard Look = "a card's number"
	// LookPass: a pass that others issue, such as a certificate (HC1:) or a boarding pass.
	LookPass Look = "another issuer's pass"
	// LookLink: an address of the Web that names no offer.
	LookLink Look = "a web link"
)

// Looks says what a text looks to be, by its form alone: whether an offer can be read, Parse tells. A damaged offer
// looks like an offer.
func Looks(text string) Look {
	text = strings.Trim(text, blanks+"\r\n")
	aim, text := gs1.CutAIM(text)
	switch {
	case looksLikePass(text):
		return LookOffer
	case aim.Code == 'E':
		return LookProduct
	case isWebAddress(text):
		return looksOfLink(text)
	case aim.IsGS1() || strings.HasPrefix(text, "(") || strings.IndexByte(text, gs1.GS) >= 0:
		return looksOfElements(text)
	case isForeignPass(text):
		return LookPass
	}
	if digits, ok := onlyDigits(text); ok {
		return looksOfDigits(digits)
	}
	return looksOfSymbols(text)
}

// notAnOffer makes the error of a text that cannot be read say what the text is, unless it looks like an offer.
func notAnOffer(text string, err error) error {
	switch fault.CodeOf(err) {
	case fault.Unreadable, fault.Mistyped, fault.Malformed:
	default:
		return err
	}
	look := Looks(text)
	if _, rest := gs1.CutAIM(strings.Trim(text, blanks+"\r\n")); look == LookOffer || rest == "" {
		return err
	}
	return errorf(fault.NotAnOffer, "it is no offer, it looks like %s: hand it on to what serves that", look)
}

func isWebAddress(text string) bool {
	scheme, _, ok := strings.Cut(text, "://")
	isScheme := ok && scheme != "" && strings.IndexFunc(scheme, func(r rune) bool {
		return !isAlphanumeric(r) && !strings.ContainsRune("+-.", r)
	}) < 0
	const www = "www."
	return isScheme || len(text) > len(www) && strings.EqualFold(text[:len(www)], www)
}

// looksOfLink tells links by what stands in them: a coupon, an item, or nothing of GS1's.
func looksOfLink(text string) Look {
	link, err := gs1.ParseLink(text)
	if err == nil {
		return looksOfGood(link.Elements)
	}
	for _, segment := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune("/?&=;", r) }) {
		if slices.Contains(couponAIs, segment) || strings.EqualFold(segment, "gcn") {
			return LookOffer
		}
	}
	return LookLink
}

func looksOfGood(elements gs1.Elements) Look {
	for _, e := range elements {
		if slices.Contains(couponAIs, e.AI) {
			return LookOffer
		}
	}
	return LookProduct
}

// looksOfElements tells element strings. One that cannot be read is a damaged offer if a coupon's AI stands in it.
func looksOfElements(text string) Look {
	if elements, err := gs1.Parse(text); err == nil {
		return looksOfGood(elements)
	}
	if holdsCouponAI(text) {
		return LookOffer
	}
	return LookProduct
}

// foreignPasses are what the texts of other issuers' passes begin with: the European and the SMART health certificates,
// calendar and address cards, mobile driving licences, tickets of the railways.
var foreignPasses = []string{"HC1:", "SHC:/", "MDOC:", "BEGIN:V", "MECARD:", "#UT", "OTI01", "@\n", "WIFI:", "BCD\n"}

func isForeignPass(text string) bool {
	for _, prefix := range foreignPasses {
		if len(text) >= len(prefix) && strings.EqualFold(text[:len(prefix)], prefix) {
			return true
		}
	}
	const shortestBoardingPass = 58 // the mandatory items of one leg (IATA Resolution 792)
	return strings.HasPrefix(text, "M1") && len(text) >= shortestBoardingPass
}

// looksOfDigits tells numbers by their length and check digit.
func looksOfDigits(digits string) Look {
	const shortestCoupon, longestCoupon, shortestCard, longestCard, slack = 15, 128, 9, 19, 2
	n := len(digits)
	startsCoupon := slices.ContainsFunc(couponAIs, func(ai string) bool { return strings.HasPrefix(digits, ai) })
	switch {
	case isGTINLen(n) && dividesByTen(digits):
		return LookProduct
	case startsCoupon && n >= shortestCoupon && n <= longestCoupon, isNear(n, codeLen, slack), isNear(n, digitsLen, slack):
		return LookOffer
	case n > longestCard && holdsCouponAI(digits):
		return LookOffer
	case isGTINLen(n):
		return LookProduct
	case n >= shortestCard && n <= longestCard:
		return LookCard
	}
	return LookOther
}

func isNear(n, length, slack int) bool { return n >= length-slack && n <= length+slack }

func isGTINLen(n int) bool { return n == 8 || n == 12 || n == 13 || n == 14 }

// dividesByTen reports whether the last digit is GS1's check digit of those before.
func dividesByTen(digits string) bool {
	sum := 0
	for i := range len(digits) {
		weight := 1 + 2*(i&1)
		sum += int(digits[len(digits)-1-i]-'0') * weight
	}
	return sum%10 == 0
}

// looksOfSymbols tells texts of letters: what is about as long as a short code, or grouped like one.
func looksOfSymbols(text string) Look {
	const slack = 4
	symbols := strings.NewReplacer("-", "", " ", "").Replace(text)
	if strings.IndexFunc(symbols, func(r rune) bool { return !isAlphanumeric(r) && r != '|' }) >= 0 {
		if elements := strings.IndexFunc(symbols, isDigit) == 0 && holdsCouponAI(symbols); elements {
			return LookOffer
		}
		return LookOther
	}
	if isNear(len(symbols), codeLen, slack) || isGrouped(text) {
		return LookOffer
	}
	return LookOther
}

// isGrouped reports whether a text has at least two whole groups of a short code.
func isGrouped(text string) bool {
	groups := strings.FieldsFunc(text, func(r rune) bool { return r == '-' || r == ' ' })
	whole := 0
	for _, group := range groups {
		if len(group) == codeGroup {
			whole++
		}
	}
	return whole >= 2 && whole >= len(groups)-1
}

func isDigit(r rune) bool { return r >= '0' && r <= '9' }

func isAlphanumeric(r rune) bool {
	return isDigit(r) || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z'
}
