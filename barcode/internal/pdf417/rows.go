package pdf417

import (
	"math"
)

// A layout is what the row indicators tell.
type layout struct {
	rows, columns int // columns of data
	level         int // of error correction: 2 to the power of level+1 codewords
}

const (
	maxRows, minRows = 90, 3
	maxColumns       = 30
	maxLevel         = 8
	maxCodewords     = 928
)

func (l *layout) check() int { return 2 << l.level }

func (l *layout) valid() bool {
	n := l.rows * l.columns
	return l.rows >= minRows && l.rows <= maxRows && l.columns >= 1 && l.columns <= maxColumns && l.level <= maxLevel &&
		n <= maxCodewords && n > l.check()
}

// An indication is what one row indicator says.
type indication struct {
	at    float64 // its line
	row   int
	field int // which of the three that it takes turns to tell
	value int
	clear float64
}

// The three that row indicators tell in turn (ISO/IEC 15438, 5.11.3).
const (
	rowsField    = iota // a third of the rows less one
	levelField          // thrice the level of error correction, and the rest of that division
	columnsField        // the columns less one
)

// indicationOf says what an indicator means. The right one tells the same three, another one first.
func indicationOf(c character, right bool) indication {
	k := int(c.cluster)
	i := indication{row: 3*(int(c.value)/30) + k, field: k, value: int(c.value) % 30}
	if right {
		i.field = (k + 2) % 3
	}
	return i
}

// A rowFit says which row is where on a column.
type rowFit struct {
	row  curve // of a line; r to r+1 is row r
	line curve // of a row
	seen []indication
	ok   bool
}

const (
	probes    = 12  // lines that must show an indicator
	leastSeen = 4   // indicators that agree
	sideLines = 160 // that are read
	// reachModules is how far from where it is expected a character may begin.
	reachModules = 1.3
)

// readRows reads the row indicators beside a column.
func (r *Reader) readRows(c *column) {
	c.rows = rowFit{}
	n := min(sideLines, int(c.to-c.from)+1)
	var seen []indication
	for k := range n {
		i := k * spread(n) % n // far apart first
		at := c.from + (float64(i)+0.5)*(c.to-c.from)/float64(n)
		if got, ok := r.indicator(c, at, measures[k%len(measures)]); ok {
			seen = append(seen, got)
		}
		if k == probes && len(seen) == 0 {
			return
		}
	}
	c.rows = fitRows(seen)
}

// spread is a step prime to n near its golden section.
func spread(n int) int {
	for s := max(1, n*5/8); ; s++ {
		if gcd(s, n) == 1 {
			return s
		}
	}
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// indicator reads the row indicator on one line of a column.
func (r *Reader) indicator(c *column, at float64, m measure) (i indication, ok bool) {
	p, d := c.innerAt(at), c.direction
	if d.X == 0 && d.Y == 0 {
		d = c.normal(at)
	}
	const margin = 3
	before, after := float64(margin), float64(modules+margin)
	if c.stop {
		before, after = after, before
	}
	x := before * c.module
	r.lay(shift(p, d, -x), shift(p, d, after*c.module), c.module, c.negative)
	r.line.measure(m)
	var s sign
	if c.stop {
		s, ok = r.line.readUpTo(r.table, x, c.module, reachModules*c.module)
	} else {
		s, ok = r.line.readFrom(r.table, x, c.module, reachModules*c.module)
	}
	if !ok {
		return i, false
	}
	i = indicationOf(s.character, c.stop)
	i.at, i.clear = at, s.clear
	return i, i.row < maxRows
}

// fitRows finds the curve on which most indicators lie.
func fitRows(seen []indication) (f rowFit) {
	if len(seen) < leastSeen {
		return f
	}
	line, n := steady(seen)
	if n < leastSeen {
		return f
	}
	for range 3 {
		var at, row []float64
		f.seen = f.seen[:0]
		for _, s := range seen {
			if math.Abs(line.at(s.at)-float64(s.row)-0.5) <= offRow {
				at, row = append(at, s.at), append(row, float64(s.row)+0.5)
				f.seen = append(f.seen, s)
			}
		}
		if len(at) < leastSeen {
			return rowFit{}
		}
		f.row, f.line = fitCurve(at, row), fitCurve(row, at)
		line = f.row
	}
	f.ok = true
	return f
}

// offRow is how far from the middle of its row an indicator may be seen, in rows.
const offRow = 0.9

// steady returns the straight line near which most indicators lie, and how many.
func steady(seen []indication) (best curve, most int) {
	n := len(seen)
	for step := 1; step < n; step += max(1, n/24) {
		for i := 0; i < n; i += max(1, n/24) {
			a, b := seen[i], seen[(i+step)%n]
			if a.at == b.at || a.row == b.row {
				continue
			}
			f := curve{a: float64(a.row) + 0.5, b: float64(b.row-a.row) / (b.at - a.at), c: a.at}
			near := 0
			for _, s := range seen {
				if math.Abs(f.at(s.at)-float64(s.row)-0.5) <= offRow {
					near++
				}
			}
			if near > most {
				best, most = f, near
			}
		}
	}
	return best, most
}
