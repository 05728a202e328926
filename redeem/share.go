package redeem

import (
	"slices"

	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/redeem/terms"
)

// A share is what one of several uses has of the amount and of the discount's lines.
type share struct {
	given    record.Money
	discount terms.Discount
}

// shares divides what the offer is worth among the candidate's uses; nil where there is one.
func (c *candidate) shares() []share {
	if c.Uses == 1 {
		return nil
	}
	return divide(c.Given, c.Discount, make([]int64, c.Uses))
}

// divide divides an amount and a discount among uses, each as much as the other, but none less than its least amount,
// of which there is enough together.
func divide(given record.Money, discount terms.Discount, least []int64) []share {
	shares := make([]share, len(least))
	amounts := level(given.Amount, least)
	lines := divideLines(discount, len(least))
	for i := range shares {
		shares[i] = share{record.Money{Amount: amounts[i], Currency: given.Currency}, lines[i]}
	}
	return shares
}

// level divides a total as evenly as the least amounts allow: who would get less than its least gets that, and the
// others divide the rest.
func level(total int64, least []int64) []int64 {
	amounts, open := make([]int64, len(least)), len(least)
	settled := make([]bool, len(least))
	for open > 0 {
		weights := make([]int64, len(least))
		for i := range weights {
			if !settled[i] {
				weights[i] = 1
			}
		}
		enough := true
		for i, amount := range terms.Spread(total, weights) {
			if settled[i] {
				continue
			}
			if amounts[i] = amount; amount < least[i] {
				amounts[i], settled[i], enough = least[i], true, false
				total, open = total-least[i], open-1
			}
		}
		if enough {
			break
		}
	}
	return amounts
}

// divideLines divides a discount among n uses, so that the uses add up to each line and the lines to each use's total.
func divideLines(d terms.Discount, n int) []terms.Discount {
	parts := make([]terms.Discount, n)
	if d.Total <= 0 {
		return parts
	}
	left := append([]int64(nil), d.Lines...)
	for i, total := range level(d.Total, make([]int64, n)) {
		lines := terms.Spread(total, left)
		for l := range left {
			left[l] -= lines[l]
		}
		parts[i] = terms.Discount{Currency: d.Currency, Total: total, Lines: lines}
	}
	return parts
}

func sameDiscount(a, b terms.Discount) bool {
	return a.Total == b.Total && (a.Total == 0 || a.Currency == b.Currency && slices.Equal(a.Lines, b.Lines))
}
