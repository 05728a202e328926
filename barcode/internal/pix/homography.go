package pix

// A Homography maps a plane onto another in perspective: the columns of a 3 by 3 matrix, row by row.
type Homography [9]float64

// Map returns where u, v lies.
func (h *Homography) Map(u, v float64) Point {
	w := h[6]*u + h[7]*v + h[8]
	return Point{(h[0]*u + h[1]*v + h[2]) / w, (h[3]*u + h[4]*v + h[5]) / w}
}

// Square returns the homography that takes the corners of a square, of a side and with one corner at 0, 0, clockwise
// from there to four others, of which no three may lie on a line.
func Square(side float64, to *[4]Point) Homography {
	dx1, dx2, sx := to[1].X-to[2].X, to[3].X-to[2].X, to[0].X-to[1].X+to[2].X-to[3].X
	dy1, dy2, sy := to[1].Y-to[2].Y, to[3].Y-to[2].Y, to[0].Y-to[1].Y+to[2].Y-to[3].Y
	d := dx1*dy2 - dx2*dy1
	g, h := (sx*dy2-dx2*sy)/d, (dx1*sy-sx*dy1)/d
	return Homography{
		(to[1].X - to[0].X + g*to[1].X) / side, (to[3].X - to[0].X + h*to[3].X) / side, to[0].X,
		(to[1].Y - to[0].Y + g*to[1].Y) / side, (to[3].Y - to[0].Y + h*to[3].Y) / side, to[0].Y,
		g / side, h / side, 1,
	}
}

// Fit returns the homography that takes each of four or more points to its partner, with the least squared error in
// the linear equations; not ok where the points do not tell it.
func Fit(from, to []Point) (h Homography, ok bool) {
	fc, fs := spread(from)
	tc, ts := spread(to)
	if fs == 0 || ts == 0 || len(from) < 4 {
		return h, false
	}
	var e equations
	for i := range from {
		e.add((from[i].X-fc.X)/fs, (from[i].Y-fc.Y)/fs, (to[i].X-tc.X)/ts, (to[i].Y-tc.Y)/ts)
	}
	n, ok := e.solve()
	if !ok {
		return h, false
	}
	before := Homography{1 / fs, 0, -fc.X / fs, 0, 1 / fs, -fc.Y / fs, 0, 0, 1}
	after := Homography{ts, 0, tc.X, 0, ts, tc.Y, 0, 0, 1}
	return after.times(n.times(before)), true
}

func (h Homography) times(o Homography) (p Homography) {
	for r := range 3 {
		for c := range 3 {
			for k := range 3 {
				p[3*r+c] += h[3*r+k] * o[3*k+c]
			}
		}
	}
	return p
}

// spread returns the middle of points and their mean distance from it.
func spread(p []Point) (c Point, s float64) {
	for _, q := range p {
		c.X += q.X / float64(len(p))
		c.Y += q.Y / float64(len(p))
	}
	for _, q := range p {
		s += Distance(q, c) / float64(len(p))
	}
	return c, s
}
