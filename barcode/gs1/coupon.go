package gs1

import (
	"strconv"
	"strings"
)

// A Coupon is the North American coupon code of AI (8110), taken apart into its fields (North American Coupon
// Application Guideline Using GS1 DataBar Expanded Symbols). All fields are digits as they stand in the code.
type Coupon struct {
	// CompanyPrefix is the funder's GS1 Company Prefix, 6 to 12 digits.
	CompanyPrefix string
	// OfferCode names the offer among the funder's, 6 digits.
	OfferCode string
	// SaveValue is what is saved, 1 to 5 digits: cents, unless Options say otherwise.
	SaveValue string
	// Primary is the first purchase that is required.
	Primary Purchase
	// AdditionalRules says how the purchases are combined, "0" to "3"; empty: there is no second purchase.
	AdditionalRules string
	// Second and Third are further purchases that are required; zero: none.
	Second, Third Purchase
	// Expires and Starts are dates as YYMMDD; empty: not said.
	Expires, Starts string
	// Serial is the coupon's own number, 6 to 15 digits; empty: the coupon has none and cannot be told from its copies.
	Serial string
	// Retailer is the GS1 Company Prefix or GLN of the retailer it is for, 7 to 13 digits; empty: any.
	Retailer string
	// Options are the miscellaneous elements; zero: none are given.
	Options CouponOptions
}

// A Purchase is a purchase that a coupon requires.
type Purchase struct {
	// Requirement is how much, 1 to 5 digits; Code says of what kind, "0" to "4" or "9".
	Requirement, Code string
	// FamilyCode is the product family, 3 digits.
	FamilyCode string
	// CompanyPrefix is the prefix of the company whose products are meant, 6 to 12 digits; empty: the funder's. It is
	// not used in the primary purchase.
	CompanyPrefix string
}

// CouponOptions are the miscellaneous elements of a coupon, one digit each.
type CouponOptions struct {
	// SaveValueCode says what SaveValue counts: "0" cents, "1" a free item, "2" a number of free items, "5" percent,
	// "6" a total.
	SaveValueCode string
	// AppliesTo says to which purchase the saving applies, "0" to "2" for the first to the third.
	AppliesTo string
	// StoreCoupon is the store coupon flag, a digit.
	StoreCoupon string
	// DontMultiply is "1" where the coupon must not be multiplied, else "0".
	DontMultiply string
}

// ParseCoupon takes apart the value of AI (8110). Its error is an *Error that says where the value is wrong.
func ParseCoupon(value string) (Coupon, error) {
	c, at, problem := readCoupon(value)
	if problem != "" {
		return Coupon{}, &Error{AI: "8110", Offset: at, Linter: "couponcode", Detail: "it " + problem}
	}
	return c, nil
}

// checkCoupon is couponcode.
func checkCoupon(s string) (int, string) {
	_, at, problem := readCoupon(s)
	return at, problem
}

func readCoupon(value string) (c Coupon, at int, problem string) {
	r := fieldReader{text: value}
	if !isDigits(value) {
		r.fail("is not of digits alone")
	}
	c.CompanyPrefix = r.companyPrefix('0', '6')
	c.OfferCode = r.take(6, "offer code")
	c.SaveValue = r.sizedField('1', '5', 0, "save value")
	c.Primary = r.purchase()
	if r.option('1') {
		c.AdditionalRules = r.oneOf("0123", "additional purchase rules code")
		c.Second = r.furtherPurchase()
	}
	if r.option('2') {
		c.Third = r.furtherPurchase()
	}
	if r.option('3') {
		c.Expires = r.date("expiration date")
	}
	if r.option('4') {
		c.Starts = r.date("start date")
		if c.Expires != "" && c.Starts > c.Expires {
			r.fail("is a start after the expiration")
		}
	}
	if r.option('5') {
		c.Serial = r.sizedField('0', '9', 6, "serial number")
	}
	if r.option('6') {
		c.Retailer = r.companyPrefix('1', '7')
	}
	if r.option('9') {
		c.Options = r.options()
	}
	return c, r.at, r.end()
}

// String puts the value of AI (8110) together again: what ParseCoupon took apart comes out as it was. A Coupon with
// fields of wrong lengths gives a text that ParseCoupon refuses.
func (c Coupon) String() string {
	var b strings.Builder
	writeSized(&b, c.CompanyPrefix, 6)
	b.WriteString(c.OfferCode)
	writeSized(&b, c.SaveValue, 0)
	c.Primary.write(&b)
	if c.Second != (Purchase{}) {
		b.WriteString("1" + c.AdditionalRules)
		c.Second.writeFurther(&b)
	}
	if c.Third != (Purchase{}) {
		b.WriteByte('2')
		c.Third.writeFurther(&b)
	}
	writeOption(&b, "3", c.Expires)
	writeOption(&b, "4", c.Starts)
	if c.Serial != "" {
		b.WriteByte('5')
		writeSized(&b, c.Serial, 6)
	}
	if c.Retailer != "" {
		b.WriteByte('6')
		writeSized(&b, c.Retailer, 6)
	}
	if o := c.Options; o != (CouponOptions{}) {
		b.WriteString("9" + o.SaveValueCode + o.AppliesTo + o.StoreCoupon + o.DontMultiply)
	}
	return b.String()
}

func (p Purchase) write(b *strings.Builder) {
	writeSized(b, p.Requirement, 0)
	b.WriteString(p.Code + p.FamilyCode)
}

func (p Purchase) writeFurther(b *strings.Builder) {
	p.write(b)
	if p.CompanyPrefix == "" {
		b.WriteByte(noPrefix)
		return
	}
	writeSized(b, p.CompanyPrefix, 6)
}

// writeSized writes a field behind a digit that says by how much it is longer than base.
func writeSized(b *strings.Builder, field string, base int) {
	b.WriteString(strconv.Itoa(len(field) - base))
	b.WriteString(field)
}

func writeOption(b *strings.Builder, indicator, field string) {
	if field != "" {
		b.WriteString(indicator + field)
	}
}
