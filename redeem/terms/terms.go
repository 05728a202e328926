package terms

// Terms is what the customer gets and on which conditions. Amounts are in minor units of Currency, cents for instance.
// The zero value says nothing: the merchant's own promotion engine knows.
type Terms struct {
	// Kind is how the discount is reckoned. Required.
	Kind Kind `cbor:"1,keyasint,omitempty" json:"kind,omitempty"`
	// Amount is the discount (AmountOff), more than zero, or the price of one item or one Unit (FixedPrice), zero or
	// more. 0 with the other kinds.
	Amount int64 `cbor:"2,keyasint,omitempty" json:"amount,omitempty"`
	// Percent is in hundredths of a percent, 1 to 10000 (PercentOff). 0 with the other kinds.
	Percent int `cbor:"3,keyasint,omitempty" json:"percent,omitempty"`
	// Currency is the ISO 4217 code in capitals. Empty: every currency, which only terms that name no amount may have.
	Currency string `cbor:"4,keyasint,omitempty" json:"currency,omitempty"`
	// MinSpend is the least total of the eligible lines before this offer; 0: none.
	MinSpend int64 `cbor:"5,keyasint,omitempty" json:"minSpend,omitempty"`
	// MinQuantity is the least quantity of what is eligible together, Items(2) for instance; 0: none. Without a Unit it is
	// whole items.
	MinQuantity Quantity `cbor:"6,keyasint,omitempty" json:"minQuantity,omitempty"`
	// Products are the GTINs (GS1 General Specifications, section 3.3.2) of the eligible products, of 8, 12, 13 or 14
	// digits; none: all products.
	Products []string `cbor:"7,keyasint,omitempty" json:"products,omitempty"`
	// MaxQuantity bounds the quantity that gets the discount, the cheapest first; 0: no bound, and with FreeItem one item.
	// Without a Unit it is whole items.
	MaxQuantity Quantity `cbor:"8,keyasint,omitempty" json:"maxQuantity,omitempty"`
	// Cap bounds the discount; 0: no bound. With AmountOff it is not below Amount.
	Cap int64 `cbor:"9,keyasint,omitempty" json:"cap,omitempty"`
	// Combinable says that the offer may be used in one sale together with others that say so too.
	Combinable bool `cbor:"10,keyasint,omitempty" json:"combinable,omitempty"`
	// Unit is what the quantities are in. 0: items, and whatever is weighed or measured is one item a line, save that a
	// fixed price is for counted items only. With a unit the offer is only for lines in that unit.
	Unit Unit `cbor:"11,keyasint,omitempty" json:"unit,omitempty"`
}

// IsZero reports whether the terms say nothing.
func (t Terms) IsZero() bool {
	return t.Kind == 0 && t.Amount == 0 && t.Percent == 0 && t.Currency == "" && t.MinSpend == 0 && t.MinQuantity == 0 &&
		len(t.Products) == 0 && t.MaxQuantity == 0 && t.Cap == 0 && !t.Combinable && t.Unit == 0
}

// Most returns the most that one use of the offer can give, in minor units of Currency. Without a Cap only AmountOff is
// bounded; where nothing bounds the discount, as with the zero terms, it returns 0 and false.
func (t Terms) Most() (amount int64, bounded bool) {
	switch {
	case t.Kind == 0:
		return 0, false
	case t.Kind != AmountOff:
		return t.Cap, t.Cap > 0
	case t.Cap > 0:
		return min(t.Amount, t.Cap), true
	}
	return t.Amount, true
}

// Times returns the terms of n uses of the offer in one sale together: the amount off, the cap, the minimums and the
// greatest quantity n times, FreeItem's one item among them, at most what Check allows. A percentage and a fixed price
// stay: without a greatest quantity or a cap several uses give no more than one. With n of 1 or less the terms stay as
// they are. The result shares Products.
func (t Terms) Times(n int) Terms {
	if n <= 1 {
		return t
	}
	if t.Kind == AmountOff {
		t.Amount = times(t.Amount, n, MaxAmount)
	}
	t.Cap, t.MinSpend = times(t.Cap, n, MaxAmount), times(t.MinSpend, n, MaxAmount)
	t.MinQuantity, t.MaxQuantity = times(t.MinQuantity, n, MaxQuantity), times(t.greatest(), n, MaxQuantity)
	return t
}

// times returns n times a value, at most a limit. A value that is beyond the limits already stays.
func times[N Quantity | int64](value N, n int, limit N) N {
	switch {
	case value <= 0 || value > limit:
		return value
	case int64(value) > int64(limit)/int64(n):
		return limit
	}
	return value * N(n)
}

// greatest returns the quantity that gets the discount; 0: no bound.
func (t Terms) greatest() Quantity {
	if t.Kind == FreeItem && t.MaxQuantity == 0 && t.Unit == 0 {
		return item
	}
	return t.MaxQuantity
}
