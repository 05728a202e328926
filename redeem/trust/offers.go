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

// sorted returns the set in the order of its encoding, each name once. It shares nothing with o.
func (o Offers) sorted() Offers {
	ids, aliases := slices.Clone(o.IDs), slices.Clone(o.Aliases)
	slices.SortFunc(ids, compareIDs)
	slices.Sort(aliases)
	return Offers{slices.Compact(ids), slices.Compact(aliases)}
}

// Without returns the names in o that are not in other, in the order of their encoding.
func (o Offers) Without(other Offers) Offers {
	rest, other := o.sorted(), other.sorted()
	rest.IDs = slices.DeleteFunc(rest.IDs, func(id offer.ID) bool { return other.has(id, "") })
	rest.Aliases = slices.DeleteFunc(rest.Aliases, func(alias string) bool { return other.has(offer.ID{}, alias) })
	return rest
}

// has looks up an offer in a sorted set; a zero identifier and an empty alias are in none.
func (o Offers) has(id offer.ID, alias string) bool {
	if _, found := slices.BinarySearchFunc(o.IDs, id, compareIDs); found && !id.IsZero() {
		return true
	}
	_, found := slices.BinarySearch(o.Aliases, alias)
	return found && alias != ""
}

func compareIDs(a, b offer.ID) int { return bytes.Compare(a[:], b[:]) }
