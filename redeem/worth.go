package redeem

import (
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/redeem/terms"
)

// weighWorth works out the discount. What the POS's own engine gave counts where it says so, if the terms can give as
// much.
func (c *candidate) weighWorth() {
	d := &c.decision
	if c.req.Given != (record.Money{}) {
		d.Given, d.GivenBy = c.req.Given, record.GivenByPOS
	}
	if d.Terms.IsZero() {
		return
	}
	w := worthOf(d.Terms, c.uses, c.req.Sale)
	if w.err != nil {
		reason := reasonOf(Refuse, w.err)
		if reason.Code == fault.NothingEligible {
			reason.Missing, reason.MissingQuantity = missing(w.terms, c.req.Sale)
		}
		d.Reasons = append(d.Reasons, reason)
		return
	}
	d.Discount = w.discount
	if d.GivenBy == 0 && w.known {
		d.Given = record.Money{Amount: w.discount.Total, Currency: w.discount.Currency}
		d.GivenBy = record.GivenByTerms
	}
	if d.GivenBy == record.GivenByPOS {
		if err := w.allows(d.Given); err != nil {
			c.overTerms(err, w, d.Given)
		}
	}
}

// overTerms asks about more than the terms give, and refuses another currency.
func (c *candidate) overTerms(err error, w worth, given record.Money) {
	reason := reasonOf(Refuse, err)
	if reason.Code == fault.OverTerms {
		reason.Outcome, reason.Limit, reason.Used = Ask, w.most, given.Amount
	}
	c.decision.Reasons = append(c.decision.Reasons, reason)
}

// A worth is what an offer's terms can give in a sale.
type worth struct {
	terms    terms.Terms // for all uses together
	discount terms.Discount
	known    bool   // there are lines, and discount is what the terms make of them
	most     int64  // the terms give no more
	bounded  bool   // and that is known
	currency string // in which; empty: in any
	err      error  // why the lines get nothing
}

// worthOf works out what the terms make of the lines for so many uses, or without lines the most that they can make of
// any.
func worthOf(t terms.Terms, uses int, sale terms.Sale) (w worth) {
	w.terms, w.currency = t, t.Currency
	if uses > 1 {
		w.terms = t.Times(uses)
	}
	if len(sale.Lines) == 0 {
		w.most, w.bounded = w.terms.Most()
		return w
	}
	w.known, w.bounded, w.currency = true, true, sale.Currency
	w.discount, w.err = w.terms.Apply(sale)
	w.most = w.discount.Total
	return w
}

// allows returns nil for an amount that the terms can give, else fault.OtherCurrency or fault.OverTerms.
func (w *worth) allows(given record.Money) error {
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

// missing returns what the eligible lines lack to the terms' minimums.
func missing(t terms.Terms, sale terms.Sale) (spend record.Money, quantity terms.Quantity) {
	spent, bought := t.Reach(sale)
	if lack := t.MinSpend - spent; t.MinSpend > 0 && lack > 0 {
		spend = record.Money{Amount: lack, Currency: sale.Currency}
	}
	if t.MinQuantity > 0 {
		quantity = max(t.MinQuantity-bought, 0)
	}
	return spend, quantity
}
