package bars

import (
	"math"
	"slices"

	"github.com/offlane/offlane/barcode/internal/pix"
)

// Where one part of a symbol lies lower than the other its bars end lower at both ends, all at one place: those of
// stepBars bars on each side are apart by more than stepBoth modules at the upper end, and at the lower one the other
// way round. What covers a symbol hides its bars at one end. In 104 pictures it is 0.42 modules at most, in 431 covered
// and 689 spoilt symbols that are read right 1.02; 3.7 and more where a part lies lower by three tenths of its height.
const stepBars, stepBoth = 5, 2

// Where one part is lower than the other all bars behind a joint end at one end, level but for stepLevel modules, and
// all before it go on for more than stepOne modules. A sticker makes the same of a symbol where it reaches beyond its
// end, covers half of its height and ends between two characters: of 431 covered symbols that are read right two; no
// picture has more than 1 module. Parts half and a quarter as high as the other have 6.6 and more.
const stepOne, stepLevel = 3, 1.5

// isStepped says whether the bars of a group end elsewhere from a place on, where its elements go on so far.
func (g *group) isStepped(up, down []float64) bool {
	var bars []int
	for i := 0; i < len(g.middles); i += 2 {
		if g.part(i) >= 0 {
			bars = append(bars, i)
		}
	}
	for k := stepBars; k+stepBars <= len(bars); k++ {
		left, right := row{bars: bars[k-stepBars : k]}, row{bars: bars[k : k+stepBars]}
		upper, _ := g.step(up, left, right)
		lower, _ := g.step(down, left, right)
		if upper*lower < 0 && min(math.Abs(upper), math.Abs(lower)) > stepBoth {
			return true
		}
		if g.part(bars[k-1]) == g.part(bars[k]) {
			continue
		}
		left, right = g.rows(bars, k)
		for _, ends := range [2][]float64{up, down} {
			if isFramed(ends) {
				continue
			}
			if by, uneven := g.step(ends, left, right); math.Abs(by) > stepOne && uneven < stepLevel {
				return true
			}
		}
	}
	return false
}

// framedShare is the share of spaces that end before a bar beside them does where bars end in a bearer bar. A sticker
// over a part of one leaves bars that end level there: with them four of 199 covered ITF-14 were lost.
const framedShare = 1. / 3

// isFramed says whether bars end in a bearer bar.
func isFramed(ends []float64) bool {
	n := 0
	for i := 1; i+1 < len(ends); i += 2 {
		if ends[i] < max(ends[i-1], ends[i+1]) {
			n++
		}
	}
	return float64(n) > framedShare*float64(len(ends)/2)
}

// A row is some bars on one side of a joint, and the bar of the middle guard that is nearest to them, which may be
// longer than they are.
type row struct{ bars, guard []int }

// rows are the bars before one and from it on.
func (g *group) rows(bars []int, k int) (left, right row) {
	left.bars, right.bars = bars[:k], bars[k:]
	if halved.Has(g.format) {
		middle := len(g.middles) / 2
		left.guard, right.guard = []int{middle - 1}, []int{middle + 1}
	}
	return left, right
}

// step is by how many modules all bars of one row go on farther than all of the next, or below zero the other way
// round, and how uneven the shorter ones end: beside a slope that is the same for both.
func (g *group) step(ends []float64, left, right row) (by, uneven float64) {
	along := float64(g.length / g.figure.module)
	slope := g.slope(ends, along, left.bars, right.bars)
	level := func(rows ...[]int) (least, most float64) {
		least, most = math.Inf(1), math.Inf(-1)
		for _, i := range slices.Concat(rows...) {
			x := ends[i] - slope*along*float64(g.middles[i])
			least, most = min(least, x), max(most, x)
		}
		return least, most
	}
	lowLeft, highLeft := level(left.bars, left.guard)
	lowRight, highRight := level(right.bars, right.guard)
	switch {
	case lowLeft > highRight:
		least, most := level(right.bars)
		return lowLeft - highRight, most - least
	case lowRight > highLeft:
		least, most := level(left.bars)
		return highLeft - lowRight, most - least
	}
	return 0, 0
}

// slope is by how much farther bars go on with each module along the symbol, within rows.
func (g *group) slope(ends []float64, along float64, rows ...[]int) float64 {
	var xy, xx float64
	for _, row := range rows {
		var meanX, meanY float64
		for _, i := range row {
			meanX += along * float64(g.middles[i]) / float64(len(row))
			meanY += ends[i] / float64(len(row))
		}
		for _, i := range row {
			x := along*float64(g.middles[i]) - meanX
			xy, xx = xy+x*(ends[i]-meanY), xx+x*x
		}
	}
	return xy / max(1e-9, xx)
}

