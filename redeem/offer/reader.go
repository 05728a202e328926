package offer

import (
	"bytes"
	"cmp"
	"errors"
	"slices"
	"strings"

	"github.com/offlane/offlane/barcode/gs1"
	"github.com/offlane/offlane/redeem/fault"
)

// A Reader parses texts with what is known of the scanner and of the campaigns. The zero value knows nothing, and is
// what the function Parse uses. It may be used by several goroutines at once if its LayoutOf may.
type Reader struct {
	// Separated says that group separators arrive, as they do from barcode.Scanner and from a hand scanner whose self-test
	// showed it: then a text stands as it is. False: they may have been lost, and all that a GS1 text without any can
	// mean is counted.
	Separated bool
	// LayoutOf finds the layout of a GS1 coupon's campaign by the coupon's number, with its serial where it has one, in
	// the form of Presented.Alias; zero: none is known. Nil: no layout is.
	LayoutOf func(number string) Layout
}

func (r Reader) layoutOf(c coupon) Layout {
	if r.LayoutOf == nil {
		return Layout{}
	}
	return r.LayoutOf(cmp.Or(c.alias, c.number))
}

// Parse takes an offer in any dress, as the function Parse does.
func (r Reader) Parse(text string) (Presented, error) {
	p, err := r.parse(text)
	if err != nil {
		return Presented{}, notAnOffer(text, err)
	}
	return p, nil
}

func (r Reader) parse(text string) (Presented, error) {
	if len(text) > maxText {
		return Presented{}, errorf(fault.TooLarge, "the text has %d bytes, no offer has more than %d", len(text), maxText)
	}
	text = strings.TrimLeft(strings.TrimRight(text, "\r\n\t"), blanks) // what a scanner sends after a text belongs to none
	aim, text := gs1.CutAIM(text)
	if text = strings.TrimLeft(text, blanks); gs1.IsLink(text) {
		text = strings.TrimRight(text, blanks)
	}
	switch {
	case text == "":
		return Presented{}, errorf(fault.Unreadable, "the text is empty: scan again")
	case strings.HasPrefix(text, passPrefix):
		return parsePass(text[len(passPrefix):])
	case looksLikePass(text):
		return Presented{}, otherPass(text)
	case gs1.IsLink(text) || text[0] == '(' || strings.IndexByte(text, gs1.GS) >= 0:
		return r.parseGS1(text)
	case aim.IsGS1():
		return r.parseElements(text)
	case aim.Code != 0:
		return parseCode(text)
	}
	return r.parseBare(text)
}

// blanks may stand before any text, as a person or a program pastes it, and behind a link. Behind a pass a blank is a
// part of it.
const blanks = " \t\u00a0\ufeff"

// Choose parses several readings of one scan, as undoing a keyboard layout can leave them, and returns the one that is
// an offer. Its error is fault.Ambiguous where two of them are different offers, or one offer with different amounts or
// days, and where one of them is ambiguous by itself; that is never guessed. It is the error of the first reading
// that looks like an offer, or of the first, where none is one. Without a reading it is fault.Unreadable.
func (r Reader) Choose(readings ...string) (Presented, error) {
	var chosen Presented
	var first error
	for _, text := range readings {
		p, err := r.Parse(text)
		switch {
		case errors.Is(err, fault.Ambiguous):
			return Presented{}, err
		case err != nil && (first == nil || errors.Is(first, fault.NotAnOffer)):
			first = err
		case err != nil || p.sameAs(chosen):
		case chosen.Dress != "":
			return Presented{}, errorf(fault.Ambiguous, "the keyboard layout leaves more than one offer: "+
				"run the scanner's self-test")
		default:
			chosen = p
		}
	}
	if chosen.Dress == "" && first == nil {
		return Presented{}, errorf(fault.Unreadable, "there is no text: scan again")
	}
	if chosen.Dress == "" {
		return Presented{}, first
	}
	return chosen, nil
}

// sameAs reports whether two readings say the same: not only the same offer, but the same amount and last day as well.
func (p Presented) sameAs(other Presented) bool {
	return p.Dress == other.Dress && p.ID == other.ID && p.Alias == other.Alias && p.Coupon == other.Coupon &&
		slices.Equal(p.Elements, other.Elements) && p.signed.same(other.signed)
}

