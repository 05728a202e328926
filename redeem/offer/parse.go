package offer

import (
	"strings"

	"github.com/offlane/offlane/redeem/fault"
)

// MaxText is the greatest length in bytes of a text that Parse looks at.
const MaxText = 4096

// A Dress is the form in which an offer was shown.
type Dress uint8

// The dresses.
const (
	// ShortCode is the identifier alone, in symbols or in digits.
	ShortCode Dress = 1 + iota
	// SignedPass is a pass with the issuer's signature.
	SignedPass
	// GS1 is a coupon's number by the GS1 General Specifications.
	GS1
)

// String returns the dress's name in words.
func (d Dress) String() string {
	switch d {
	case ShortCode:
		return "short code"
	case SignedPass:
		return "signed pass"
	case GS1:
		return "GS1"
	}
	return "unknown dress"
}

// Presented is what a text that was scanned or typed says. That it could be parsed does not make it genuine: see Verify.
type Presented struct {
	// Dress is the form it was shown in.
	Dress Dress
	// ID is the offer's identifier; zero in GS1 dress.
	ID ID
	// Alias is the GS1 number in its canonical form, "255:" and the digits for instance: in GS1 dress the one that was
	// shown, in a pass the one that it names, which may be empty.
	Alias string
	// Pass is what a signed pass says, nil in the other dresses. It must not be changed.
	Pass *Pass

	signed *sign1
}

// Identifies reports whether what was presented names one offer, so that it can be redeemed once.
func (p Presented) Identifies() bool { return !p.ID.IsZero() || p.Alias != "" }

// Parse takes an offer in any dress, as a scanner transmits it (an AIM symbology identifier before it, GS as 0x1D) or as a
// cashier types it. It checks the form and never the signature. Its error is fault.Unreadable, TooLarge, Mistyped or Swapped
// for a text that is not in a known form, and Malformed, NotCanonical, UnsupportedVersion, Algorithm or CriticalHeader for a
// signed pass that is not as it must be.
func Parse(text string) (Presented, error) {
	if len(text) > MaxText {
		return Presented{}, errorf(fault.TooLarge, "the text has %d bytes, no offer has more than %d", len(text), MaxText)
	}
	text = withoutAIM(text)
	switch {
	case text == "":
		return Presented{}, errorf(fault.Unreadable, "the text is empty: scan again")
	case strings.HasPrefix(text, passPrefix):
		return parsePass(text[len(passPrefix):])
	}
	return parseCode(text)
}

// withoutAIM strips a symbology identifier (ISO/IEC 15424): "]", a letter and a modifier.
func withoutAIM(text string) string {
	if len(text) >= 3 && text[0] == ']' {
		return text[3:]
	}
	return text
}

func parseCode(text string) (Presented, error) {
	parse := ParseCode
	if digits, ok := onlyDigits(text); ok && len(digits) != CodeLen {
		parse = ParseDigits
	}
	id, err := parse(text)
	if err != nil {
		return Presented{}, err
	}
	return Presented{Dress: ShortCode, ID: id}, nil
}

func parsePass(text string) (Presented, error) {
	if len(text) > MaxPassText-len(passPrefix) {
		return Presented{}, errorf(fault.TooLarge, "the pass has %d characters, none has more than %d", len(text), MaxPassText)
	}
	data, err := decodeBase45(text)
	if err != nil {
		return Presented{}, errorf(fault.Malformed, "the pass cannot be read: %w", err)
	}
	signed, err := decodeSign1(data, typeCWT)
	if err != nil {
		return Presented{}, err
	}
	pass, err := decodeClaims(signed.Payload)
	if err != nil {
		return Presented{}, err
	}
	pass.KeyID = signed.keyID
	if err := pass.check(); err != nil {
		return Presented{}, errorf(fault.Malformed, "the pass contradicts itself: %w", err)
	}
	return Presented{Dress: SignedPass, ID: pass.ID, Alias: pass.Alias, Pass: pass, signed: signed}, nil
}

// Verify returns nil where the signature shows that the issuer issued this pass with a key that was in force. Otherwise its
// error is fault.Unproven for a dress without a signature, UnknownIssuer where the key is not in the set, Forged where the
// signature does not fit, and IssuerKeyExpired where the key was not in force when the pass was issued. It says nothing of
// validity, audience or uses.
func (p Presented) Verify(keys Keys) error {
	if p.signed == nil || p.Pass == nil {
		return verifyError(fault.Unproven, "a %s carries no signature: nothing shows that it was issued", p.Dress)
	}
	key, ok := keys.Find(p.Pass.Issuer, p.Pass.KeyID)
	if !ok {
		return verifyError(fault.UnknownIssuer, "no key %q of issuer %q is known here: get a newer trust bundle", p.Pass.KeyID, p.Pass.Issuer)
	}
	if p.signed.verify(key) != nil {
		return verifyError(fault.Forged, "the signature does not fit: %s did not issue this pass", p.Pass.Issuer)
	}
	if !key.InForce(p.Pass.IssuedAt) {
		return verifyError(fault.IssuerKeyExpired, "key %q of issuer %q was not in force when the pass was issued", key.ID, key.Issuer)
	}
	return nil
}

func verifyError(code fault.Code, format string, args ...any) error {
	return fault.New(code, "offer.Verify", format, args...)
}
