package decision

import (
	"slices"

	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/redeem/terms"
)

// A Stand is a redemption and what became of its amount, the last correction included.
type Stand struct {
	Record  *record.Record
	Given   record.Money
	GivenBy record.GivenBy
	// Discount is the discount's lines, of the last basket; zero where they are not kept.
	Discount terms.Discount
}

// Repeat completes a decision that says Again: what stands in the records, in the order in which their call made them,
// and whether the request is for something else.
func (p *Prepared) Repeat(d *Decision, stands []Stand) {
	d.Given, d.GivenBy, d.Discount = record.Money{}, 0, terms.Discount{}
	for i := range stands {
		s := &stands[i]
		Name(d, s.Record.ID)
		d.Given.Amount += s.Given.Amount
		d.Given.Currency, d.GivenBy = s.Given.Currency, s.GivenBy
		AddDiscount(&d.Discount, s.Discount)
	}
	rec := stands[0].Record
	d.Made = madeAt(rec)
	d.Offer, d.Alias, d.Coupon, d.Campaign, d.Proven = rec.Offer, rec.Alias, rec.Coupon, rec.Campaign, rec.Proven
	d.Differs = p.Uses != len(stands) || p.differs(d)
}

// AddDiscount adds a discount to a sum, line by line.
func AddDiscount(sum *terms.Discount, d terms.Discount) {
	if len(d.Lines) == 0 {
		return
	}
	sum.Currency, sum.Total = d.Currency, sum.Total+d.Total
	sum.Lines = append(sum.Lines, make([]int64, max(len(d.Lines)-len(sum.Lines), 0))...)
	for i, amount := range d.Lines {
		sum.Lines[i] += amount
	}
}

// differs reports whether the request is for another amount or other lines than the records that the decision tells of.
// A request that names neither amount nor lines differs in nothing.
func (p *Prepared) differs(d *Decision) bool {
	if p.Request.Given == (record.Money{}) && (len(p.Request.Sale.Lines) == 0 || p.Terms.IsZero()) {
		return false
	}
	return p.Given != d.Given || OtherLines(p.Discount, d.Discount)
}

// OtherLines reports whether two discounts that are both known line by line differ in a line.
func OtherLines(a, b terms.Discount) bool {
	return len(a.Lines) > 0 && len(b.Lines) > 0 && !slices.Equal(a.Lines, b.Lines)
}
