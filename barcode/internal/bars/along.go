package bars

import (
	"cmp"
	"math"
	"slices"

	"github.com/offlane/offlane/barcode/internal/pix"
	"github.com/offlane/offlane/barcode/internal/symbol"
)

// weak are the formats that say much by accident: between the lines that agree their elements are followed from one to
// the next.
var weak = symbol.SetOf(symbol.EAN8, symbol.UPCE, symbol.ITF, symbol.Codabar, symbol.Code39)

// A bar and a space keep their luma along their length. What covers a part of a symbol, as fabric does, reads as one
// text on a few lines and does not keep its luma between them. An element strays between two lines where its luma
// differs by more than strayLuma of the symbol's range from that on both, in more than strayLooks of the looks. A
// symbol is refuted where strayElements stray over strayShare more of its height than the element in the middle of the
// ranking does, and one of them strayTimes: a single thing that lies over a symbol does not refute it, and nor does
// the white between two symbols of one text. Under fabric over two digits of an EAN-8 three elements strayed over 0.56
// and more.
const (
	strayLuma     = 0.35
	strayLooks    = 0.15
	strayShare    = 0.4
	strayElements = 3
	strayTimes    = 2
)

// middles are where the middles of elements from to before to lie, as shares of the way over all of them.
func (s *widths) middles(from, to int) []float32 {
	all := make([]float32, 0, to-from)
	for i := from; i < to; i++ {
		all = append(all, ((s.at[i]+s.at[i+1])/2-s.at[from])/(s.at[to]-s.at[from]))
	}
	return all
}

// isBroken says whether elements do not keep their luma between the lines that agree.
func (g *group) isBroken(s sheet) bool {
	if s.plane == nil || len(g.middles) == 0 {
		return false
	}
	lines := slices.Clone(g.all)
	slices.SortStableFunc(lines, func(a, b vote) int { return cmp.Compare(a.across(g.vote), b.across(g.vote)) })
	limit := strayLuma * 255 * g.quality().Contrast
	shares := make([]float64, len(g.middles))
	most := 0
	for k := range shares {
		var times int
		shares[k], times = s.shareAstray(lines, k, limit)
		most = max(most, times)
	}
	slices.Sort(shares)
	return most >= strayTimes && shares[len(shares)-strayElements] > strayShare+shares[len(shares)/2]
}

// shareAstray is the share of the height of all lines in which an element strays between a line and the next, and how
// many times it does.
func (s sheet) shareAstray(lines []vote, element int, limit float64) (share float64, times int) {
	var height, off float64
	for i := range lines[1:] {
		far, looks, strays := s.strays(&lines[i], &lines[i+1], element, limit)
		height += far
		if strays > strayLooks*looks {
			off += far
			times++
		}
	}
	return off / max(1, height), times
}

// strays follows an element from one line to another, and tells how far apart they are, how many looks lie between and
// in how many of them the luma differs by more than a limit from that on both lines.
func (s sheet) strays(a, b *vote, element int, limit float64) (far, looks, off float64) {
	if len(a.middles) != len(b.middles) {
		return 0, 0, 0
	}
	from, to := a.middle(element), b.middle(element)
	far = pix.Distance(from, to) / s.scale
	n := math.Floor(far)
	low, high := float64(s.luma(from)), float64(s.luma(to))
	low, high = min(low, high)-limit, max(low, high)+limit
	for k := 1.0; k < n; k++ {
		if v := float64(s.luma(between(from, to, k/n))); v < low || v > high {
			off++
		}
	}
	return far, max(0, n-1), off
}

// middle is where the middle of an element lies.
func (v *vote) middle(element int) pix.Point {
	return between(v.from, v.to, float64(v.middles[element]))
}
