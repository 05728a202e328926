package pix

import "slices"

// Line appends what Between tells of n places: the first is x, y, each next one dx and dy on.
func (g *Gray) Line(line []byte, x, y, dx, dy float64, n int) []byte {
	k := len(line)
	line = slices.Grow(line, max(0, n))[:k+max(0, n)]
	out := line[k:]
	between := func(i int) byte { return g.Interpolate(x+float64(i)*dx, y+float64(i)*dy) }
	within := func(i int) bool {
		u, v := x+float64(i)*dx-0.5, y+float64(i)*dy-0.5
		return u >= 0 && v >= 0 && u < float64(g.W-1) && v < float64(g.H-1)
	}
	// Where both ends lie within the plane, all between them does.
	from, to := 0, len(out)
	for ; from < to && !within(from); from++ {
		out[from] = between(from)
	}
	for ; to > from && !within(to-1); to-- {
		out[to-1] = between(to - 1)
	}
	g.line(out[from:to], x+float64(from)*dx-0.5, y+float64(from)*dy-0.5, dx, dy)
	return line
}

// line is Line within the plane, in steps of 2^-32 pixels. A pixel lies at its middle here.
func (g *Gray) line(out []byte, x, y, dx, dy float64) {
	const one, part = 1 << 32, 32 - 8
	u, v, du, dv := int64(x*one), int64(y*one), int64(dx*one), int64(dy*one)
	// The last place may lie on the border by the error of the steps.
	right, bottom := int64(g.W-1)<<32-1, int64(g.H-1)<<32-1
	for i := range out {
		s, t := max(0, min(u, right)), max(0, min(v, bottom))
		a := g.Pix[int(t>>32)*g.Stride+int(s>>32):]
		b := a[g.Stride:]
		out[i] = mix(a[0], a[1], b[0], b[1], int(s>>part&255), int(t>>part&255))
		u, v = u+du, v+dv
	}
}
