package store

import (
	"cmp"
	"slices"

	"github.com/offlane/offlane/redeem/record"
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
	// LostFrom is the number from which on the terminal lost records and nobody knows how many; 0: there are none.
	LostFrom uint64 `json:"lostFrom,omitempty"`
	// Forked says that two records came for one number, or one that does not follow the one before it.
	Forked bool `json:"forked,omitempty"`
}

// A Run is a run of consecutive records that came: Prev is what the first names as its predecessor, Head the hash of
// the last.
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

// Take notes that the records of run came in a chain of the terminal, and which of them had not come before. It reports
// whether the run shows that the chain forked: two records have one number, whatever their chains, since numbers go on
// from chain to chain, or one does not follow the one before it.
func (t *Terminal) Take(id record.ChainID, run Run, fresh []bool) (forked bool) {
	t.Chain(id)
	for i := range t.Chains {
		if t.Chains[i].meets(run, fresh) {
			t.Chains[i].Forked, forked = true, true
		}
	}
	c := t.Chain(id)
	broken := c.add(run)
	c.Forked = c.Forked || forked || broken
	return forked || broken
}

// meets reports whether a record of the run that is fresh has a number that came before.
func (c *Chain) meets(run Run, fresh []bool) bool {
	return slices.ContainsFunc(c.Runs, func(known Run) bool {
		first, last := max(run.First, known.First), min(run.Last, known.Last)
		return first <= last && slices.Contains(fresh[first-run.First:last-run.First+1], true)
	})
}

// add enters a run, and reports whether it does not follow the one before it, or is not followed by the next.
func (c *Chain) add(run Run) (broken bool) {
	runs := append(c.Runs, run)
	slices.SortStableFunc(runs, func(a, b Run) int { return cmp.Compare(a.First, b.First) })
	joined := runs[:1]
	for _, next := range runs[1:] {
		last := &joined[len(joined)-1]
		if next.First > last.Last+1 {
			joined = append(joined, next)
			continue
		}
		broken = broken || next.First == last.Last+1 && !next.Follows(*last)
		if next.Last > last.Last {
			last.Last, last.Head = next.Last, next.Head
		}
	}
	c.Runs = joined[max(0, len(joined)-maxRuns):]
	return broken
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

// Missing returns the numbers below the highest that did not come and were not lost. Numbers go on from chain to
// chain, so a chain begins after the highest number that came in another one below it.
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
	missing = t.lessLost(c, missing)
	return missing[:min(len(missing), maxRuns)]
}

// MissingBefore returns the numbers that are missing below a number of a chain, were its record to come now with what
// the terminal says that it lost and set aside. It changes nothing.
func (t *Terminal) MissingBefore(id record.ChainID, first uint64, lost, aside []record.Range) []record.Range {
	trial := Terminal{Chains: slices.Clone(t.Chains)}
	c := trial.Chain(id)
	c.Runs, c.Lost = slices.Clone(c.Runs), slices.Clone(c.Lost)
	c.add(Run{First: first, Last: first})
	c.Lose(lost)
	c.SetAside(aside)
	return record.Without(trial.Missing(c), record.Range{First: first, Last: record.MaxNumber})
}

// lessLost takes from ranges what the terminal declared lost of its other chains: numbers go on from chain to chain,
// and a terminal that begins another one because of a loss may declare it there.
func (t *Terminal) lessLost(c *Chain, ranges []record.Range) []record.Range {
	for i := range t.Chains {
		if t.Chains[i].ID == c.ID {
			continue
		}
		for _, lost := range t.Chains[i].Lost {
			ranges = record.Without(ranges, lost)
		}
	}
	return ranges
}

// begins is the number with which the chain begins as far as is known, at most the first that came or was lost. After
// a fork two chains follow that have numbers of their own, so that only those that forked count as before it.
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

// KnowsLoss reports whether the terminal declared a loss of unknown extent before, in whichever chain.
func (t *Terminal) KnowsLoss(from uint64) bool {
	return slices.ContainsFunc(t.Chains, func(c Chain) bool { return c.LostFrom == from })
}

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
func (t *Terminal) Gaps() (gaps []Gap) {
	for i := range t.Chains {
		c := &t.Chains[i]
		missing := t.Missing(c)
		if len(missing) > 0 || len(c.Lost) > 0 || len(c.Aside) > 0 || c.Forked || c.LostFrom > 0 {
			gaps = append(gaps, Gap{Terminal: t.ID, Chain: c.ID, Place: t.Place, Missing: missing, Lost: c.Lost, Aside: c.Aside,
				LostFrom: c.LostFrom, Forked: c.Forked, Highest: c.Highest(), LastReport: t.LastReport})
		}
	}
	return gaps
}
