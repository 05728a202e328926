package rows

import (
	"cmp"
	"slices"

	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/wire"
)

// A Chain is what is known of one chain of a terminal's records: which came, and whether they fit together.
type Chain struct {
	ID record.ChainID `json:"id"`
	// Runs are the records that came, ascending, with holes between them.
	Runs []Run `json:"runs,omitempty"`
	// Lost are numbers that the terminal declared lost.
	Lost []record.Range `json:"lost,omitempty"`
	// Aside are numbers that the terminal set aside, by its last report: it has them and tries them again.
	Aside []record.Range `json:"aside,omitempty"`
	// Forked says that two records came for one number, or one that does not follow the one before it.
	Forked bool `json:"forked,omitempty"`
}

// A Run is a run of consecutive records that came: Prev is what the first names as its predecessor, Head the hash of the last.
type Run struct {
	First uint64      `json:"first"`
	Last  uint64      `json:"last"`
	Prev  record.Hash `json:"prev"`
	Head  record.Hash `json:"head"`
}

// Follows reports whether the run goes on where another ends, as far as its first record can say.
func (r Run) Follows(before Run) bool {
	return r.First == before.Last+1 && (r.Prev == before.Head || r.Prev == record.Hash{})
}

// Bounds on what is remembered of a terminal.
const (
	maxRuns   = 1000
	maxChains = 100
)

// Chain returns the terminal's chain with this id, a new one where it has none. Of very many the oldest are forgotten.
func (t *Terminal) Chain(id record.ChainID) *Chain {
	i := slices.IndexFunc(t.Chains, func(c Chain) bool { return c.ID == id })
	if i < 0 {
		t.Chains = append(t.Chains, Chain{ID: id})
		t.Chains = t.Chains[max(0, len(t.Chains)-maxChains):]
		i = len(t.Chains) - 1
	}
	return &t.Chains[i]
}

// Add notes that the records of run came. fresh says that some of them had not come before: where one run has all their numbers, two
// records have one number.
func (c *Chain) Add(run Run, fresh bool) {
	covers := func(r Run) bool { return r.First <= run.First && run.Last <= r.Last }
	c.Forked = c.Forked || fresh && slices.ContainsFunc(c.Runs, covers)
	runs := append(c.Runs, run)
	slices.SortStableFunc(runs, func(a, b Run) int { return cmp.Compare(a.First, b.First) })
	joined := runs[:1]
	for _, next := range runs[1:] {
		last := &joined[len(joined)-1]
		if next.First > last.Last+1 {
			joined = append(joined, next)
			continue
		}
		c.Forked = c.Forked || next.First == last.Last+1 && !next.Follows(*last)
		if next.Last > last.Last {
			last.Last, last.Head = next.Last, next.Head
		}
	}
	c.Runs = joined[max(0, len(joined)-maxRuns):]
}

// Lose notes numbers that will never come.
func (c *Chain) Lose(lost []record.Range) {
	for _, r := range lost {
		if !slices.Contains(c.Lost, r) && len(c.Lost) < maxRuns {
			c.Lost = append(c.Lost, r)
		}
	}
}

// SetAside notes which numbers the terminal sets aside now.
func (c *Chain) SetAside(aside []record.Range) {
	c.Aside = slices.Clone(aside[:min(len(aside), maxRuns)])
}

// Highest is the highest number that came; 0: none.
func (c *Chain) Highest() uint64 {
	if len(c.Runs) == 0 {
		return 0
	}
	return c.Runs[len(c.Runs)-1].Last
}

// HighestNumber is the highest number that came in any chain; 0: none.
func (t *Terminal) HighestNumber() (highest uint64) {
	for i := range t.Chains {
		highest = max(highest, t.Chains[i].Highest())
	}
	return highest
}

// LastNumber is the highest number that came, or was lost, in any chain.
func (t *Terminal) LastNumber() *uint64 {
	var last uint64
	for i := range t.Chains {
		c := &t.Chains[i]
		last = max(last, c.Highest())
		for _, lost := range c.Lost {
			last = max(last, lost.Last)
		}
	}
	return &last
}

// Missing returns the numbers below the highest that did not come and were not lost. Numbers go on from chain to chain, so a
// chain begins after the highest number that came in another one below it.
func (t *Terminal) Missing(c *Chain) (missing []record.Range) {
	settled := slices.Concat(c.Lost, c.Aside)
	for _, run := range c.Runs {
		settled = append(settled, record.Range{First: run.First, Last: run.Last})
	}
	if len(settled) == 0 {
		return nil
	}
	slices.SortFunc(settled, func(a, b record.Range) int { return cmp.Compare(a.First, b.First) })
	highest := c.Highest()
	if highest == 0 { // it was restored from a backup, and of the chain it knows only what was lost
		highest = settled[len(settled)-1].Last
	}
	next := t.begins(c, settled[0].First)
	for _, r := range settled {
		if next < r.First && next <= highest {
			missing = append(missing, record.Range{First: next, Last: r.First - 1})
		}
		next = max(next, r.Last+1)
	}
	return missing[:min(len(missing), maxRuns)]
}

// begins is the number with which the chain begins as far as is known, at most the first that came or was lost. After a fork two chains
// follow that have numbers of their own, so that only those that forked count as before it.
func (t *Terminal) begins(c *Chain, first uint64) uint64 {
	begin := uint64(1)
	forked := slices.ContainsFunc(t.Chains, func(other Chain) bool { return other.ID != c.ID && other.Forked })
	for i := range t.Chains {
		other := &t.Chains[i]
		if other.ID == c.ID || forked && !other.Forked {
			continue
		}
		for _, run := range other.Runs {
			if run.First < first {
				begin = max(begin, min(run.Last+1, first))
			}
		}
	}
	return begin
}

// Gaps are the chains with which something is wrong.
func (t *Terminal) Gaps() (gaps []wire.Gap) {
	for i := range t.Chains {
		c := &t.Chains[i]
		missing := t.Missing(c)
		if len(missing) > 0 || len(c.Lost) > 0 || len(c.Aside) > 0 || c.Forked {
			gaps = append(gaps, wire.Gap{Terminal: t.ID, Chain: c.ID, Place: t.Place, Missing: missing, Lost: c.Lost, Aside: c.Aside,
				Forked: c.Forked, Highest: c.Highest(), LastReport: t.LastReport})
		}
	}
	return gaps
}
