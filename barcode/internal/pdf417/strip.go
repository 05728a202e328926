package pdf417

import (
	"cmp"
	"math"
	"slices"

	"github.com/offlane/offlane/barcode/internal/pix"
)

// A strip is where the rows of a symbol run: between a start and a stop pattern, or from one of them as far as the row
// indicators say.
type strip struct {
	left, right *column // one may be nil
	negative    bool
	module      float64
	layout
	slant float64 // of the rows, from upright to the only column, as a tangent
	bow   float64 // of the rows between two columns, in pixels
	// lines are the line of each column at the place of a row.
	lines [2]curve
}

// columns are the columns of a binary picture outside of the symbols known, the longest first.
func (r *Reader) columns(b *pix.Binary, effort Effort, known [][4]pix.Point) (all []*column) {
	for _, c := range r.finder.find(b, effort.Step) {
		if c.fit() {
			all = append(all, c)
		}
	}
	slices.SortStableFunc(all, func(a, b *column) int { return cmp.Compare(len(b.hits), len(a.hits)) })
	return all[:min(effort.Columns, len(all))]
}

// pairs returns the strips between columns and, behind them, beside each.
func pairs(columns []*column) (all []strip) {
	for _, left := range columns {
		if left.stop {
			continue
		}
		var near []*column
		highest := 0
		for _, right := range columns {
			if right.stop && left.faces(right) {
				near, highest = append(near, right), max(highest, len(right.hits))
			}
		}
		// What is less than half as high as another is an accident.
		near = slices.DeleteFunc(near, func(c *column) bool { return 2*len(c.hits) < highest })
		slices.SortStableFunc(near, func(a, b *column) int { return cmp.Compare(left.distance(a), left.distance(b)) })
		for _, right := range near[:min(2, len(near))] {
			all = append(all, strip{left: left, right: right, negative: left.negative})
		}
	}
	for _, c := range columns {
		s := strip{left: c, negative: c.negative}
		if c.stop {
			s.left, s.right = nil, c
		}
		all = append(all, s)
	}
	return all
}

func (c *column) distance(o *column) float64 {
	return pix.Distance(c.middle(), o.middle())
}

// The bounds of how far the middles of a start and a stop pattern are apart, in modules.
const (
	leastApart = modules * (1 + 3)
	mostApart  = modules * (maxColumns + 3)
	// A tilted symbol has other modules at one end than at the other, by which its length is off by some, too.
	modulesRatio              = 1.6
	seemsNearer, seemsFarther = 0.8, 1.25
	// skewed is how far off the direction across a column the other one may lie, as a share of the way along it.
	skewed = 0.35
)

// faces says whether a stop pattern may be of the same symbol as a start pattern.
func (c *column) faces(stop *column) bool {
	k := stop.kind
	k.stop = c.stop
	if k != c.kind || stop.module > modulesRatio*c.module || c.module > modulesRatio*stop.module {
		return false
	}
	a, b, d := c.middle(), stop.middle(), c.normal((c.from+c.to)/2)
	along := (b.X-a.X)*d.X + (b.Y-a.Y)*d.Y
	off := math.Abs((b.X-a.X)*d.Y - (b.Y-a.Y)*d.X)
	m := (c.module + stop.module) / 2
	return along > seemsNearer*leastApart*m && along < seemsFarther*mostApart*m && off < skewed*along+(c.to-c.from)/2
}

// both are the columns of a strip, each with the direction of the rows if the two tell it.
func (s *strip) both() (all []*column) {
	if s.left == nil || s.right == nil {
		c := s.left
		if c == nil {
			c = s.right
		}
		c.direction = pix.Point{}
		s.module = c.module
		return []*column{c}
	}
	n, a, b := s.left.distance(s.right), s.left.middle(), s.right.middle()
	s.left.direction = pix.Point{X: (b.X - a.X) / n, Y: (b.Y - a.Y) / n}
	s.right.direction = s.left.direction
	s.module = (s.left.module + s.right.module) / 2
	return []*column{s.left, s.right}
}