// elementEnds is how far the elements of a group go on beyond its outermost lines, in modules.
func (g *group) elementEnds(s sheet) (up, down []float64, ok bool) {
	first, last := g.outermost()
	if len(first.middles) != len(g.middles) || len(last.middles) != len(g.middles) {
		return nil, nil, false
	}
	s.inverted = g.inverted
	module := g.quality().Module
	return s.ends(&last, &first, module), s.ends(&first, &last, module), true
}

// A comb follows elements beyond a line, pixel by pixel.
type comb struct {
	sheet
	middles []float32
	levels  []float64 // between the luma of an element and that of those beside it
	missed  []int     // for how many steps an element has not been seen; it has ended with combMiss
}

// combMiss is in how many steps running an element is not seen that has ended, and combNear how many pixels apart the
// outermost lines are at least that tell which way bars go.
const combMiss, combNear = 2, 5

// ends is how far elements go on beyond line b, away from line a, in modules.
func (s sheet) ends(a, b *vote, module float64) []float64 {
	c := newComb(s, b)
	left, right := s.onward(a, b)
	side, reach := direction(b.from, b.to), pix.Distance(b.from, b.to)/s.scale
	far, shift := make([]float64, len(b.middles)), 0.0
	for k := 1.0; k < reach && c.goesOn(); k++ {
		line := func(by float64) (from, to pix.Point) {
			return move(move(b.from, left, k), side, by*s.scale), move(move(b.to, right, k), side, by*s.scale)
		}
		most, best := -1, shift
		for _, by := range [3]float64{shift, shift - trailShift, shift + trailShift} {
			if n := c.count(line(by)); n > most {
				most, best = n, by
			}
		}
		shift = best
		c.follow(far, k*s.scale/module, shift, line)
	}
	return far
}

// onward is the way of one pixel from both ends of a line b away from line a, or square to it where that is near.
func (s sheet) onward(a, b *vote) (left, right pix.Point) {
	if n := pix.Distance(mid(a.from, a.to), mid(b.from, b.to)) / s.scale; n >= combNear {
		return stride(a.from, b.from, n), stride(a.to, b.to, n)
	}
	side, away := direction(b.from, b.to), direction(mid(a.from, a.to), mid(b.from, b.to))
	square := pix.Point{X: -side.Y * s.scale, Y: side.X * s.scale}
	if square.X*away.X+square.Y*away.Y < 0 {
		square = pix.Point{X: -square.X, Y: -square.Y}
	}
	return square, square
}

// newComb is the elements of a line.
func newComb(s sheet, v *vote) *comb {
	lumas := s.lumas(v)
	n := len(lumas)
	c := &comb{sheet: s, middles: v.middles, levels: make([]float64, n), missed: make([]int, n)}
	for i, luma := range lumas {
		beside := lumas[max(0, i-1):min(n, i+2)]
		for _, x := range beside {
			c.levels[i] += (x - luma) / float64(2*(len(beside)-1))
		}
		c.levels[i] += luma
	}
	return c
}

// sees says whether an element is seen at a place.
func (c *comb) sees(p pix.Point, i int) bool {
	return c.contains(p) && (float64(c.luma(p)) < c.levels[i]) == (i%2 == 0)
}

// count is how many of the elements that have not ended are seen on a line.
func (c *comb) count(from, to pix.Point) (n int) {
	for i, at := range c.middles {
		if c.missed[i] < combMiss && c.sees(interpolate(from, to, float64(at)), i) {
			n++
		}
	}
	return n
}

// goesOn says whether a bar has not ended.
func (c *comb) goesOn() bool {
	for i := 0; i < len(c.missed); i += 2 {
		if c.missed[i] < combMiss {
			return true
		}
	}
	return false
}

// follow notes how far the elements have come that are seen on a line.
func (c *comb) follow(far []float64, way, shift float64, line func(by float64) (from, to pix.Point)) {
	from, to := line(shift)
	for i, at := range c.middles {
		if c.missed[i] >= combMiss {
			continue
		}
		if c.missed[i]++; c.sees(interpolate(from, to, float64(at)), i) {
			c.missed[i], far[i] = 0, way
		}
	}
}
