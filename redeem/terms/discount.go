package terms

// A Discount is what an offer takes off a sale, in minor units. The lines always add up to the total, each is at least
// zero and at most its line's amount.
type Discount struct {
	// Currency is the sale's.
	Currency string `json:"currency"`
	// Total is the whole discount.
	Total int64 `json:"total"`
	// Lines holds for each of the sale's lines, in their order, what is taken off it.
	Lines []int64 `json:"lines"`
}

// Back returns what goods that come back take back of the discount, in minor units: what the customer gets less for
// them than their price. line counts from 0 in Lines; of is the quantity that was sold on that line (0: one item),
// before what of it came back earlier, and returned what comes back now, all in the line's unit and none negative.
//
// The part that has come back in all is rounded to the nearest unit, halves up, and what was taken back before is
// subtracted, so that the whole line returned in any number of steps takes back its whole discount. What is out of
// range counts as the nearest that is in it: nothing, or all that is left. A line that is not in Lines takes nothing
// back.
func (d Discount) Back(line int, before, returned, of Quantity) int64 {
	if line < 0 || line >= len(d.Lines) || d.Lines[line] <= 0 {
		return 0
	}
	if of == 0 {
		of = item
	}
	of = max(of, 0)
	before = min(max(before, 0), of)
	after := before + min(max(returned, 0), of-before)
	if after == before {
		return 0
	}
	off := d.Lines[line]
	return mulDiv(off, int64(after), int64(of)) - mulDiv(off, int64(before), int64(of))
}
