package bars

import (
	"cmp"
	"math"
	"slices"
)

// Bars stand upright on the way from one guard to the other, so that each element has the same share of it on all
// lines. What lies over them at a slant moves along from line to line. An element moves by more than driftLeast modules
// only where the lines lie far apart, less than driftSlope modules with each module between them: 0.1 at most in the
// pictures of EAN-13 and UPC-A and in 600 covered ones, 0.26 and 0.36 modules in all under a fence that made another
// number of one. Of a symbol without a check character it is less than uncheckedSlope: fences at five to eight degrees
// over a character of a Code 39 and over two digits of an ITF made others, with 0.05 and more. Of 18 pictures of
// Codabar, Code 39 and ITF none moves by more than driftLeast. Crumpled paper moves elements, too: of 600 spoilt ITF,
// Code 39 and Codabar each 59, 244 and 219 are read where a slope of 0.05 leaves 63, 253 and 223.
const driftLeast, driftSlope, uncheckedSlope = 0.25, 0.15, 0.02

// drifts says whether an element moves from the lines at one end of a group to those at the other.
func (g *group) drifts() bool {
	if !inOneRow.Has(g.format) {
		return false
	}
	lines := slices.DeleteFunc(slices.Clone(g.all), func(v vote) bool {
		return v.fitted || len(v.middles) != len(g.middles)
	})
	if len(lines) < 2 {
		return false
	}
	slices.SortStableFunc(lines, func(a, b vote) int { return cmp.Compare(a.offsetFrom(g.vote), b.offsetFrom(g.vote)) })
	n := (len(lines) + 2) / 3
	first, last := lines[:n], lines[len(lines)-n:]
	module := g.quality().Module
	between := (meanOf(last, func(v *vote) float64 { return v.offsetFrom(g.vote) }) -
		meanOf(first, func(v *vote) float64 { return v.offsetFrom(g.vote) })) / module
	slope := driftSlope
	if unchecked.Has(g.format) {
		slope = uncheckedSlope
	}
	allowed := max(driftLeast, slope*between)
	modules := float64(g.length / g.figure.module)
	for i := range g.middles {
		share := func(v *vote) float64 { return float64(v.middles[i]) }
		if math.Abs(meanOf(first, share)-meanOf(last, share))*modules > allowed {
			return true
		}
	}
	return false
}

func meanOf(lines []vote, of func(*vote) float64) (mean float64) {
	for i := range lines {
		mean += of(&lines[i]) / float64(len(lines))
	}
	return mean
}
