package bars

// widths are the lengths of the light and dark stretches of a line, in samples. Those with an even index are light;
// the first and the last may have no length.
type widths struct {
	w      []float32
	at     []float32 // where each begins, and where the last ends
	pivots []pivot
	cut    [2]bool // whether the first and the last go on beyond the line
	source source
}

// A source is the samples of a line and how widths lie on them: from its end on, and as in its negative. Without
// samples nobody knows how light anything is.
type source struct {
	line                []byte
	backwards, inverted bool
}

// luma is the luma at a place on the line, of the negative where the widths are those of the negative.
func (s *widths) luma(x float32) byte {
	if s.source.backwards {
		x = s.at[len(s.at)-1] - x
	}
	v := s.source.line[min(max(0, int(x)), len(s.source.line)-1)]
	if s.source.inverted {
		return 255 - v
	}
	return v
}

// A pivot is an extreme of a line.
type pivot struct {
	at   int
	luma byte
}

// An edgeRule tells where between two extremes the edge is.
type edgeRule func(line []byte, a, b pivot) float32

// measure finds the edges of a line: one between each light and dark extreme that differ by more than swing. Blur moves
// both flanks of a bar alike, so that a bar and a space together keep their length.
func (s *widths) measure(line []byte, swing int, edge edgeRule) {
	s.w, s.at = s.w[:0], append(s.at[:0], 0)
	s.pivots = extremes(s.pivots[:0], line, swing)
	if len(s.pivots) < 2 {
		return
	}
	if s.pivots[0].luma < s.pivots[1].luma {
		s.end(0)
	}
	for i := 1; i < len(s.pivots); i++ {
		s.end(edge(line, s.pivots[i-1], s.pivots[i]))
	}
	s.end(float32(len(line)))
	if len(s.w)%2 == 0 {
		s.end(float32(len(line)))
	}
}

// end closes the open stretch at x.
func (s *widths) end(x float32) {
	s.w = append(s.w, x-s.at[len(s.at)-1])
	s.at = append(s.at, x)
}

// reverse makes s the widths of the same line read from its end.
func (s *widths) reverse(of *widths) {
	s.w, s.at, s.cut = s.w[:0], append(s.at[:0], 0), [2]bool{of.cut[1], of.cut[0]}
	s.source = of.source
	s.source.backwards = !of.source.backwards
	for i := len(of.w) - 1; i >= 0; i-- {
		s.end(s.at[len(s.at)-1] + of.w[i])
	}
}

// negate makes s the widths of the negative of the line.
func (s *widths) negate(of *widths) {
	s.w, s.at, s.cut = s.w[:0], append(s.at[:0], 0), of.cut
	s.source = of.source
	s.source.inverted = !of.source.inverted
	s.end(0)
	for _, at := range of.at[1:] {
		s.end(at)
	}
	s.end(s.at[len(s.at)-1])
}

// extremes appends the alternating light and dark extremes of a line.
func extremes(p []pivot, line []byte, swing int) []pivot {
	first, i := firstSwing(line, swing)
	if i == len(line) {
		return p
	}
	p = append(p, first)
	flip := byte(0) // all ones while a light extreme is looked for, so that it is the least
	if first.luma < line[i] {
		flip = 255
	}
	least, at := line[i]^flip, i
	for i++; i < len(line); i++ {
		v := line[i] ^ flip
		if v < least {
			least, at = v, i
		} else if int(v) > int(least)+swing {
			p = append(p, pivot{at, least ^ flip})
			flip = ^flip
			least, at = ^v, i
		}
	}
	return append(p, pivot{at, least ^ flip})
}

// firstSwing returns the first extreme of a line and where it swings by more than asked from there: nowhere is at its
// end.
func firstSwing(line []byte, swing int) (first pivot, i int) {
	if len(line) == 0 {
		return first, 0
	}
	low, high := pivot{0, line[0]}, pivot{0, line[0]}
	for i, v := range line {
		if v < low.luma {
			low = pivot{i, v}
		}
		if v > high.luma {
			high = pivot{i, v}
		}
		if int(high.luma)-int(v) > swing {
			return high, i
		}
		if int(v)-int(low.luma) > swing {
			return low, i
		}
	}
	return first, len(line)
}

// steepest returns where the line is steepest between two extremes. Blur takes from the height of a narrow bar beside a
// wide space, which moves its mean outwards; the steepest place stays.
func steepest(line []byte, a, b pivot) float32 {
	slope := func(i int) int32 {
		d := int32(line[i]) - int32(line[i+1])
		return max(d, -d)
	}
	var before, best, left, peak, right int32
	at := a.at
	here := slope(a.at)
	best = -1
	for i := a.at; i < b.at; i++ {
		after := int32(0)
		if i+1 < b.at {
			after = slope(i + 1)
		}
		if v := 2*here + before + after; v > best {
			best, at = v, i
			left, peak, right = before, here, after
		}
		before, here = here, after
	}
	if sum := left + peak + right; sum > 0 {
		return float32(at) + 1 + float32(right-left)/float32(sum)
	}
	return float32(at) + 1
}

// sharpen undoes some blur: each sample is pushed away from the mean of its neighbours.
func sharpen(out, line []byte) []byte {
	for i, v := range line {
		before, after := line[max(0, i-1)], line[min(len(line)-1, i+1)]
		out = append(out, byte(max(0, min(255, (4*int(v)-int(before)-int(after))/2))))
	}
	return out
}

// crossing returns where the line passes the mean of two extremes; with noise there, the middle between the first and
// the last time. A sample stands for the middle of its pixel.
func crossing(line []byte, a, b pivot) float32 {
	twice := int(a.luma) + int(b.luma)
	level := float32(twice) / 2
	falling := a.luma > b.luma
	first, last := float32(-1), float32(-1)
	above := 2*int(line[a.at]) > twice
	for i := a.at; i < b.at; i++ {
		was := above
		if above = 2*int(line[i+1]) > twice; above == was {
			continue
		}
		u, v := float32(line[i]), float32(line[i+1])
		x := float32(i) + (level-u)/(v-u) + 0.5
		if was == falling {
			if first < 0 {
				first = x
			}
			last = x
		}
	}
	if first < 0 {
		return (float32(a.at) + float32(b.at) + 1) / 2
	}
	return (first + last) / 2
}
