package gs1

import "strconv"

// A GCN is the Global Coupon Number of AI (255) (General Specifications, section 3.5.1).
type GCN struct {
	// Number is the coupon's number with its check digit, 13 digits.
	Number string
	// Serial tells one copy from another, 1 to 12 digits; empty: the coupon has no serial.
	Serial string
}

// ParseGCN takes apart the value of AI (255). Its error is an *Error that says where the value is wrong.
func ParseGCN(value string) (GCN, error) {
	if err := checkValue("255", value); err != nil {
		return GCN{}, err
	}
	const numberLen = 13
	return GCN{Number: value[:numberLen], Serial: value[numberLen:]}, nil
}

// String puts the value of AI (255) together again.
func (g GCN) String() string { return g.Number + g.Serial }

// A PositiveOffer is the positive offer file coupon of AI (8112) (GS1 AI (8112) Coupon Data Specification).
type PositiveOffer struct {
	// Format is "0" or "1".
	Format string
	// Funder is the coupon funder's id, 6 to 12 digits.
	Funder string
	// OfferCode names the offer among the funder's, 6 digits.
	OfferCode string
	// Serial tells one copy from another, 6 to 15 digits.
	Serial string
}

// ParsePositiveOffer takes apart the value of AI (8112). Its error is an *Error that says where the value is wrong.
func ParsePositiveOffer(value string) (PositiveOffer, error) {
	o, at, problem := readPositiveOffer(value)
	if problem != "" {
		return PositiveOffer{}, &Error{AI: "8112", Offset: at, Linter: "couponposoffer", Detail: "it " + problem}
	}
	return o, nil
}

// checkPositiveOffer is couponposoffer.
func checkPositiveOffer(s string) (int, string) {
	_, at, problem := readPositiveOffer(s)
	return at, problem
}

func readPositiveOffer(value string) (o PositiveOffer, at int, problem string) {
	r := fieldReader{text: value}
	if !isDigits(value) {
		r.fail("is not of digits alone")
	}
	o.Format = r.oneOf("01", "coupon format")
	o.Funder = r.sizedField('0', '6', 6, "funder id")
	o.OfferCode = r.take(6, "offer code")
	o.Serial = r.sizedField('0', '9', 6, "serial number")
	return o, r.at, r.end()
}

// String puts the value of AI (8112) together again.
func (o PositiveOffer) String() string {
	return o.Format + strconv.Itoa(len(o.Funder)-6) + o.Funder + o.OfferCode + strconv.Itoa(len(o.Serial)-6) + o.Serial
}
