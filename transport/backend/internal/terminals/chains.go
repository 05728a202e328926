package terminals

import (
	"cmp"
	"slices"

	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/backend/store"
)

// Follows reports whether the run goes on where another ends, as far as its first record can say.
func Follows(r store.Run, before store.Run) bool {
	return r.First == before.Last+1 && (r.Prev == before.Head || r.Prev == record.Hash{})
}

// Bounds on what is remembered of a terminal.
const (
	maxRuns   = 1000
	maxChains = 100
)

// ChainOf returns the terminal's chain with this id, a new one where it has none. Of very many the oldest are
// forgotten.
func ChainOf(t *store.Terminal, id record.ChainID) *store.Chain {
	i := slices.IndexFunc(t.Chains, func(c store.Chain) bool { return c.ID == id })
	if i < 0 {
		t.Chains = append(t.Chains, store.Chain{ID: id})
		t.Chains = t.Chains[max(0, len(t.Chains)-maxChains):]
		i = len(t.Chains) - 1
	}
	return &t.Chains[i]
}

// Take notes that the records of run came in a chain of the terminal, and which of them had not come before. It reports
// whether the run shows that the chain forked: two records have one number, whatever their chains, since numbers go on
// from chain to chain, or one does not follow the one before it.
func Take(t *store.Terminal, id record.ChainID, run store.Run, fresh []bool) (forked bool) {
	ChainOf(t, id)
	for i := range t.Chains {
		if meets(&t.Chains[i], run, fresh) {
			t.Chains[i].Forked, forked = true, true
		}
	}
	c := ChainOf(t, id)
	broken := addRun(c, run)
	c.Forked = c.Forked || forked || broken
	return forked || broken
}

// meets reports whether a record of the run that is fresh has a number that came before.
func meets(c *store.Chain, run store.Run, fresh []bool) bool {
	return slices.ContainsFunc(c.Runs, func(known store.Run) bool {
		first, last := max(run.First, known.First), min(run.Last, known.Last)
		return first <= last && slices.Contains(fresh[first-run.First:last-run.First+1], true)
	})
}

// addRun enters a run, and reports whether it does not follow the one before it, or is not followed by the next.
func addRun(c *store.Chain, run store.Run) (broken bool) {
	runs := append(c.Runs, run)
	slices.SortStableFunc(runs, func(a, b store.Run) int { return cmp.Compare(a.First, b.First) })
	joined := runs[:1]
	for _, next := range runs[1:] {
		last := &joined[len(joined)-1]
		if next.First > last.Last+1 {
			joined = append(joined, next)
			continue
		}
		broken = broken || next.First == last.Last+1 && !Follows(next, *last)
		if next.Last > last.Last {
			last.Last, last.Head = next.Last, next.Head
		}
	}
	c.Runs = joined[max(0, len(joined)-maxRuns):]
	return broken
}

// Lose notes numbers that will never come.
func Lose(c *store.Chain, lost []record.Range) {
	for _, r := range lost {
		if !slices.Contains(c.Lost, r) && len(c.Lost) < maxRuns {
			c.Lost = append(c.Lost, r)
		}
	}
}

// SetAside notes which numbers the terminal sets aside now.
func SetAside(c *store.Chain, aside []record.Range) {
	c.Aside = slices.Clone(aside[:min(len(aside), maxRuns)])
}

// Highest is the highest number that came; 0: none.
func Highest(c *store.Chain) uint64 {
	if len(c.Runs) == 0 {
		return 0
	}
	return c.Runs[len(c.Runs)-1].Last
}

// HighestNumber is the highest number that came in any chain; 0: none.
func HighestNumber(t *store.Terminal) (highest uint64) {
	for i := range t.Chains {
		highest = max(highest, Highest(&t.Chains[i]))
	}
	return highest
}

// LastNumber is the highest number that came, or was lost, in any chain.
func LastNumber(t *store.Terminal) *uint64 {
	var last uint64
	for i := range t.Chains {
		c := &t.Chains[i]
		last = max(last, Highest(c))
		for _, lost := range c.Lost {
			last = max(last, lost.Last)
		}
	}
	return &last
}

// Missing returns the numbers below the highest that did not come and were not lost. Numbers go on from chain to
// chain, so a chain begins after the highest number that came in another one below it.
func Missing(t *store.Terminal, c *store.Chain) (missing []record.Range) {
	settled := slices.Concat(c.Lost, c.Aside)
	for _, run := range c.Runs {
		settled = append(settled, record.Range{First: run.First, Last: run.Last})
	}
	if len(settled) == 0 {
		return nil
	}
	slices.SortFunc(settled, func(a, b record.Range) int { return cmp.Compare(a.First, b.First) })
	highest := Highest(c)
	if highest == 0 { // it was restored from a backup, and of the chain it knows only what was lost
		highest = settled[len(settled)-1].Last
	}
	next := begins(t, c, settled[0].First)
	for _, r := range settled {
		if next < r.First && next <= highest {
			missing = append(missing, record.Range{First: next, Last: r.First - 1})
		}
		next = max(next, r.Last+1)
	}
	missing = lessLost(t, c, missing)
	return missing[:min(len(missing), maxRuns)]
}

// MissingBefore returns the numbers that are missing below a number of a chain, were its record to come now with what
// the terminal says that it lost and set aside. It changes nothing.
func MissingBefore(t *store.Terminal, id record.ChainID, first uint64, lost, aside []record.Range) []record.Range {
	trial := store.Terminal{Chains: slices.Clone(t.Chains)}
	c := ChainOf(&trial, id)
	c.Runs, c.Lost = slices.Clone(c.Runs), slices.Clone(c.Lost)
	addRun(c, store.Run{First: first, Last: first})
	Lose(c, lost)
	SetAside(c, aside)
	return record.Without(Missing(&trial, c), record.Range{First: first, Last: record.MaxNumber})
}

// lessLost takes from ranges what the terminal declared lost of its other chains: numbers go on from chain to chain,
// and a terminal that begins another one because of a loss may declare it there.
func lessLost(t *store.Terminal, c *store.Chain, ranges []record.Range) []record.Range {
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
func begins(t *store.Terminal, c *store.Chain, first uint64) uint64 {
	begin := uint64(1)
	forked := slices.ContainsFunc(t.Chains, func(other store.Chain) bool { return other.ID != c.ID && other.Forked })
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
func KnowsLoss(t *store.Terminal, from uint64) bool {
	return slices.ContainsFunc(t.Chains, func(c store.Chain) bool { return c.LostFrom == from })
}
