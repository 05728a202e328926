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
