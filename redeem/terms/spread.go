package terms

import (
	"cmp"
	"math/bits"
	"slices"
)

// Spread divides a total among weights in proportion, in whole minor units, by the method of the largest remainder:
// each first gets its share rounded down, then those with the largest remainders one unit more each, the earlier one
// first where two are equal. The shares add up to the total; with a total of at most the weights' sum, no share is
// above its weight.
//
// The weights together are at most 1<<63 - 1, and a negative one counts as 0. Where the total or the sum of the
// weights is not above zero, all shares are 0.
func Spread(total int64, weights []int64) []int64 {
	shares := make([]int64, len(weights))
	var sum int64
	for _, weight := range weights {
		sum += max(weight, 0)
	}
	if total <= 0 || sum <= 0 {
		return shares
	}
	type remainder struct {
		line int
		rest uint64
	}
	left := total
	remainders := make([]remainder, 0, len(weights))
	for i, weight := range weights {
		share, rest := mulDivMod(uint64(total), uint64(max(weight, 0)), uint64(sum))
		shares[i] = int64(share)
		left -= int64(share)
		if rest > 0 {
			remainders = append(remainders, remainder{i, rest})
		}
	}
	slices.SortStableFunc(remainders, func(a, b remainder) int { return cmp.Compare(b.rest, a.rest) })
	for _, r := range remainders[:left] {
		shares[r.line]++
	}
	return shares
}

// mulDiv returns a·b/c to the nearest whole number, halves up. None is negative, c is positive, and the result fits.
func mulDiv(a, b, c int64) int64 {
	quotient, rest := mulDivMod(uint64(a), uint64(b), uint64(c))
	if rest >= uint64(c)-rest {
		quotient++
	}
	return int64(quotient)
}

func mulDivMod(a, b, c uint64) (quotient, rest uint64) {
	high, low := bits.Mul64(a, b)
	return bits.Div64(high, low, c)
}

func sumOf(amounts []int64) (sum int64) {
	for _, amount := range amounts {
		sum += amount
	}
	return sum
}

func mul128(amount int64, quantity Quantity) (high, low uint64) {
	return bits.Mul64(uint64(amount), uint64(quantity))
}
