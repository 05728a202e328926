package record

import (
	"cmp"
	"slices"
)

// A Range is a run of chain numbers, both ends included.
type Range struct {
	First uint64 `cbor:"1,keyasint" json:"first"`
	Last  uint64 `cbor:"2,keyasint" json:"last"`
}

// Union returns the numbers that are in any of some ranges, as few ranges in ascending order; nil where there are none.
func Union(some ...[]Range) (all []Range) {
	ranges := slices.Concat(some...)
	slices.SortFunc(ranges, func(a, b Range) int { return cmp.Compare(a.First, b.First) })
	for _, r := range ranges {
		if last := len(all) - 1; last >= 0 && r.First <= all[last].Last+1 {
			all[last].Last = max(all[last].Last, r.Last)
			continue
		}
		all = append(all, r)
	}
	return all
}

// Without returns the numbers of ranges that are not in a hole, in the order of the ranges.
func Without(ranges []Range, hole Range) (left []Range) {
	for _, r := range ranges {
		if hole.Last < r.First || r.Last < hole.First {
			left = append(left, r)
			continue
		}
		if r.First < hole.First {
			left = append(left, Range{First: r.First, Last: hole.First - 1})
		}
		if hole.Last < r.Last {
			left = append(left, Range{First: hole.Last + 1, Last: r.Last})
		}
	}
	return left
}
