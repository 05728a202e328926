package offer

import (
	"strconv"

	"github.com/offlane/offlane/barcode/gs1"
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/terms"
)

// couponCode returns the fields of a North American coupon code (8110); ok is false for anything else.
func (p Presented) couponCode() (c gs1.Coupon, ok bool) {
	value, ok := p.Elements.Get("8110")
	if !ok {
		return gs1.Coupon{}, false
	}
	c, err := gs1.ParseCoupon(value)
	return c, err == nil
}

// positiveOffer returns the fields of a North American positive offer (8112); ok is false for anything else.
func (p Presented) positiveOffer() (o gs1.PositiveOffer, ok bool) {
	value, ok := p.Elements.Get("8112")
	if !ok {
		return gs1.PositiveOffer{}, false
	}
	o, err := gs1.ParsePositiveOffer(value)
	return o, err == nil
}

// CheckPurchase returns nil where a sale has what the coupon's bar code requires to be bought, and for an offer whose
// bar code requires nothing. Its error is fault.NothingEligible where the sale has it not, and fault.PurchaseUnknown
// where that cannot be told: the sale has no lines, a line has no family code where the coupon names one, the coupon
// leaves it to the cashier, or its requirements stand in a file that is not here (8112) and the campaign has no terms.
func (p Presented) CheckPurchase(sale terms.Sale, hasTerms bool) error {
	if _, ok := p.positiveOffer(); ok && !hasTerms {
		return purchaseError(fault.PurchaseUnknown, "what a positive offer requires stands in no bar code, and its "+
			"campaign has no terms: look at the coupon, or ask a manager")
	}
	c, ok := p.couponCode()
	if !ok {
		return nil
	}
	switch met, known := isBought(c, sale); {
	case !known:
		return purchaseError(fault.PurchaseUnknown, "the coupon requires a purchase that the sale's lines do not tell: "+
			"give their GTINs and family codes, or look at the coupon and ask a manager")
	case !met:
		return purchaseError(fault.NothingEligible, "the sale has not what the coupon requires to be bought")
	}
	return nil
}

func purchaseError(code fault.Code, detail string) error {
	return fault.New(code, "offer.CheckPurchase", "%s", detail)
}

// An answer is whether a purchase is in a sale, where that is known.
type answer struct{ met, known bool }

// isBought combines the purchases of a coupon as its additional purchase rules say.
func isBought(c gs1.Coupon, sale terms.Sale) (met, known bool) {
	first := answerOf(c.Primary, c.CompanyPrefix, sale)
	if c.Second == (gs1.Purchase{}) && c.Third == (gs1.Purchase{}) {
		return first.met, first.known
	}
	further := []answer{answerOf(c.Second, c.CompanyPrefix, sale)}
	if c.Third != (gs1.Purchase{}) {
		further = append(further, answerOf(c.Third, c.CompanyPrefix, sale))
	}
	const anyOne, all, firstAndAnyOther = "0", "1", "2"
	var a answer
	switch c.AdditionalRules {
	case anyOne:
		a = either(append(further, first)...)
	case all:
		a = both(append(further, first)...)
	case firstAndAnyOther:
		a = both(first, either(further...))
	}
	return a.met, a.known
}

func answerOf(p gs1.Purchase, funder string, sale terms.Sale) answer {
	need, ok := purchaseOf(p, funder)
	if !ok {
		return answer{}
	}
	met, known := need.In(sale)
	return answer{met, known}
}

// purchaseOf returns what a field of the bar code requires; ok is false where the cashier is to see to it.
func purchaseOf(p gs1.Purchase, funder string) (need terms.Purchase, ok bool) {
	n, err := strconv.ParseInt(p.Requirement, 10, 64)
	if err != nil {
		return need, false
	}
	need = terms.Purchase{CompanyPrefix: funder, Family: p.FamilyCode}
	if p.CompanyPrefix != "" {
		need.CompanyPrefix = p.CompanyPrefix
	}
	const hundredthsOfAPound = 10 // thousandths of one
	switch p.Code {
	case "0":
		need.Quantity = terms.Items(int(n))
	case "1":
		need.Spend = n
	case "2":
		need = terms.Purchase{Total: n}
	case "3":
		need.Quantity, need.Unit = terms.Quantity(n*hundredthsOfAPound), terms.Pound
	case "4":
		need.Quantity, need.Unit = terms.Quantity(n), terms.Kilogram
	default: // 9: the cashier sees to it
		return need, false
	}
	return need, true
}

// either is met where one of the answers is.
func either(answers ...answer) answer {
	all := answer{false, true}
	for _, a := range answers {
		if a.met && a.known {
			return a
		}
		all.known = all.known && a.known
	}
	return all
}

// both is met where all of the answers are, and is not where one is not.
func both(answers ...answer) answer {
	all := answer{true, true}
	for _, a := range answers {
		if !a.met && a.known {
			return a
		}
		all.known = all.known && a.known
	}
	return all
}
