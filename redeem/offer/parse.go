package offer

import (
	"strings"

	"github.com/offlane/offlane/barcode/gs1"
	"github.com/offlane/offlane/redeem/fault"
)

// maxText is the greatest length in bytes of a text that Parse looks at.
const maxText = 4096

// A Dress is the form in which an offer was shown, in words.
type Dress string

// The dresses.
const (
	// ShortCode is the identifier alone, in symbols or in digits.
	ShortCode Dress = "short code"
	// SignedPass is a pass with the issuer's signature.
	SignedPass Dress = "signed pass"
	// GS1 is a coupon's number by the GS1 General Specifications.
	GS1 Dress = "GS1"
)

// Presented is what a text that was scanned or typed says. That it could be parsed does not make it genuine: see
// Verify.
type Presented struct {
	// Dress is the form it was shown in.
	Dress Dress
	// ID is the offer's identifier; zero in GS1 dress. It is a secret of the customer's and stays out of JSON.
	ID ID `json:"-"`
	// Alias is the GS1 number with its serial in canonical form, which names one offer as an ID does: "255:" and the
	// GCN, "8110:" or "8112:" and the fields of the number joined by points. In GS1 dress it is the one that was shown,
	// empty where there is no serial; in a pass the one that it names, which may be empty.
	Alias string
	// Pass is what a signed pass says, nil in the other dresses. It must not be changed.
	Pass *Pass
	// Coupon is the GS1 number without serial, as Alias without its last part; empty in the other dresses.
	Coupon string
	// Elements are all GS1 elements that were shown, such as an expiry date (17); nil in the other dresses.
	Elements gs1.Elements

	signed *signature
}

// Identifies reports whether what was presented names one offer, so that it can be redeemed once. A GS1 coupon without
// a serial does not.
func (p Presented) Identifies() bool { return !p.ID.IsZero() || p.Alias != "" }

// Parse takes an offer in any dress, as a scanner transmits it (an AIM symbology identifier before it, GS as 0x1D) or
// as a cashier types it. It checks the form and never the signature. Its error is fault.NotAnOffer for a text that
// looks like something else (see Looks), fault.Unreadable, TooLarge, Mistyped or Swapped for a text that is not in a
// known form, Ambiguous for digits that are both an identifier and a GS1 coupon and for a GS1 text that can be read in
// several ways, since its group separators may be lost (a Reader may know more), and Malformed, NotCanonical,
// UnsupportedVersion, Algorithm or CriticalHeader for a signed pass or a GS1 code that is not as it must be.
func Parse(text string) (Presented, error) { return Reader{}.Parse(text) }

// looksLikePass reports whether a text has a pass's prefix of another version, or in small letters.
func looksLikePass(text string) bool {
	prefix, _, ok := strings.Cut(text, ":")
	return ok && len(prefix) > 2 && len(prefix) <= 5 && strings.EqualFold(prefix[:2], passPrefix[:2]) &&
		strings.Trim(prefix[2:], "0123456789") == ""
}

func otherPass(text string) error {
	if len(text) >= len(passPrefix) && strings.EqualFold(text[:len(passPrefix)], passPrefix) {
		return errorf(fault.Unreadable, "the letters of the pass have the wrong case: switch caps lock off and scan again")
	}
	return errorf(fault.UnsupportedVersion, "the pass is of another version than this program reads: update it")
}

// parseCode reads an identifier in symbols or in digits.
func parseCode(text string) (Presented, error) {
	parse := ParseCode
	if digits, ok := onlyDigits(text); ok && len(digits) != codeLen {
		parse = parseDigits
	}
	id, err := parse(text)
	if err != nil {
		return Presented{}, err
	}
	return Presented{Dress: ShortCode, ID: id}, nil
}

func parsePass(text string) (Presented, error) {
	if len(text) > MaxPassText-len(passPrefix) {
		return Presented{}, errorf(fault.TooLarge, "the pass has %d characters, none has more than %d", len(text),
			MaxPassText)
	}
	data, err := decodeBase45(text)
	if err != nil {
		return Presented{}, errorf(fault.Malformed, "the pass cannot be read: %w", err)
	}
	pass, signed, ok := readPlain(data)
	if !ok {
		if pass, signed, err = readAny(data); err != nil {
			return Presented{}, err
		}
	}
	return Presented{Dress: SignedPass, ID: pass.ID, Alias: pass.Alias, Pass: pass, signed: signed}, nil
}

// readAny reads a pass in every form that is allowed, and tells what is wrong with one in another.
func readAny(data []byte) (*Pass, *signature, error) {
	message, err := decodeSign1(data, typeCWT)
	if err != nil {
		return nil, nil, err
	}
	pass, err := decodeClaims(message.Payload)
	if err != nil {
		return nil, nil, err
	}
	pass.KeyID = message.keyID
	if err := pass.check(); err != nil {
		return nil, nil, errorf(fault.Malformed, "the pass contradicts itself: %w", err)
	}
	return pass, message.signature(), nil
}

// Verify returns nil where the signature shows that the issuer issued this pass with a key that was in force. Otherwise
// its error is fault.Unproven for a dress without a signature, UnknownIssuer where the key is not in the set, Forged
// where the signature does not fit, and IssuerKeyExpired where the key was not in force when the pass was issued. It
// says nothing of validity, audience or uses.
func (p Presented) Verify(keys Keys) error {
	if p.signed == nil || p.Pass == nil {
		return verifyError(fault.Unproven, "a %s carries no signature: scan its pass instead, or ask a manager", p.Dress)
	}
	key, ok := keys.find(p.Pass.Issuer, p.Pass.KeyID)
	if !ok {
		return verifyError(fault.UnknownIssuer, "no key %q of issuer %q is known here: get a newer trust bundle",
			p.Pass.KeyID, p.Pass.Issuer)
	}
	if !p.signed.fits(key) {
		return verifyError(fault.Forged, "the signature does not fit: %s did not issue this pass", p.Pass.Issuer)
	}
	if !key.InForce(p.Pass.IssuedAt) {
		return verifyError(fault.IssuerKeyExpired, "key %q of issuer %q was not in force when the pass was issued",
			key.ID, key.Issuer)
	}
	return nil
}

func verifyError(code fault.Code, format string, args ...any) error {
	return fault.New(code, "offer.Verify", format, args...)
}
