package pdf417

import "math"

// The slants of rows that are tried where only one column is there.
const (
	steepestSlant = 0.4
	slantStep     = 0.04
	slantLines    = 12
)

// turn finds the slant at which the most characters are of the rows that they should be.
func (r *Reader) turn(s *strip, l *layout) {
	best, most := 0.0, -1
	for k := range int(2*steepestSlant/slantStep) + 1 {
		// From upright on to both sides.
		s.slant = slantStep * float64((k+1)/2)
		if k%2 == 1 {
			s.slant = -s.slant
		}
		if n := r.countFits(s, l); n > most {
			best, most = s.slant, n
		}
	}
	s.slant = best
}

// countFits counts the characters on a few lines that are of the rows that they should be.
func (r *Reader) countFits(s *strip, l *layout) (n int) {
	r.grid.layout = *l
	for k := range slantLines {
		row := (float64(k) + 0.5) / slantLines * float64(l.rows)
		row = math.Floor(row) + 0.5
		r.layRow(s, row)
		r.line.measure(measures[0])
		walk := r.begin(s)
		for column := -1; column < l.columns; column++ {
			if got, ok := walk.next(&r.line, r.table); ok && int(got.cluster) == int(row)%3 {
				n++
			}
		}
	}
	return n
}

// Bent paper makes rows bows between both columns.
const (
	steepestBow = 0.15 // of the width, in the middle
	mostBow     = 12   // rows
	bowStep     = 0.7  // rows
	// flat is the share of the characters that a straight line reads from which on the rows need not be bows.
	flat = 0.75
)

// bend finds the bow at which the most characters are of the rows that they should be.
func (r *Reader) bend(s *strip, l *layout) {
	s.bow = 0
	most := r.countFits(s, l)
	if float64(most) >= flat*float64(slantLines*(l.columns+1)) {
		return
	}
	a, b := s.ends(0)
	c, d := s.ends(float64(l.rows))
	height := (math.Hypot(c.X-a.X, c.Y-a.Y) + math.Hypot(d.X-b.X, d.Y-b.Y)) / 2 / float64(l.rows)
	step, best := bowStep*height, 0.0
	n := int(min(mostBow*height, steepestBow*math.Hypot(b.X-a.X, b.Y-a.Y)) / step)
	for k := 2; k <= 2*n+1; k++ { // on both sides, further and further
		if s.bow = step * float64(k/2); k%2 == 1 {
			s.bow = -s.bow
		}
		if n := r.countFits(s, l); n > most {
			best, most = s.bow, n
		}
	}
	s.bow = best
}
