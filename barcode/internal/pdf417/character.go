package pdf417

import "math"

// A sign is a symbol character that was read from edges.
type sign struct {
	character
	clear    float64 // 0 to 1: how far the edges are from where those of another character would be
	from, to float64 // on the line
}

// clearest is how far a distance between similar edges may be from a whole number of modules.
const clearest = 0.5

// bleed is how much more dark or light a character may be than it should be, in modules: a quarter to each bar.
const bleed = 3

// read returns the character of nine edges; not ok where there is none.
func (t *table) read(x []float64) (s sign, ok bool) {
	s.from, s.to = x[0], x[elements]
	scale := modules / (s.to - s.from)
	worst, key := 0.0, uint32(0)
	for i := range elements - 2 {
		e := (x[i+2] - x[i]) * scale
		n := math.Round(e)
		if n < 2 || n > 12 {
			return s, false
		}
		worst = max(worst, math.Abs(e-n))
		key = key<<4 | uint32(n)
	}
	dark := (x[1] - x[0] + x[3] - x[2] + x[5] - x[4] + x[7] - x[6]) * scale
	off := float64(bleed)
	for _, c := range t.bySimilar[key] {
		if d := math.Abs(dark - float64(darkOf(&t.patterns[c.cluster][c.value]))); d < off {
			s.character, off, ok = c, d, true
		}
	}
	s.clear = 1 - worst/clearest
	return s, ok
}

// stretch is by how much the width of a character may differ from that expected.
const stretch = 0.15

// from reads the character that begins near x; not ok where there is none of about the width.
func (l *line) readFrom(t *table, x, module, reach float64) (s sign, ok bool) {
	i := l.nearest(x, reach)
	return l.readAt(t, i, module)
}

// readUpTo reads the character behind which the next one begins near x.
func (l *line) readUpTo(t *table, x, module, reach float64) (s sign, ok bool) {
	i := l.nearest(x, reach)
	return l.readAt(t, i-elements, module)
}

// readAt reads the character whose first edge is the one with an index.
func (l *line) readAt(t *table, i int, module float64) (s sign, ok bool) {
	if i < 0 || i+elements >= len(l.edges) {
		return s, false
	}
	width := l.edges[i+elements] - l.edges[i]
	if math.Abs(width-modules*module) > stretch*modules*module+0.5 {
		return s, false
	}
	return t.read(l.edges[i : i+elements+1])
}
