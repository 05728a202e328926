package gs1

import "strings"

// noPrefix is the length indicator of a company prefix that is left out.
const noPrefix = '9'

// fieldReader takes a coupon's digits apart from left to right. After the first failure it returns nothing more.
type fieldReader struct {
	text    string
	at      int
	problem string
}

func (r *fieldReader) fail(problem string) {
	if r.problem == "" {
		r.problem = problem
	}
}

// end returns what went wrong; digits left over are wrong as well.
func (r *fieldReader) end() string {
	if r.at < len(r.text) {
		r.fail("is more than the coupon's fields")
	}
	return r.problem
}

// take returns the next n digits.
func (r *fieldReader) take(n int, name string) string {
	if r.problem != "" {
		return ""
	}
	if len(r.text)-r.at < n {
		r.fail("is too short for the " + name)
		return ""
	}
	r.at += n
	return r.text[r.at-n : r.at]
}

// oneOf returns the next digit, which is one of those allowed.
func (r *fieldReader) oneOf(allowed, name string) string {
	s := r.take(1, name)
	if r.problem == "" && strings.IndexByte(allowed, s[0]) < 0 {
		r.at--
		r.fail("is no " + name)
	}
	return s
}

// sizedField returns a field behind a digit from low to high that says by how much it is longer than base.
func (r *fieldReader) sizedField(low, high byte, base int, name string) string {
	indicator := r.take(1, name)
	if r.problem != "" {
		return ""
	}
	if indicator[0] < low || indicator[0] > high {
		r.at--
		r.fail("is no length of the " + name)
		return ""
	}
	return r.take(int(indicator[0]-'0')+base, name)
}

// companyPrefix returns a GS1 Company Prefix, or for a retailer a GLN. Its first digits need no check: all are digits.
func (r *fieldReader) companyPrefix(low, high byte) string {
	return r.sizedField(low, high, 6, "GS1 Company Prefix")
}

// option reports whether the optional field with this indicator follows, and passes the indicator over.
func (r *fieldReader) option(indicator byte) bool {
	if r.problem != "" || r.at >= len(r.text) || r.text[r.at] != indicator {
		return false
	}
	r.at++
	return true
}

func (r *fieldReader) purchase() (p Purchase) {
	p.Requirement = r.sizedField('1', '5', 0, "purchase requirement")
	p.Code = r.oneOf("012349", "purchase requirement code")
	p.FamilyCode = r.take(3, "purchase family code")
	return p
}

func (r *fieldReader) furtherPurchase() Purchase {
	p := r.purchase()
	if !r.option(noPrefix) {
		p.CompanyPrefix = r.companyPrefix('0', '6')
	}
	return p
}

func (r *fieldReader) date(name string) string {
	s := r.take(6, name)
	if r.problem != "" {
		return ""
	}
	if at, problem := date(s); problem != "" {
		r.at += at - len(s)
		r.fail(problem)
	}
	return s
}

func (r *fieldReader) options() CouponOptions {
	return CouponOptions{
		SaveValueCode: r.oneOf("01256", "save value code"),
		AppliesTo:     r.oneOf("012", "item that the save value applies to"),
		StoreCoupon:   r.take(1, "store coupon flag"),
		DontMultiply:  r.oneOf("01", "don't multiply flag"),
	}
}
