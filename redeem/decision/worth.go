package decision

import (
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/redeem/terms"
)

// weighWorth works out the discount. What the POS's own engine gave counts where it says so, if the terms can give as
// much.
func (p *Prepared) weighWorth() {
	if p.Request.Given != (record.Money{}) {
		p.Given, p.GivenBy = p.Request.Given, record.GivenByPOS
	}
	if p.Terms.IsZero() {
		return
	}
	w := WorthOf(p.Terms, p.Uses, p.Request.Sale)
	if w.Err != nil {
		reason := p.addReason(Refuse, w.Err)
		if reason.Code == fault.NothingEligible {
			reason.Missing, reason.MissingQuantity = shortfall(w.terms, p.Request.Sale)
		}
		return
	}
	p.Discount = w.Discount
	if p.GivenBy == 0 && w.known {
		p.Given = record.Money{Amount: w.Discount.Total, Currency: w.Discount.Currency}
		p.GivenBy = record.GivenByTerms
	}
	if p.GivenBy == record.GivenByPOS {
		if err := w.Allows(p.Given); err != nil {
			p.weighExcess(err, w)
		}
	}
}

// weighExcess asks about more than the terms give, and refuses another currency.
func (p *Prepared) weighExcess(err error, w Worth) {
	reason := p.addReason(Refuse, err)
	if reason.Code == fault.OverTerms {
		reason.Outcome, reason.Limit, reason.Used = Ask, w.most, p.Given.Amount
	}
}

// weighPurchase refuses where the sale has not what a coupon's bar code requires, and asks where that cannot be told.
func (p *Prepared) weighPurchase() {
	err := p.Presented.CheckPurchase(p.Request.Sale, !p.Terms.IsZero())
	switch {
	case err == nil:
	case fault.CodeOf(err) == fault.PurchaseUnknown:
		p.addReason(Ask, err)
	case !hasReason(p.reasons, fault.NothingEligible):
		p.addReason(Refuse, err)
	}
}

// A Worth is what an offer's terms can give in a sale.
type Worth struct {
	// Discount is what they make of the sale's lines; zero without lines.
	Discount terms.Discount
	// Err says why the lines get nothing; nil: they get the discount.
	Err error

	terms    terms.Terms // for all uses together
	known    bool        // there are lines
	most     int64       // the terms give no more
	bounded  bool        // and that is known
	currency string      // in which; empty: in any
}

// WorthOf works out what the terms make of the lines for so many uses, or without lines the most that they can make of
// any.
func WorthOf(t terms.Terms, uses int, sale terms.Sale) (w Worth) {
	w.terms, w.currency = t.Times(uses), t.Currency
	if len(sale.Lines) == 0 {
		w.most, w.bounded = w.terms.Most()
		return w
	}
	w.known, w.bounded, w.currency = true, true, sale.Currency
	w.Discount, w.Err = w.terms.Apply(sale)
	w.most = w.Discount.Total
	return w
}

// Allows returns nil for an amount that the terms can give, else fault.OtherCurrency or fault.OverTerms.
func (w *Worth) Allows(given record.Money) error {
	switch {
	case w.currency != "" && given.Currency != w.currency:
		return fault.New(fault.OtherCurrency, "",
			"the offer is in %s, and the POS gave %q: give the discount in the offer's currency",
			w.currency, given.Currency)
	case w.bounded && given.Amount > w.most:
		return fault.New(fault.OverTerms, "",
			"the POS gave %d %s, and the offer's terms give at most %d: look at the POS's promotions, or ask a manager",
			given.Amount, given.Currency, w.most)
	}
	return nil
}

// shortfall returns what the eligible lines lack to the terms' minimums.
func shortfall(t terms.Terms, sale terms.Sale) (spend record.Money, quantity terms.Quantity) {
	spent, bought := t.Reach(sale)
	if lack := t.MinSpend - spent; t.MinSpend > 0 && lack > 0 {
		spend = record.Money{Amount: lack, Currency: sale.Currency}
	}
	if t.MinQuantity > 0 {
		quantity = max(t.MinQuantity-bought, 0)
	}
	return spend, quantity
}
