package bars

import (
	"cmp"
	"math"
	"slices"

	"github.com/offlane/offlane/barcode/internal/pix"
	"github.com/offlane/offlane/barcode/internal/symbol"
)

// weak are the formats that say much by accident: their elements are followed along the bars.
var weak = symbol.SetOf(symbol.EAN8, symbol.UPCE, symbol.ITF, symbol.Codabar, symbol.Code39)

// simple are the weak formats and the others of one row of bars between quiet zones.
var simple = weak | symbol.SetOf(symbol.EAN13, symbol.UPCA, symbol.Code128, symbol.Code93)

// inOneRow are the formats whose elements on a line are known: the simple ones, DataBar Limited, and a DataBar that is
// not stacked.
var inOneRow = simple | symbol.SetOf(symbol.DataBar, symbol.DataBarLimited)

// A bar, a space and a quiet zone keep their luma along their length. What covers a part of a symbol, as fabric or a
// label does, reads as one text on a few lines and keeps its luma neither between them nor beyond them. A look is
// astray where its luma differs by more than strayLuma of the symbol's range from that on the lines. A symbol is
// refuted where strayElements are astray in strayShare more of the steps than the element in the middle of the ranking
// is. Of 34 pictures of weak symbols at most 0.11 are; of covered ones 0.5.
const (
	strayLuma     = 0.35
	strayShare    = 0.4
	strayElements = 3
)

// Of a symbol without a check character strayPart is enough where its lines lie on less than fewSteps of the steps:
// letters like bars over a character of a Code 39 made another one on the lines of one letter, an eighth of the steps,
// and three elements were astray in 0.27.
const strayPart, fewSteps = 0.25, 1. / 3

// A scratch or a speck breaks a bar once, and a weave at each of its threads, which may hide little of it: the luma of
// an element goes by more than strayLuma and back strayTimes more often at most than that of the element in the middle
// of that ranking. In 40 pictures of weak symbols it does twice at most; under fabrics a bar of an ITF that was read
// with another digit does seven times, two of a UPC-E ten times.
const strayTimes = 4

// A DataBar needs no quiet zone: its guards alone tell where it ends, and a dot of print beside it passes for the bar
// of one on the lines across it. That bar is astray in strayGuard more of the steps between the lines than the element
// in the middle of the ranking is; of leastSteps, where there are fewer. Of 249 covered ones that are read right it is
// in 0.25 at most, but for one; dots on a label over one end of another were in 0.63. Beyond the lines nothing is
// asked: a line along the upper edge of a tilted symbol sees half of its bars, which hold as long as the paper does.
const (
	strayGuard = 0.4
	leastSteps = 13
)

// Nothing but its start and its stop tells where a symbol without a check character ends: there a single bar is
// enough, or a quiet zone. In those pictures the first and the last bar are astray in 0.14 of the steps at most and
// the zones in 0.27. Of labels over one end whose print passes for the last bar one of them is in 0.28 and more, or
// the zone in 0.41.
//
// An ITF without a check digit is a shorter one wherever it is cut behind a wide bar, a narrow space and a narrow bar.
// Its zones are astray in shares that differ by at most strayUneven: in 12 pictures by 0.04. Text on stickers left ten
// of 20 and of 14 digits, with a zone between its rows: it was astray in 0.29 and in less than 0.15, and the zone
// before them never.
const strayEnd, strayZone, strayUneven = 0.2, 0.35, 0.1

// Lines on which gray print passes for the first or the last bar alternate with others on which it is as dark as bars
// are. One of the two is lighter than where it is darkest, by more than strayLuma, in strayFaint more of the looks
// between the lines than the bar in the middle of that ranking is: in none of 12 pictures of symbols without a check
// character, in 1 of 300 covered and in 1 of 50 spoilt ones that are read right, and in 0.35 to 0.39 where dots of text
// made the stop of a torn Codabar.
const strayFaint = 0.3

// A verdict on a group holds as long as no reading is added to it.
type verdict struct {
	format   symbol.Format
	from, to pix.Point // of its first reading
	readings int
	scale    float64
	broken   bool
}

// isBroken says whether what a group's lines read is not of one print, or does not go on along the bars.
func (r *Reader) isBroken(g *group) bool {
	if r.sheet.plane == nil || len(g.middles) == 0 {
		return false
	}
	for i := range r.verdicts {
		v := &r.verdicts[i]
		if v.from == g.from && v.to == g.to && v.format == g.format && v.readings == len(g.all) &&
			v.scale == r.sheet.scale {
			return v.broken
		}
	}
	broken := false
	switch {
	case g.format == symbol.DataBar:
		t, _ := g.walk(r.sheet)
		broken = t.losesGuard()
	case weak.Has(g.format):
		ends := unchecked.Has(g.format)
		broken = g.isShallow(r.sheet) || g.drifts() || ends && g.hasFaintEnd(r.sheet) || g.strays(r.sheet)
	default:
		broken = g.isShallow(r.sheet) || g.drifts()
	}
	broken = broken || g.isJoined(r.sheet)
	r.verdicts = append(r.verdicts, verdict{g.format, g.from, g.to, len(g.all), r.sheet.scale, broken})
	return broken
}

// strays says whether what a group's lines read does not go on along the bars.
func (g *group) strays(s sheet) bool {
	t := g.trail(s)
	return t.breaks(unchecked.Has(g.format)) || g.aim == itfBare && t.zonesDiffer()
}

