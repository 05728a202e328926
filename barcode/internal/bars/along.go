package bars

import (
	"cmp"
	"slices"

	"github.com/offlane/offlane/barcode/internal/pix"
	"github.com/offlane/offlane/barcode/internal/symbol"
)

// weak are the formats that say much by accident: their elements are followed along the bars.
var weak = symbol.SetOf(symbol.EAN8, symbol.UPCE, symbol.ITF, symbol.Codabar, symbol.Code39)

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

// Nothing but its start and its stop tells where a symbol without a check character ends: there a single bar is
// enough, or a quiet zone. In those pictures the first and the last bar are astray in 0.14 of the steps at most and
// the zones in 0.27. Of labels over one end whose print passes for the last bar one of them is in 0.28 and more, or
// the zone in 0.41.
const strayEnd, strayZone = 0.2, 0.35

// A verdict on a group holds as long as no reading is added to it.
type verdict struct {
	format   symbol.Format
	from, to pix.Point // of its first reading
	readings int
	scale    float64
	broken   bool
}

// isBroken says whether what a group's lines read does not go on along the bars.
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
	broken := g.trail(r.sheet).breaks(unchecked.Has(g.format))
	r.verdicts = append(r.verdicts, verdict{g.format, g.from, g.to, len(g.all), r.sheet.scale, broken})
	return broken
}

// trail follows a group between its lines and beyond the outermost.
func (g *group) trail(s sheet) *trail {
	lines := slices.Clone(g.all)
	slices.SortStableFunc(lines, func(a, b vote) int { return cmp.Compare(a.across(g.vote), b.across(g.vote)) })
	t := &trail{sheet: s, limit: strayLuma * 255 * g.quality().Contrast}
	for i := range lines[1:] {
		t.between(&lines[i], &lines[i+1])
	}
	first, last := &lines[0], &lines[len(lines)-1]
	t.beyond(last, first)
	t.beyond(first, last)
	return t
}

// breaks says whether elements are astray in too many steps, or what tells where a symbol ends if nothing else does.
func (t *trail) breaks(ends bool) bool {
	elements := slices.Clone(t.off[zoneLooks : len(t.off)-zoneLooks])
	outer := max(elements[0], elements[len(elements)-1])
	slices.Sort(elements)
	allowed := func(share float64) int { return elements[len(elements)/2] + int(share*float64(t.steps)) }
	return elements[len(elements)-strayElements] > allowed(strayShare) ||
		ends && (outer > allowed(strayEnd) || max(t.zones[0], t.zones[1]) > allowed(strayZone))
}

// middles are where the middles of elements from to before to lie, as shares of the way over all of them.
func (s *widths) middles(from, to int) []float32 {
	all := make([]float32, 0, to-from)
	for i := from; i < to; i++ {
		all = append(all, ((s.at[i]+s.at[i+1])/2-s.at[from])/(s.at[to]-s.at[from]))
	}
	return all
}
