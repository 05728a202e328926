package replay

import (
	"fmt"

	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/redeem/terms"
)

// scanned is what a scanner read: an offer of this history, now and then one that was read badly.
func (h *history) scanned() string {
	text := pick(h.chance, pick(h.chance, h.offers...).texts...)
	if h.in(20) {
		return h.spoiled(text)
	}
	return text
}

func (h *history) saleKey() string { return fmt.Sprint("sale ", h.IntN(6)) }

func (h *history) date() string {
	return pick(h.chance, "", "", "", "2026-11-23", "2026-11-23", "2026-11-24")
}

func (h *history) operator() string { return pick(h.chance, "", "12", "12", "13") }

func (h *history) money() record.Money {
	if h.in(3) {
		return record.Money{}
	}
	m := record.Money{Amount: h.amount(600), Currency: "EUR"}
	if h.in(12) {
		m.Currency = pick(h.chance, "CHF", "CHF", "")
	}
	return m
}

func (h *history) sale() terms.Sale {
	s := terms.Sale{Currency: pick(h.chance, "EUR", "EUR", "EUR", "EUR", "EUR", "EUR", "EUR", "EUR", "EUR", "CHF")}
	for range h.IntN(5) {
		s.Lines = append(s.Lines, h.line())
	}
	if h.in(12) {
		s.Offers, s.Exclusive = 1, h.in(2)
	}
	return s
}

func (h *history) line() terms.Line {
	l := terms.Line{GTIN: pick(h.chance, "", products[0], products[1], products[2]), Amount: h.amount(1200),
		NotEligible: h.in(20), Family: pick(h.chance, "", "", "110")}
	switch h.IntN(8) {
	case 0:
		l.Amount = -l.Amount
	case 1:
		l.Unit, l.Quantity = terms.Kilogram, terms.Quantity(1+h.IntN(3000))
	case 2, 3:
		l.Quantity = terms.Items(1 + h.IntN(4))
	case 4:
		l.Kind = pick(h.chance, terms.Return, terms.Deduction, terms.Deposit)
	}
	return l
}

func (h *history) override() *redeem.Override {
	switch h.IntN(8) {
	case 0, 1, 3:
		return &redeem.Override{Manager: "99", Why: "a regular customer"}
	case 2:
		if h.in(12) {
			return &redeem.Override{Manager: "99"}
		}
	}
	return nil
}

func (h *history) request() redeem.Request {
	r := redeem.Request{
		Scanned: h.scanned(), Separated: h.in(2), SaleKey: h.saleKey(), Override: h.override(), Training: h.in(30),
		Operator: h.operator(), BusinessDate: h.date(), Shift: pick(h.chance, "", "early", "late"),
		Transaction: pick(h.chance, "", "0042"),
	}
	if h.in(4) {
		r.Uses = 1 + h.IntN(3)
	}
	if !h.in(3) {
		r.Sale = h.sale()
	}
	if h.in(3) {
		r.Given = h.money()
	}
	if h.in(120) {
		r.BusinessDate = "2026-11-31"
	}
	if h.in(120) {
		r.SaleKey = ""
	}
	return r
}

// repeated is the last request once more, now and then with another basket.
func (h *history) repeated() redeem.Request {
	r := h.last
	if r.SaleKey == "" {
		r = h.request()
	}
	switch h.IntN(6) {
	case 0:
		r.Sale = h.sale()
	case 1:
		r.Given = h.money()
	case 2:
		r.Uses = 1 + h.IntN(3)
	case 3:
		r.Override = &redeem.Override{Manager: "99", Why: "called again"}
	}
	return r
}

// anySold is a redemption of this history; the zero one where there is none.
func (h *history) anySold() (s sold) {
	if len(h.sold) > 0 {
		s = pick(h.chance, h.sold...)
	}
	return s
}

func (h *history) voidRequest() redeem.VoidRequest {
	r := redeem.VoidRequest{
		Override: h.override(), Training: h.in(30), Operator: h.operator(), BusinessDate: h.date(), Separated: h.in(2),
		Key: pick(h.chance, "", "", "return 1", "return 2", "return 3"),
	}
	of := h.anySold()
	switch h.IntN(7) {
	case 0, 1, 2:
		r.Redemption = of.redemption
	case 3:
		r.Receipt = of.receipt
	case 4:
		r.SaleKey, r.SaleDate = of.req.SaleKey, pick(h.chance, of.req.BusinessDate, "", h.date())
	case 5:
		r.Scanned = of.req.Scanned
	default:
		h.elsewhere(&r)
	}
	if h.in(3) {
		r.Partial, r.Returned = true, h.money()
	} else if h.in(5) {
		r.Returned = h.money()
	}
	return r
}

// elsewhere names a redemption of another terminal.
func (h *history) elsewhere(r *redeem.VoidRequest) {
	id := record.ID{byte(1 + h.IntN(2))}
	switch h.IntN(3) {
	case 0:
		r.Redemption = id
	case 1:
		r.Receipt = id.Receipt()
	default:
		r.Scanned = h.scanned()
	}
}

func (h *history) correctRequest() redeem.CorrectRequest {
	r := redeem.CorrectRequest{Override: h.override(), Training: h.in(30), Operator: h.operator(), Separated: h.in(2)}
	of := h.anySold()
	if h.in(2) {
		r.Redemption = of.redemption
	} else {
		r.SaleKey, r.SaleDate = of.req.SaleKey, pick(h.chance, of.req.BusinessDate, "")
		if h.in(2) {
			r.Scanned = of.req.Scanned
		}
	}
	if h.in(2) {
		r.Given = h.money()
	} else {
		r.Sale = h.sale()
	}
	return r
}

func (h *history) query() (q redeem.Query) {
	switch of := h.anySold(); h.IntN(7) {
	case 0:
		q.SaleKey = of.req.SaleKey
	case 1:
		q.Redemption = of.redemption
	case 2:
		q.Receipt = of.receipt
	case 3:
		q.BusinessDate, q.Shift = h.date(), pick(h.chance, "", "early")
	case 4:
		q.Since = h.truth().Add(-h.span(0, 72*60*60*1e9))
	}
	return q
}
