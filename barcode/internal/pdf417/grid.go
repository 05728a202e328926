package pdf417

import (
	"cmp"
	"slices"

	"github.com/offlane/offlane/barcode/internal/pix"
)

// A cell is the place of a codeword: what lines have read there.
type cell struct {
	votes    []vote
	from, to pix.Point // where the clearest was read
	clear    float64
}

// A vote is a codeword and the weight of the lines that read it.
type vote struct {
	value  int16
	weight float64
}

// A grid is the cells of a symbol, row by row, those of data alone.
type grid struct {
	layout
	cells []cell
}

// reset makes the grid one of empty cells.
func (g *grid) reset(l layout) {
	g.layout = l
	n := l.rows * l.columns
	if cap(g.cells) < n {
		g.cells = make([]cell, n)
	}
	g.cells = g.cells[:n]
	for i := range g.cells {
		g.cells[i] = cell{votes: g.cells[i].votes[:0]}
	}
}

// add notes what a line reads in a cell.
func (g *grid) add(row, column int, s *sign, weight float64, l *line) {
	c := &g.cells[row*g.columns+column]
	if s.clear > c.clear {
		c.clear, c.from, c.to = s.clear, l.at(s.from), l.at(s.to)
	}
	for i := range c.votes {
		if c.votes[i].value == s.value {
			c.votes[i].weight += weight
			return
		}
	}
	c.votes = append(c.votes, vote{s.value, weight})
}

// best returns the codeword with the most weight, and how much more it has than the next.
func (c *cell) best() (value int, lead float64) {
	var first, second vote
	for _, v := range c.votes {
		switch {
		case v.weight > first.weight:
			first, second = v, first
		case v.weight > second.weight:
			second = v
		}
	}
	return int(first.value), first.weight - second.weight
}

// Shares of the error correction left that are spent on cells given up as erasures, those with the least lead first,
// one after the other.
var givenUp = []float64{0, 0.3, 0.5, 0.7, 0.85, 1}

// leastLead is the lead below which a cell is an erasure in any case.
const leastLead = 0.25

// decide returns the codewords, corrected.
func (g *grid) decide() (o outcome, ok bool) {
	words, order, lost := make([]int, len(g.cells)), make([]int, len(g.cells)), 0
	leads := make([]float64, len(g.cells))
	for i := range g.cells {
		order[i] = i
		if words[i], leads[i] = g.cells[i].best(); leads[i] < leastLead {
			lost++
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(leads[a], leads[b]) })
	before := -1
	for _, share := range givenUp {
		n := min(len(words), lost+int(share*float64(g.check()-reserve-lost)))
		if n == before {
			continue
		}
		before = n
		if o, ok = g.correct(words, order[:n]); ok {
			return o, true
		}
	}
	return o, false
}

// An outcome is the codewords of a symbol and what it took to correct them.
type outcome struct {
	words       []int // of data
	all         []int
	lost, wrong int
}

// reserve is how many codewords of the error correction are left to tell a symbol that was read wrongly. One in 929²
// such passes, and its length descriptor one time in 929.
const reserve = 2

// correct mends the codewords with those at the places lost.
func (g *grid) correct(words, lost []int) (o outcome, ok bool) {
	check := g.check()
	if len(lost)+reserve > check {
		return o, false
	}
	o.all = slices.Clone(words)
	for _, i := range lost {
		o.all[i] = 0
	}
	if o.wrong, ok = correct(o.all, check, lost); !ok || len(lost)+2*o.wrong+reserve > check {
		return o, false
	}
	o.lost, o.words = len(lost), o.all[:len(words)-check]
	return o, o.words[0] == len(o.words)
}
