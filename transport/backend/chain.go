package backend

import (
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

// Bounds on what is remembered of a terminal.
const (
	maxRuns   = 1000
	maxChains = 100
)

// chain returns the terminal's chain with this id, a new one where it has none. Of very many the oldest sound ones are forgotten.
func (t *Terminal) chain(id record.ChainID) *Chain {
	for i := range t.Chains {
		if t.Chains[i].ID == id {
			return &t.Chains[i]
		}
	}
	if len(t.Chains) >= maxChains {
		t.Chains = slices.Delete(t.Chains, 0, 1)
	}
	t.Chains = append(t.Chains, Chain{ID: id})
	return &t.Chains[len(t.Chains)-1]
}

// add notes that the records of run came. fresh says that some of them had not come before.
func (c *Chain) add(run Run, fresh bool) {
	at, _ := slices.BinarySearchFunc(c.Runs, run.First, func(r Run, first uint64) int {
		if r.Last < first {
			return -1
		}
		return 1
	})
	end := at
	for end < len(c.Runs) && c.Runs[end].First <= run.Last {
		end++
	}
	if over := c.Runs[at:end]; len(over) > 0 {
		c.Forked = c.Forked || fresh && covers(over, run)
		run = union(over, run)
	}
	if at > 0 && c.Runs[at-1].Last == run.First-1 {
		c.Forked = c.Forked || c.Runs[at-1].Head != run.Prev && run.Prev != (record.Hash{})
		at--
		run = union(c.Runs[at:at+1], run)
	}
	if end < len(c.Runs) && c.Runs[end].First == run.Last+1 {
		c.Forked = c.Forked || c.Runs[end].Prev != run.Head && c.Runs[end].Prev != (record.Hash{})
		run = union(c.Runs[end:end+1], run)
		end++
	}
	c.Runs = slices.Replace(c.Runs, at, end, run)
	if len(c.Runs) > maxRuns {
		c.Runs = slices.Delete(c.Runs, 0, 1)
	}
}

// covers reports whether the runs hold every number of run: then whatever of it is new has a number twice.
func covers(over []Run, run Run) bool {
	return len(over) == 1 && over[0].First <= run.First && run.Last <= over[0].Last
}

// union is the run from the first to the last number of all; holes between them are filled by run.
func union(over []Run, run Run) Run {
	if first := over[0]; first.First < run.First {
		run.First, run.Prev = first.First, first.Prev
	}
	if last := over[len(over)-1]; last.Last > run.Last {
		run.Last, run.Head = last.Last, last.Head
	}
	return run
}

// lose notes numbers that will never come.
func (c *Chain) lose(lost []record.Range) {
	for _, r := range lost {
		if !slices.Contains(c.Lost, r) && len(c.Lost) < maxRuns {
			c.Lost = append(c.Lost, r)
		}
	}
}

func (c *Chain) highest() uint64 {
	if len(c.Runs) == 0 {
		return 0
	}
	return c.Runs[len(c.Runs)-1].Last
}

// missing returns the numbers below the highest that did not come and were not lost. Numbers go on from chain to chain, so a
// chain begins after the highest number that came in another one below it.
func (t *Terminal) missing(c *Chain) []record.Range {
	if len(c.Runs) == 0 {
		return nil
	}
	var missing []record.Range
	next := t.begins(c)
	for _, run := range c.Runs {
		if next < run.First {
			missing = append(missing, without(record.Range{First: next, Last: run.First - 1}, c.Lost)...)
		}
		next = run.Last + 1
	}
	return missing[:min(len(missing), maxRuns)]
}

// begins is the number with which the chain begins as far as is known. After a fork, which has numbers of its own, it is the
// first that came.
func (t *Terminal) begins(c *Chain) uint64 {
	begin, first := uint64(1), c.Runs[0].First
	for i := range t.Chains {
		other := &t.Chains[i]
		if other.ID == c.ID {
			continue
		}
		if other.Forked {
			return first
		}
		for _, run := range other.Runs {
			if run.First < first {
				begin = max(begin, min(run.Last+1, first))
			}
		}
	}
	return begin
}

// without cuts the lost ranges out of r.
func without(r record.Range, lost []record.Range) []record.Range {
	left := []record.Range{r}
	for _, l := range lost {
		var next []record.Range
		for _, r := range left {
			if l.Last < r.First || r.Last < l.First {
				next = append(next, r)
				continue
			}
			if r.First < l.First {
				next = append(next, record.Range{First: r.First, Last: l.First - 1})
			}
			if l.Last < r.Last {
				next = append(next, record.Range{First: l.Last + 1, Last: r.Last})
			}
		}
		left = next
	}
	return left
}
