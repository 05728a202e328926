package terms

import (
	"cmp"
	"slices"

	"github.com/offlane/offlane/redeem/fault"
)

// Apply returns what the terms take off the sale, by the rules in the package comment. Its error is
// fault.InvalidRequest for terms or a sale that cannot be, OtherCurrency, NotCombinable, and NothingEligible where no
// line is one that the offer is for, a minimum is not reached, or nothing would be taken off.
func (t Terms) Apply(s Sale) (Discount, error) {
	if err := cmp.Or(t.Check(), s.Check()); err != nil {
		return Discount{}, err
	}
	if err := t.suits(s); err != nil {
		return Discount{}, err
	}
	e := t.eligible(s)
	if err := t.checkMinimums(e); err != nil {
		return Discount{}, err
	}
	lines := t.reckon(e)
	total := min(sumOf(lines), e.spend)
	if t.Cap > 0 {
		total = min(total, t.Cap)
	}
	if total <= 0 {
		return Discount{}, nothing("nothing is left to take off: " +
			"the eligible items cost no more than the offer's price already")
	}
	return Discount{Currency: s.Currency, Total: total, Lines: Spread(total, lines)}, nil
}

// suits looks at what concerns the sale as a whole.
func (t Terms) suits(s Sale) error {
	if t.Currency != "" && t.Currency != s.Currency {
		return fault.New(fault.OtherCurrency, "terms.Apply", "the offer is in %s, the sale in %s", t.Currency, s.Currency)
	}
	if s.Offers > 0 && (!t.Combinable || s.Exclusive) {
		return fault.New(fault.NotCombinable, "terms.Apply", "the sale has %d other offers, and they may not be combined: "+
			"keep one of them", s.Offers)
	}
	return nil
}

// An eligibility is what of a sale an offer is for.
type eligibility struct {
	taken    []Quantity // of each line, what gets the discount
	amounts  []int64    // and what that costs
	lines    int        // how many lines of something bought are eligible
	spend    int64      // total of the eligible lines, less returns and deductions
	quantity Quantity   // of the eligible lines, less returns
}

func (t Terms) eligible(s Sale) eligibility {
	e := eligibility{taken: make([]Quantity, len(s.Lines)), amounts: make([]int64, len(s.Lines))}
	isFor := t.isFor()
	var takers []int
	for i := range s.Lines {
		line := &s.Lines[i]
		kind := line.kind()
		if line.NotEligible || kind != Deduction && !t.isIn(line.Unit) || !isFor(line) {
			continue
		}
		switch kind {
		case Return:
			e.spend -= line.worth()
			e.quantity -= t.count(line)
		case Deduction:
			e.spend -= line.worth()
		case Deposit:
		default:
			e.lines++
			e.spend += line.Amount
			e.quantity += t.count(line)
			if t.gains(line) {
				takers = append(takers, i)
			}
		}
	}
	t.take(&e, s, takers)
	return e
}

// take works out how much of the lines in takers gets the discount: the cheapest first, as long as there is room.
func (t Terms) take(e *eligibility, s Sale, takers []int) {
	slices.SortStableFunc(takers, func(a, b int) int { return t.byUnitPrice(&s.Lines[a], &s.Lines[b]) })
	room := t.room(e.quantity)
	for _, i := range takers {
		whole := t.count(&s.Lines[i])
		e.taken[i] = min(whole, room)
		e.amounts[i] = mulDiv(s.Lines[i].Amount, int64(e.taken[i]), int64(whole))
		room -= e.taken[i]
	}
}

// isIn reports whether the offer is for what is bought in a unit. A price of one item is no price of what is weighed.
func (t Terms) isIn(u Unit) bool { return u == t.Unit || t.Unit == 0 && t.Kind != FixedPrice }

// count returns how much of the terms' unit a line is. Where items are counted, what is weighed or measured is one.
func (t Terms) count(l *Line) Quantity {
	if t.Unit == 0 && l.Unit != 0 {
		return item
	}
	return l.quantity()
}

// isFor returns whether the offer is for a line's product.
func (t Terms) isFor() func(*Line) bool {
	if len(t.Products) == 0 {
		return func(*Line) bool { return true }
	}
	products := t.products()
	return func(l *Line) bool {
		product, ok := parseGTIN(l.GTIN)
		if !ok {
			return false
		}
		_, listed := slices.BinarySearch(products, product)
		return listed
	}
}

// gains reports whether something bought has anything to take off: it costs something, and more than a fixed price.
func (t Terms) gains(l *Line) bool {
	if l.Amount <= 0 {
		return false
	}
	return t.Kind != FixedPrice || l.Amount > mulDiv(t.Amount, int64(t.count(l)), int64(item))
}

// room returns the quantity that gets the discount. What was returned gets none where the quantity counts: where terms
// bound it, and with a price for each item. An amount or a percentage off the whole is bounded by the spend.
func (t Terms) room(bought Quantity) Quantity {
	most := t.greatest()
	if most == 0 {
		most = MaxLines * MaxQuantity
		if t.Kind != FixedPrice {
			return most
		}
	}
	return max(min(bought, most), 0)
}

// byUnitPrice compares the prices of one item of two lines, without dividing. Both amounts and quantities are positive.
func (t Terms) byUnitPrice(a, b *Line) int {
	aHigh, aLow := mul128(a.Amount, t.count(b))
	bHigh, bLow := mul128(b.Amount, t.count(a))
	return cmp.Or(cmp.Compare(aHigh, bHigh), cmp.Compare(aLow, bLow))
}

// Reach returns what the lines of a sale that the offer is for come to, as step 1 of the rules says: their spend in
// minor units and their quantity, which are held to the minimums. With more returns than purchases they are negative.
// Of terms or a sale that cannot be, both are 0.
func (t Terms) Reach(s Sale) (spend int64, quantity Quantity) {
	if cmp.Or(t.Check(), s.Check()) != nil {
		return 0, 0
	}
	e := t.eligible(s)
	return e.spend, e.quantity
}

// checkMinimums looks at the minimums.
func (t Terms) checkMinimums(e eligibility) error {
	switch {
	case e.lines == 0:
		return nothing("the sale has no line that the offer is for")
	case e.spend < t.MinSpend:
		return nothing("the eligible lines come to %d, the offer begins at %d", e.spend, t.MinSpend)
	case e.quantity < t.MinQuantity:
		return nothing("the eligible lines come to %s %s, the offer begins at %s", e.quantity, t.Unit, t.MinQuantity)
	}
	return nil
}

// reckon returns for each line what its kind takes off, before the cap. The spend is not negative.
func (t Terms) reckon(e eligibility) []int64 {
	switch base := min(sumOf(e.amounts), e.spend); t.Kind {
	case AmountOff:
		return Spread(min(t.Amount, base), e.amounts)
	case PercentOff:
		return Spread(mulDiv(base, int64(t.Percent), MaxPercent), e.amounts)
	case FixedPrice:
		return t.priceExcess(e)
	}
	return e.amounts
}

func (t Terms) priceExcess(e eligibility) []int64 {
	lines := make([]int64, len(e.amounts))
	for i, amount := range e.amounts {
		lines[i] = max(amount-mulDiv(t.Amount, int64(e.taken[i]), int64(item)), 0)
	}
	return lines
}

func nothing(format string, args ...any) error {
	return fault.New(fault.NothingEligible, "terms.Apply", format, args...)
}