// width is how many columns of data fit between the patterns; zero where one is missing.
func (s *strip) width() int {
	if s.left == nil || s.right == nil {
		return 0
	}
	return int(math.Round(s.left.distance(s.right)/s.module/modules)) - 3
}

// columnsDiffer is by which share of its columns, and by one, a layout may differ from what there is room for: the
// module is measured at both ends alone.
const columnsDiffer = 0.15

// span sets where each row meets the columns; not ok where the layout does not fit them.
func (s *strip) span(l *layout) bool {
	s.layout = *l
	if w := s.width(); w != 0 && math.Abs(float64(w-l.columns)) > 1+columnsDiffer*float64(l.columns) {
		return false
	}
	for i, c := range [2]*column{s.left, s.right} {
		if c != nil && c.rows.ok {
			s.lines[i] = c.rows.line
		}
	}
	switch {
	case s.left != nil && s.left.rows.ok && s.right != nil && s.right.rows.ok:
		return s.lines[0].b*s.lines[1].b > 0
	case s.left != nil && s.left.rows.ok:
		return s.right == nil || s.copyLines(s.left, 1, s.right)
	case s.right != nil && s.right.rows.ok:
		return s.left == nil || s.copyLines(s.right, 0, s.left)
	}
	return false
}

// steepLine is the slope of a column from where on its hits do not reach from its first to its last row.
const steepLine = 0.15

// copyLines takes the rows of one column for another that does not tell them: its ends are those of the symbol, or,
// where its hits do not reach there, lie in the direction of the rows.
func (s *strip) copyLines(known *column, i int, other *column) bool {
	from, to := other.from, other.to
	if known.rows.line.b < 0 {
		from, to = to, from
	}
	if math.Abs(other.inner.slope((from+to)/2)) > steepLine {
		from, to = other.meet(known, known.rows.line.at(0)), other.meet(known, known.rows.line.at(float64(s.rows)))
	}
	s.lines[i] = curve{a: from, b: (to - from) / float64(s.rows)}
	return true
}

// meet returns the line on which a column is met in the direction of the rows from a line of another.
func (c *column) meet(other *column, at float64) float64 {
	p, d := other.innerAt(at), c.direction
	mid := (c.from + c.to) / 2
	q := c.innerAt(mid)
	u, v := p.X-q.X, p.Y-q.Y
	if c.columnwise {
		u, v, d = v, u, pix.Point{X: d.Y, Y: d.X}
	}
	// u + t·dx = slope · (v + t·dy)
	slope := c.inner.slope(mid)
	t := (slope*v - u) / (d.X - slope*d.Y)
	return mid + v + t*d.Y
}

// ends returns the beginning of the left row indicator and the end of the right one at a place of the rows.
func (s *strip) ends(row float64) (from, to pix.Point) {
	length := float64(modules*(s.columns+2)) * s.module * math.Hypot(1, s.slant)
	if s.left != nil {
		at := s.lines[0].at(row)
		from = s.left.innerAt(at)
		if s.right == nil {
			return from, shift(from, turn(s.left.normal(at), s.slant), length)
		}
	}
	at := s.lines[1].at(row)
	to = s.right.innerAt(at)
	if s.left == nil {
		from = shift(to, turn(s.right.normal(at), s.slant), -length)
	}
	return from, to
}

// turn turns a direction by a tangent.
func turn(d pix.Point, tangent float64) pix.Point {
	n := math.Hypot(1, tangent)
	return pix.Point{X: (d.X - tangent*d.Y) / n, Y: (d.Y + tangent*d.X) / n}
}

// isCovered says whether the columns of a strip lie in symbols known.
func isCovered(s strip, known [][4]pix.Point) bool {
	for _, c := range []*column{s.left, s.right} {
		if c == nil {
			continue
		}
		if pix.IsCovered(c.middle(), known) {
			return true
		}
	}
	return false
}
