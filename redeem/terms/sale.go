package terms

import (
	"fmt"
	"slices"
	"strings"
)

// A Sale is what the customer is about to pay for.
type Sale struct {
	// Currency is the ISO 4217 code in capitals of all amounts. Required.
	Currency string `json:"currency"`
	// Lines are the sale's lines, at most MaxLines. What was cancelled in the sale is left out, with its cancellation.
	Lines []Line `json:"lines"`
	// Offers counts the other offers that are used in this sale already.
	Offers int `json:"offers,omitempty"`
	// Exclusive says that one of them may not be combined with another.
	Exclusive bool `json:"exclusive,omitempty"`
}

// A Line is one line of a sale: something bought, or what Kind says. Without a Kind a line with a negative quantity is
// a Return; one with a negative amount is a Return where it has a GTIN, else a Deduction.
type Line struct {
	// ID is the POS's name of the line; Apply does not look at it.
	ID string `json:"id,omitempty"`
	// Kind is what the line stands for. Required for a deposit, for a deduction that has a GTIN or a negative quantity,
	// and for a return that has neither.
	Kind LineKind `json:"kind,omitempty"`
	// GTIN is the product's number of 8, 12, 13 or 14 digits; with a deduction, of the product that became cheaper, if it
	// is one. Anything else, such as a merchant's own code, is allowed and equals no product of any terms. Of goods with
	// a weight or price inside the barcode the POS gives the product's number as the terms list it.
	GTIN string `json:"gtin,omitempty"`
	// Family is the product's family code among its company's, three digits, which North American coupons name (GS1 AI
	// 8110). Empty: the POS does not know.
	Family string `json:"family,omitempty"`
	// Quantity is how much was bought, or came back with either sign. Without a Unit it is whole items, Items(2) for
	// instance, and 0 is one; a pack that is sold as one is one item. With a Unit it is in thousandths of that, 452 for
	// 0.452 kg, and not 0.
	Quantity Quantity `json:"quantity,omitempty"`
	// Unit says that the goods are weighed or measured, whether or not the quantity has decimals, and in what. 0: they are
	// counted. Where terms count items, a line with a unit is one item; it gets the discount whole or not at all.
	Unit Unit `json:"unit,omitempty"`
	// Amount is the total of the line in minor units, after whatever other offers have taken off and before this one.
	// What is negative gets no discount.
	Amount int64 `json:"amount"`
	// NotEligible keeps the line out of every offer, as the law or a supplier may ask for tobacco, books or gift cards.
	NotEligible bool `json:"notEligible,omitempty"`
}

// kind returns what a line stands for; zero is something bought.
func (l *Line) kind() LineKind {
	switch {
	case l.Kind != "":
		return l.Kind
	case l.Quantity < 0 || l.Amount < 0 && l.GTIN != "":
		return Return
	case l.Amount < 0:
		return Deduction
	}
	return ""
}

// quantity returns how much was bought or came back.
func (l *Line) quantity() Quantity {
	switch {
	case l.Quantity == 0:
		return item
	case l.Quantity < 0:
		return -l.Quantity
	}
	return l.Quantity
}

// worth returns the amount without its sign.
func (l *Line) worth() int64 { return max(l.Amount, -l.Amount) }

// Check returns nil for a sale that Apply can work with, else fault.InvalidRequest.
func (s Sale) Check() error {
	switch {
	case !IsCurrency(s.Currency):
		return invalid("Sale", "the currency %q is not three capital letters (ISO 4217)", s.Currency)
	case len(s.Lines) > MaxLines:
		return invalid("Sale", "%d lines, at most %d are allowed", len(s.Lines), MaxLines)
	case s.Offers < 0:
		return invalid("Sale", "%d other offers cannot be", s.Offers)
	}
	for i := range s.Lines {
		if err := s.Lines[i].check(i + 1); err != nil {
			return err
		}
	}
	return nil
}

// check looks at the line with a number that counts from 1.
func (l *Line) check(number int) error {
	switch kind := l.kind(); {
	case l.Amount > MaxAmount || l.Amount < -MaxAmount:
		return invalid("Sale", "the amount %d of line %d is not within %d", l.Amount, number, int64(MaxAmount))
	case l.Quantity > MaxQuantity || l.Quantity < -MaxQuantity:
		return invalid("Sale", "the quantity %s of line %d is not within %s", l.Quantity, number, MaxQuantity)
	case l.Family != "" && (len(l.Family) != len(anyFamily) || strings.Trim(l.Family, "0123456789") != ""):
		return invalid("Sale", "the family code %.8q of line %d is not three digits", l.Family, number)
	case !slices.Contains([]LineKind{"", Return, Deduction, Deposit}, l.Kind):
		return invalid("Sale", "the kind of line %d, %.32q, is not known", number, l.Kind)
	case l.Unit > OtherUnit:
		return invalid("Sale", "the unit of line %d, %s, is not known", number, l.Unit)
	case l.NotEligible || kind == Deduction || kind == Deposit: // nobody looks at the quantity
		return nil
	case l.Unit == 0 && !l.Quantity.whole():
		return notWhole("Sale", fmt.Sprintf("the quantity of line %d,", number), l.Quantity)
	case l.Unit != 0 && l.Quantity == 0:
		return invalid("Sale", "line %d is in %s and has no quantity", number, l.Unit)
	}
	return nil
}
