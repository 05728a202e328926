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
