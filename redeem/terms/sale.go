package terms

// A Sale is what the customer is about to pay for.
type Sale struct {
	// Currency is the ISO 4217 code in capitals of all amounts. Required.
	Currency string `json:"currency"`
	// Lines are the sale's lines, at most MaxLines.
	Lines []Line `json:"lines"`
	// Offers counts the other offers that are used in this sale already.
	Offers int `json:"offers,omitempty"`
	// Exclusive says that one of them may not be combined with another.
	Exclusive bool `json:"exclusive,omitempty"`
}

// A Line is one line of a sale.
type Line struct {
	// ID is the POS's name of the line; Apply does not look at it.
	ID string `json:"id,omitempty"`
	// GTIN is the product's number of 8, 12, 13 or 14 digits. Anything else, such as a merchant's own code, is allowed and
	// equals no product of any terms. Of goods with a weight or price inside the barcode the POS gives the product's number
	// as the terms list it.
	GTIN string `json:"gtin,omitempty"`
	// Quantity is how much was bought; 0: one item. A negative quantity is a return.
	Quantity Quantity `json:"quantity,omitempty"`
	// Amount is the total of the line in minor units, after whatever other offers have taken off and before this one. A
	// negative amount is a return or a deduction: it lowers what was spent, and gets no discount.
	Amount int64 `json:"amount"`
	// NotEligible keeps the line out of every offer, as the law or a supplier may ask for tobacco, books or gift cards.
	NotEligible bool `json:"notEligible,omitempty"`
}

// quantity returns the quantity of a line, whose zero value is one item.
func (l Line) quantity() Quantity {
	if l.Quantity == 0 {
		return Item
	}
	return l.Quantity
}

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
	for i, line := range s.Lines {
		if line.Amount > MaxAmount || line.Amount < -MaxAmount {
			return invalid("Sale", "the amount %d of line %d is not within %d", line.Amount, i+1, int64(MaxAmount))
		}
		if line.Quantity > MaxQuantity || line.Quantity < -MaxQuantity {
			return invalid("Sale", "the quantity %s of line %d is not within %s", line.Quantity, i+1, MaxQuantity)
		}
	}
	return nil
}

// A Discount is what an offer takes off a sale, in minor units. The lines always add up to the total, each is at least zero
// and at most its line's amount.
type Discount struct {
	// Currency is the sale's.
	Currency string `json:"currency"`
	// Total is the whole discount.
	Total int64 `json:"total"`
	// Lines holds for each of the sale's lines, in their order, what is taken off it.
	Lines []int64 `json:"lines"`
}
