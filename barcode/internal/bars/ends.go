package bars

import (
	"slices"

	"github.com/offlane/offlane/barcode/internal/pix"
	"github.com/offlane/offlane/barcode/internal/symbol"
)

// A stub is what a line crosses first beyond a quiet zone of a reading.
type stub struct {
	bars  bool    // bars that go on, and not a frame
	frame bool    // one bar alone, as a bearer bar is
	away  float32 // how far from the symbol, in modules
	place pix.Point
}

// What goes on beyond a quiet zone is bars where this many elements follow that are at most so many modules wide; a bar
// alone is a frame where it is of such a width. ISO/IEC 16390 asks for bearer bars of two modules and more; four to six
// are usual.
const (
	followLeast           = 6
	widest                = 5
	frameLeast, frameMost = 1.5, 14
	frameReach            = 30 // modules from the symbol
)

// unchecked are the formats that need no check character: what stands beyond the ends of a reading can refute it.
var unchecked = symbol.SetOf(symbol.ITF, symbol.Codabar, symbol.Code39)

// stubBehind tells what a line crosses behind element i, a quiet zone, on the side that step goes to.
func (s *widths) stubBehind(i, step int, module, length float32) (b stub, x float32) {
	first := i + step
	if first < 1 || first >= len(s.w)-1 || s.w[i] > length {
		return b, 0
	}
	n := 0
	for k := first; k >= 1 && k < len(s.w)-1 && s.w[k] <= widest*module; k += step {
		n++
	}
	b.away = s.w[i] / module
	b.bars = n >= followLeast
	outside := s.w[min(max(0, first+step), len(s.w)-1)]
	width := s.w[first] / module
	b.frame = !b.bars && outside >= module && width >= frameLeast && width <= frameMost && b.away <= frameReach
	return b, (s.at[first] + s.at[first+1]) / 2
}

// shortZone is how many modules from a short symbol of EAN or UPC other bars may begin. Its quiet zones have 7 modules
// at least (ISO/IEC 15420, 4.3.7), and within a UPC-A whose end was torn off a space of 4 passed for one.
const shortZone = 6

// goesOn says whether bars begin in a quiet zone of a symbol of elements from to before to, which then is a part of a
// longer one.
func (s *widths) goesOn(from, to int, module float32) bool {
	before, _ := s.stubBehind(from-1, -1, module, shortZone*module)
	after, _ := s.stubBehind(to, 1, module, shortZone*module)
	return before.bars || after.bars
}

// zoneLight is the least luma of a quiet zone, as a share of the way from the darkest bar to the lightest of the spaces
// nearest to it. Of 18 pictures of Codabar, Code 39 and ITF nineteen lines in twenty have 0.84 and more; a gray sticker
// over one end of a Codabar made a shorter one with 0.35.
const (
	zoneLight  = 0.7
	zoneSpaces = 8 // that are nearest
)

// litZones says whether the quiet zones of a symbol of elements from to before to are as light as its spaces. Something
// gray that lies over bars is lighter than they are and no paper.
func (s *widths) litZones(from, to int) bool {
	for side, zone := range [2]int{from - 1, to} {
		got, ok := s.zoneLuma(zone, side, (s.at[to]-s.at[from])/float32(to-from))
		if ok && got < s.paperLuma(from, to, side) {
			return false
		}
	}
	return true
}

// paperLuma is the least luma of a quiet zone before a symbol or behind it.
func (s *widths) paperLuma(from, to, side int) float32 {
	inside := func(i int) float32 { return float32(s.luma((s.at[i] + s.at[i+1]) / 2)) }
	dark, light := float32(255), float32(0)
	for i := from; i < to; i += 2 {
		dark = min(dark, inside(i))
	}
	for k := range min(zoneSpaces, (to-from)/2) {
		light = max(light, inside([2]int{from + 1 + 2*k, to - 2 - 2*k}[side]))
	}
	return dark + zoneLight*(light-dark)
}

// paper says whether it is as light as a quiet zone before a symbol, or behind it, as far as so many modules: what
// crosses the zone there is a scratch or print that shines through, and no bar. The first module is as blur leaves it.
func (s *widths) paper(from, to, side int, modules, module float32) bool {
	x, end := s.at[from]-modules*module, s.at[from]-module
	if side == 1 {
		x, end = s.at[to]+module, s.at[to]+modules*module
	}
	if len(s.source.line) == 0 || x < 0 || end > s.at[len(s.at)-1] {
		return false
	}
	least := s.paperLuma(from, to, side)
	for ; x < end; x++ {
		if float32(s.luma(x)) < least {
			return false
		}
	}
	return true
}

// zoneLuma is the mean luma of the quiet zone that element i is, before a symbol or behind it, as far as five elements
// of the symbol reach; not ok where there is none.
func (s *widths) zoneLuma(i, side int, element float32) (mean float32, ok bool) {
	from, to := s.at[i], s.at[i+1]
	if side == 0 {
		from, to = max(from, to-5*element), to-element/4
	} else {
		from, to = from+element/4, min(to, from+5*element)
	}
	sum, n := float32(0), float32(0)
	for x := from + 0.5; x < to; x++ {
		sum, n = sum+float32(s.luma(x)), n+1
	}
	return sum / max(1, n), n > 0
}

// isRefuted says whether what the lines of a group cross beyond its ends tells that it is part of a longer symbol: bars
// that go on at one height with it and are no part of another symbol that was read, or a frame on one side alone.
func (g *group) isRefuted(groups []*group, s sheet) bool {
	if !unchecked.Has(g.format) {
		return false
	}
	var bars, frames [2]int
	doubtful := 0
	for _, v := range g.all {
		if v.doubtful {
			doubtful++
		}
		for side, b := range v.beyond {
			if b.bars && !slices.ContainsFunc(groups, func(o *group) bool { return o != g && o.holds(b.place) }) {
				bars[side]++
			}
			if b.frame {
				frames[side]++
			}
		}
	}
	most := len(g.all) / 2
	if bars[0] > most || bars[1] > most || doubtful > most {
		return true
	}
	if g.format != symbol.ITF {
		return false
	}
	return (frames[0] > most) != (frames[1] > most) && min(frames[0], frames[1]) <= most/4 || g.cutBearer(s)
}

// holds says whether enough lines read a symbol that covers a place.
func (g *group) holds(p pix.Point) bool {
	if g.lines < g.quorum() {
		return false
	}
	b := g.box()
	return p.X >= b[0].X && p.X <= b[1].X && p.Y >= b[0].Y && p.Y <= b[1].Y
}
