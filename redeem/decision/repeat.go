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
		addDiscount(&d.Discount, s.Discount)
	}
	rec := stands[0].Record
	d.Made = wallTime(rec)
	d.Offer, d.Alias, d.Coupon, d.Campaign, d.Proven = rec.Offer, rec.Alias, rec.Coupon, rec.Campaign, rec.Proven
	d.Differs = p.Uses != len(stands) || p.differs(d)
}

// addDiscount adds a discount to a sum, line by line.
func addDiscount(sum *terms.Discount, d terms.Discount) {
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
	return p.Given != d.Given || OtherLines([]terms.Discount{d.Discount}, p.Discount)
}

// OtherLines reports whether discounts together differ in a line from another one, where both are known line by line.
func OtherLines(kept []terms.Discount, now terms.Discount) bool {
	var sum terms.Discount
	for _, d := range kept {
		addDiscount(&sum, d)
	}
	return len(sum.Lines) > 0 && len(now.Lines) > 0 && !slices.Equal(sum.Lines, now.Lines)
}