func (s *signature) same(other *signature) bool {
	if s == nil || other == nil {
		return s == other
	}
	return bytes.Equal(s.content, other.content) && bytes.Equal(s.value, other.value)
}

// parseBare reads a text that nothing marks: a code, in symbols or in digits, or an element string without separators.
// The same digits may be both.
func (r Reader) parseBare(text string) (Presented, error) {
	code, codeErr := parseCode(text)
	if !holdsCouponAI(text) {
		return code, codeErr
	}
	coupon, couponErr := r.parseElements(text)
	isCoupon := couponErr == nil || errors.Is(couponErr, fault.Ambiguous)
	switch {
	case codeErr == nil && isCoupon:
		return Presented{}, errorf(fault.Ambiguous, "the digits are both an offer's identifier and a GS1 coupon: "+
			"scan another of its codes")
	case codeErr == nil:
		return code, nil
	case isCoupon || namesCoupon(text):
		return coupon, couponErr
	}
	return code, codeErr
}

// holdsCouponAI reports whether the digits of a coupon's AI stand anywhere in a text.
func holdsCouponAI(text string) bool {
	return slices.ContainsFunc(couponAIs, func(ai string) bool { return strings.Contains(text, ai) })
}

// namesCoupon reports whether a text is of digits, of a length that no identifier has, and begins as a coupon's element
// string does.
func namesCoupon(text string) bool {
	return len(text) != codeLen && len(text) != digitsLen && strings.Trim(text, "0123456789") == "" &&
		slices.ContainsFunc(couponAIs, func(ai string) bool { return strings.HasPrefix(text, ai) })
}

// parseElements reads an element string without any separator. Unless it is known that none was lost, everything that
// it can mean is counted, and only what can be read in one way is taken.
func (r Reader) parseElements(text string) (Presented, error) {
	if r.Separated {
		return r.parseGS1(text)
	}
	count, readings := r.countUnseparated(text)
	switch count {
	case 0:
		return r.unreadableElements(text)
	case 1:
		return r.couponIn(readings[0])
	}
	return Presented{}, errorf(fault.Ambiguous, "without its group separators the text can be read in %d ways, which "+
		"differ in %s: set the scanner to send GS and run its self-test, scan the code with the camera, or type what is "+
		"printed below it with its brackets", count, strings.Join(differences(readings), " and "))
}

// unreadableElements says what is wrong with an element string that has no reading.
func (r Reader) unreadableElements(text string) (Presented, error) {
	_, err := r.parseGS1(text)
	if err == nil {
		err = errorf(fault.Malformed, "its group separators are lost, and it is no coupon of its campaign's layout: "+
			"scan it with the camera")
	}
	return Presented{}, err
}

// parseGS1 reads a coupon by GS1's rules as it stands: an element string or a Digital Link.
func (r Reader) parseGS1(text string) (Presented, error) {
	elements, err := gs1.Parse(text)
	if err != nil {
		return Presented{}, errorf(fault.Malformed, "it is no element string or link of GS1's: %w", err)
	}
	return r.couponIn(elements)
}

// couponIn finds the coupon in elements.
func (r Reader) couponIn(elements gs1.Elements) (Presented, error) {
	if err := elements.Check(); err != nil {
		return Presented{}, errorf(fault.Malformed, "its GS1 elements do not go together: %w", err)
	}
	var found coupon
	for _, ai := range couponAIs {
		value, ok := elements.Get(ai)
		if !ok {
			continue
		}
		if found.number != "" {
			return Presented{}, errorf(fault.Ambiguous, "it names two coupons: scan them one by one")
		}
		var err error
		if found, err = couponOf(ai, value); err != nil {
			return Presented{}, errorf(fault.Malformed, "its coupon number cannot be read: %w", err)
		}
	}
	if found.number == "" {
		return Presented{}, errorf(fault.Unreadable, "it is a GS1 code without a coupon's number")
	}
	layout := r.layoutOf(found)
	if err := layout.checkParts(found, elements); err != nil {
		return Presented{}, errorf(fault.Malformed, "it is no coupon of its campaign: %w: scan it again", err)
	}
	return Presented{Dress: GS1, Alias: found.alias, Coupon: found.number, Elements: elements}, nil
}
