package terminals

import (
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/backend/store"
)

// A Gap says what is wrong with one chain of one terminal: records that never came, that its journal lost, or a fork.
type Gap struct {
	Terminal record.TerminalID
	Chain    record.ChainID
	Place    record.Place
	// Missing are chain numbers below the highest that came which are still awaited.
	Missing []record.Range
	// Lost are chain numbers that the terminal declared lost to damage.
	Lost []record.Range
	// Aside are chain numbers that the terminal set aside, since reports with them fail; it tries them again.
	Aside []record.Range
	// LostFrom is the number from which on the terminal lost records and nobody knows how many; 0: there are none.
	LostFrom uint64
	// Forked says that two records came for one chain number.
	Forked bool
	// Highest is the highest chain number that came.
	Highest uint64
	// LastReport is when the terminal last reported, in milliseconds since 1970.
	LastReport int64
}

// Gaps are the chains with which something is wrong.
func Gaps(t *store.Terminal) (gaps []Gap) {
	for i := range t.Chains {
		c := &t.Chains[i]
		missing := Missing(t, c)
		if len(missing) > 0 || len(c.Lost) > 0 || len(c.Aside) > 0 || c.Forked || c.LostFrom > 0 {
			gaps = append(gaps, Gap{Terminal: t.ID, Chain: c.ID, Place: t.Place, Missing: missing, Lost: c.Lost, Aside: c.Aside,
				LostFrom: c.LostFrom, Forked: c.Forked, Highest: Highest(c), LastReport: t.LastReport})
		}
	}
	return gaps
}