// walk follows a group between its lines, which it returns in order.
func (g *group) walk(s sheet) (*trail, []vote) {
	lines, t := slices.Clone(g.all), g.start(s)
	slices.SortStableFunc(lines, func(a, b vote) int { return cmp.Compare(a.offsetFrom(g.vote), b.offsetFrom(g.vote)) })
	for i := range lines[1:] {
		t.walk(&lines[i], &lines[i+1])
	}
	return t, lines
}

// trail follows a group between its lines and beyond the outermost.
func (g *group) trail(s sheet) *trail {
	t, lines := g.walk(s)
	t.between = t.steps
	first, last := &lines[0], &lines[len(lines)-1]
	t.extend(last, first)
	t.extend(first, last)
	return t
}

// start is a trail on which nothing was looked at.
func (g *group) start(s sheet) *trail {
	s.inverted = g.inverted
	return &trail{sheet: s, limit: strayLuma * 255 * g.quality().Contrast}
}

// joins says whether the bars of a group go on to a line of another beside it: both read the same bars.
func (g *group) joins(o *group, s sheet) bool {
	if s.plane == nil || len(g.middles) == 0 {
		return false
	}
	first, last := g.outermost()
	top, bottom := first.offsetFrom(g.vote), last.offsetFrom(g.vote)
	above, below := math.Inf(1), math.Inf(1) // how far the nearest lines are
	for _, v := range o.all {
		if at := v.offsetFrom(g.vote); g.isAbreast(v) && at > bottom {
			below = min(below, at-bottom)
		} else if g.isAbreast(v) && at < top {
			above = min(above, top-at)
		}
	}
	return !math.IsInf(below, 1) && g.start(s).extend(&first, &last) >= below-s.scale ||
		!math.IsInf(above, 1) && g.start(s).extend(&last, &first) >= above-s.scale
}

// isAbreast says whether the middle of a reading lies between the ends of a group, as it is read.
func (g *group) isAbreast(v vote) bool {
	dx, dy := g.to.X-g.from.X, g.to.Y-g.from.Y
	m := mid(v.from, v.to)
	along := (m.X-g.from.X)*dx + (m.Y-g.from.Y)*dy
	return along > 0 && along < dx*dx+dy*dy
}

// breaks says whether elements are astray in too many steps, or what tells where a symbol ends if nothing else does.
func (t *trail) breaks(ends bool) bool {
	if t.flickers() || ends && t.fades() {
		return true
	}
	elements := slices.Clone(t.off[zoneLooks : len(t.off)-zoneLooks])
	outer := max(elements[0], elements[len(elements)-1])
	slices.Sort(elements)
	allowed := func(share float64) int { return elements[len(elements)/2] + int(share*float64(t.steps)) }
	share := strayShare
	if ends && float64(t.between) < fewSteps*float64(t.steps) {
		share = strayPart
	}
	return elements[len(elements)-strayElements] > allowed(share) ||
		ends && (outer > allowed(strayEnd) || max(t.zones[0], t.zones[1]) > allowed(strayZone))
}

// zonesDiffer says whether one of the quiet zones is astray in many more steps than the other.
func (t *trail) zonesDiffer() bool {
	return max(t.zones[0], t.zones[1])-min(t.zones[0], t.zones[1]) > int(strayUneven*float64(t.steps))
}

// losesGuard says whether the first or the last element is astray in too many steps, of a trail between the lines.
func (t *trail) losesGuard() bool {
	elements := slices.Clone(t.off[zoneLooks : len(t.off)-zoneLooks])
	outer := max(elements[0], elements[len(elements)-1])
	slices.Sort(elements)
	return outer-elements[len(elements)/2] > int(strayGuard*float64(max(t.steps, leastSteps)))
}

// flickers says whether the luma of an element changes along its length more often than that of the others.
func (t *trail) flickers() bool {
	var times []int
	for _, lumas := range t.lumas[zoneLooks : len(t.lumas)-zoneLooks] {
		times = append(times, len(extremes(nil, lumas, int(t.limit)))/2)
	}
	slices.Sort(times)
	return times[len(times)-1] > times[len(times)/2]+strayTimes
}

// fades says whether the first or the last bar is faint in too many looks between the lines.
func (t *trail) fades() bool {
	var faint []int
	elements := t.lumas[zoneLooks : len(t.lumas)-zoneLooks]
	for i := 0; i < len(elements); i += 2 {
		faint = append(faint, t.countFaint(elements[i]))
	}
	outer := max(faint[0], faint[len(faint)-1])
	slices.Sort(faint)
	return outer-faint[len(faint)/2] > int(strayFaint*float64(len(elements[0])))
}

// countFaint is how many looks at an element are lighter by more than the limit than the darkest tenth of them.
func (t *trail) countFaint(lumas []byte) (n int) {
	sorted := slices.Sorted(slices.Values(lumas))
	for _, luma := range sorted {
		if float64(luma) > float64(sorted[len(sorted)/10])+t.limit {
			n++
		}
	}
	return n
}

// middles are where the middles of elements from to before to lie, as shares of the way over all of them.
func (s *widths) middles(from, to int) []float32 {
	all := make([]float32, 0, to-from)
	for i := from; i < to; i++ {
		all = append(all, ((s.at[i]+s.at[i+1])/2-s.at[from])/(s.at[to]-s.at[from]))
	}
	return all
}

// edges are where elements from to before to begin and the last ends, in the same way.
func (s *widths) edges(from, to int) []float32 {
	all := make([]float32, 0, to-from+1)
	for _, x := range s.at[from : to+1] {
		all = append(all, (x-s.at[from])/(s.at[to]-s.at[from]))
	}
	return all
}
