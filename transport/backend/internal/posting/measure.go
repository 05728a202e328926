package posting

import (
	"cmp"
	"maps"
	"slices"

	"github.com/offlane/offlane/transport/backend/store"
)

// bareMeasure is one that counts nothing.
func bareMeasure(m store.Measure) store.Measure {
	return store.Measure{Campaign: m.Campaign, Arm: m.Arm}
}

// AddMeasure is a measure with what another one counts.
func AddMeasure(m, other store.Measure) store.Measure {
	m.Seen, m.Clicked, m.Dismissed = m.Seen+other.Seen, m.Clicked+other.Clicked, m.Dismissed+other.Dismissed
	m.Taken, m.Eligible, m.Closed = m.Taken+other.Taken, m.Eligible+other.Eligible, m.Closed+other.Closed
	m.Accepted, m.Redeemed, m.Erased = m.Accepted+other.Accepted, m.Redeemed+other.Redeemed, m.Erased+other.Erased
	return m
}

// Measure adds to what became of a campaign's answers.
func (s *Sums) Measure(by store.Measure) {
	if s.measures == nil {
		s.measures = map[store.Measure]store.Measure{}
	}
	key := bareMeasure(by)
	sum, ok := s.measures[key]
	if !ok {
		sum = key
	}
	s.measures[key] = AddMeasure(sum, by)
}

func (s *Sums) measureRows() []store.Measure {
	all := slices.SortedFunc(maps.Values(s.measures), func(a, b store.Measure) int {
		return cmp.Or(cmp.Compare(a.Campaign, b.Campaign), cmp.Compare(a.Arm, b.Arm))
	})
	return slices.DeleteFunc(all, func(m store.Measure) bool { return m == bareMeasure(m) })
}
