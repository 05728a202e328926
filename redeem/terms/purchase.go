package terms

import "strings"

// A Purchase is what a printed coupon requires to be bought. The zero value requires nothing.
type Purchase struct {
	// CompanyPrefix is what the GTIN-12 of the products begins with, 6 to 12 digits, or that with the leading zero of a
	// GTIN-13. Empty: any product.
	CompanyPrefix string
	// Family is the family code of the products, 3 digits. Empty or "000": any of the company.
	Family string
	// Quantity is how much of them; without a Unit it is whole items. Spend is the least total of their lines, and Total
	// that of all lines, in minor units. 0: none.
	Quantity Quantity
	Unit     Unit
	Spend    int64
	Total    int64
}

// anyFamily is the family code of all products of a company.
const anyFamily = "000"

// In reports whether a sale has the purchase, and whether that is known: it is not where there are no lines, and where
// it turns on lines whose family code the POS does not give or that stand under a summary of families.
func (p Purchase) In(sale Sale) (met, known bool) {
	if len(sale.Lines) == 0 {
		return false, false
	}
	least, most := tally{}, tally{} // without and with the lines of which it is not known
	for i := range sale.Lines {
		l := &sale.Lines[i]
		fits, certain := p.fits(l)
		back := l.kind() == Return
		if fits || !certain && back {
			least.add(l, p)
		}
		if fits || !certain && !back {
			most.add(l, p)
		}
		least.total += signedAmount(l)
	}
	most.total = least.total
	met = least.reaches(p)
	return met, met || !most.reaches(p)
}

// tally is what lines come to.
type tally struct {
	quantity     Quantity
	spend, total int64
}

func (t *tally) add(l *Line, p Purchase) {
	sign := Quantity(1)
	if l.kind() == Return {
		sign = -1
	}
	switch {
	case p.Unit == l.Unit:
		t.quantity += sign * l.quantity()
	case p.Unit == 0:
		t.quantity += sign * item // what is weighed is one item
	default:
		t.quantity += sign * MaxQuantity // it may weigh anything
	}
	t.spend += signedAmount(l)
}

// signedAmount returns what a line adds to the sale's total, and a return takes off.
func signedAmount(l *Line) int64 {
	switch l.kind() {
	case Return:
		return -l.worth()
	case Deduction, Deposit:
		return 0
	}
	return max(l.Amount, 0)
}

func (t tally) reaches(p Purchase) bool {
	return t.quantity >= p.Quantity && t.spend >= p.Spend && t.total >= p.Total
}

// fits reports whether a line is of the products, and whether that is certain.
func (p Purchase) fits(l *Line) (fits, certain bool) {
	if kind := l.kind(); kind == Deduction || kind == Deposit || l.NotEligible || !p.isOfCompany(l.GTIN) {
		return false, true
	}
	switch {
	case p.Unit != 0 && l.Unit != p.Unit:
		return false, false
	case p.Family == "" || p.Family == anyFamily || p.Family == l.Family:
		return true, true
	case l.Family == "" || covers(p.Family, l.Family):
		return false, false
	}
	return false, true
}

// covers reports whether a family code can be a summary of another: it ends in zeros where that goes on.
func covers(summary, family string) bool {
	return strings.HasPrefix(family, strings.TrimRight(summary, "0"))
}

// isOfCompany reports whether a GTIN begins with the prefix, in its form of twelve digits or of thirteen.
func (p Purchase) isOfCompany(number string) bool {
	if p.CompanyPrefix == "" {
		return true
	}
	const long, short = 14, 12
	if _, ok := parseGTIN(number); !ok || len(number) < short {
		return false
	}
	full := strings.Repeat("0", long-len(number)) + number
	upc, isUPC := strings.CutPrefix(full, "00")
	ean, isEAN := strings.CutPrefix(full, "0")
	return isUPC && strings.HasPrefix(upc, p.CompanyPrefix) || isEAN && strings.HasPrefix(ean, p.CompanyPrefix)
}
