package trust

import (
	"bytes"
	"slices"

	"github.com/offlane/offlane/redeem/offer"
)

// Offers is a set of offers, named by identifier or by GS1 number. An offer that has both is in the set if either is.
type Offers struct {
	// IDs are the identifiers.
	IDs []offer.ID
	// Aliases are GS1 numbers in the canonical form of offer.Presented.Alias, at most 128 bytes each.
	Aliases []string
}

// Len returns how many names the set holds.
func (o Offers) Len() int { return len(o.IDs) + len(o.Aliases) }

// normalise returns the set in the order of its encoding, each name once. It shares nothing with o.
func (o Offers) normalise() Offers {
	ids, aliases := slices.Clone(o.IDs), slices.Clone(o.Aliases)
	slices.SortFunc(ids, compareIDs)
	slices.Sort(aliases)
	return Offers{slices.Compact(ids), slices.Compact(aliases)}
}

func compareIDs(a, b offer.ID) int { return bytes.Compare(a[:], b[:]) }
