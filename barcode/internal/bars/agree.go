package bars

import (
	"math"
	"slices"

	"github.com/offlane/offlane/barcode/internal/pix"
	"github.com/offlane/offlane/barcode/internal/symbol"
)

// Symbols returns what enough lines agree on.
func (r *Reader) Symbols() []symbol.Symbol {
	groups := append(gather(r.votes, r.unlit), stack(gather(r.rows, nil))...)
	var all []symbol.Symbol
	for i, g := range groups {
		if g.lines >= g.quorum() && g.high() && !isDisputed(groups, i, r.sheet) && !g.isRefuted(groups, r.sheet) &&
			!r.isBroken(g) {
			all = append(all, g.symbol())
		}
	}
	return all
}

// quorum is how many lines must agree; one more where none of them found the edges.
func (g *group) quorum() int {
	for _, v := range g.all {
		if !v.fitted {
			return linesNeeded(g.format)
		}
	}
	return linesNeeded(g.format) + 1
}

// weakLines is from how many needed lines on a symbology is one that says much by accident: these lines must lie
// leastHigh modules apart, so that what covers a symbol at a slant does not show all of them the same. In the pictures
// of EAN-8, UPC-E, ITF, Codabar and Code 39 they lie 10.7 apart and more; four lines under a slanted fence made another
// EAN-8 of one, 1.3 apart.
const weakLines, leastHigh = 3, 5

// high says whether the lines that agree lie far enough apart.
func (g *group) high() bool {
	if linesNeeded(g.format) < weakLines {
		return true
	}
	first, last := g.outermost()
	return last.offsetFrom(g.vote)-first.offsetFrom(g.vote) >= leastHigh*g.quality().Module
}

func linesNeeded(format symbol.Format) int {
	for _, d := range decoders {
		for _, f := range d.formats {
			if f == format {
				return d.lines
			}
		}
	}
	return math.MaxInt
}

// A group is the readings of one symbol.
type group struct {
	vote
	all     []vote
	lines   int
	unlit   int // readings of it without light quiet zones, which are not among all
	counted vote
}

// gather puts readings of the same text together that lie near each other. Those without light quiet zones are counted
// beside the others.
func gather(votes, unlit []vote) []*group {
	var groups []*group
	for _, v := range votes {
		g := home(groups, v)
		if g == nil {
			g = &group{vote: v}
			groups = append(groups, g)
		}
		g.add(v)
	}
	for _, v := range unlit {
		if g := home(groups, v); g != nil {
			g.unlit++
		}
	}
	return groups
}

// add counts a reading as another line if it lies apart from the last that was counted: the same flaw of the print or
// of the light misleads lines side by side.
func (g *group) add(v vote) {
	const apart = 1.5 // pixels
	if len(g.all) == 0 || v.line != g.counted.line && pix.Distance(mid(v.from, v.to), mid(g.counted.from, g.counted.to)) >=
		apart {
		g.counted = v
		g.lines++
	}
	g.all = append(g.all, v)
}

func home(groups []*group, v vote) *group {
	for _, g := range groups {
		if g.format != v.format || g.text != v.text || g.inverted != v.inverted {
			continue
		}
		if slices.ContainsFunc(g.all, func(o vote) bool { return isBeside(o, v) }) {
			return g
		}
	}
	return nil
}

// isBeside says whether two readings may be of one symbol: their middles are nearer than its length.
func isBeside(a, b vote) bool {
	return pix.Distance(mid(a.from, a.to), mid(b.from, b.to)) < max(pix.Distance(a.from, a.to), pix.Distance(b.from, b.to))
}

// leastLines is how many lines must say something for it to count against others. Of what has no check character one
// line that says another text is enough, and nobody is right: letters like bars over two characters of a Codabar made
// two others on 77 of 112 lines. Of 1,200 spoilt Code 39 and Codabar 459 are read where 463 were.
const leastLines = 2

// counts says whether what another group says at the same place counts against this one.
func (g *group) counts(o *group) bool {
	return o.lines >= leastLines || g.isUncheckedAs(o)
}

func (g *group) isUncheckedAs(o *group) bool { return g.format == o.format && unchecked.Has(g.format) }

// isDisputed says whether others read something else at the same place, or of the same bars beside it, that has as good
// a claim: then nobody is right. A symbol read within a longer one, or with fewer lines than another there, gives way
// as well.
func isDisputed(groups []*group, i int, s sheet) bool {
	g := groups[i]
	for k, o := range groups {
		if k == i || !g.counts(o) || !overlap(g, o) && !g.joins(o, s) && !o.joins(g, s) {
			continue
		}
		if g.isUncheckedAs(o) || o.format == g.format && 3*o.lines >= g.lines {
			return true
		}
		if o.lines >= o.quorum() && o.claim() > g.claim() {
			return true
		}
	}
	return false
}

// weights are how hard it is to read a symbology by accident; 0 is 1.
var weights = [...]float64{
	symbol.Code128: 3, symbol.Code93: 3, symbol.EAN13: 3, symbol.EAN8: 1.5, symbol.UPCA: 3,
	symbol.DataBar: 3, symbol.DataBarExpanded: 6, symbol.DataBarLimited: 3,
}

// claim weighs lines by how hard it is to read the symbology by accident.
func (g *group) claim() float64 {
	return float64(g.lines) * max(1, weights[g.format]) * math.Sqrt(pix.Distance(g.from, g.to))
}

// overlap says whether two groups have readings that cross or lie upon each other.
func overlap(g, o *group) bool {
	a, b := g.box(), o.box()
	return a[0].X < b[1].X && b[0].X < a[1].X && a[0].Y < b[1].Y && b[0].Y < a[1].Y
}

func (g *group) box() [2]pix.Point {
	low, high := g.from, g.from
	for _, v := range g.all {
		for _, p := range []pix.Point{v.from, v.to} {
			low = pix.Point{X: min(low.X, p.X-v.step/2), Y: min(low.Y, p.Y-v.step/2)}
			high = pix.Point{X: max(high.X, p.X+v.step/2), Y: max(high.Y, p.Y+v.step/2)}
		}
	}
	return [2]pix.Point{low, high}
}

// symbol has the ends of the two outermost lines as its corners.
func (g *group) symbol() symbol.Symbol {
	first, last := g.outermost()
	return symbol.Symbol{Format: g.format, Text: g.text, AIM: g.aim, Raw: g.raw, AddOn: g.addOn(), Quality: g.quality(),
		Corners: [4]pix.Point{first.from, first.to, last.to, last.from}}
}

// outermost returns the two readings that lie farthest apart, the upper one first, as the symbol is read.
func (g *group) outermost() (first, last vote) {
	first, last = g.all[0], g.all[0]
	for _, v := range g.all {
		if v.offsetFrom(g.vote) < first.offsetFrom(g.vote) {
			first = v
		}
		if v.offsetFrom(g.vote) > last.offsetFrom(g.vote) {
			last = v
		}
	}
	return first, last
}

// offsetFrom tells how far below the line of another reading this one lies, as that one is read.
func (v vote) offsetFrom(o vote) float64 {
	dx, dy := o.to.X-o.from.X, o.to.Y-o.from.Y
	m := mid(v.from, v.to)
	return (dx*(m.Y-o.from.Y) - dy*(m.X-o.from.X)) / math.Hypot(dx, dy)
}

func mid(a, b pix.Point) pix.Point { return pix.Point{X: (a.X + b.X) / 2, Y: (a.Y + b.Y) / 2} }
