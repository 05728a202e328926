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
//
// Of an ITF it is itfLight: where the edge of a label left the start and a module of paper, the zone had 0.8.
const (
	zoneLight  = 0.7
	itfLight   = 0.82
	zoneSpaces = 8 // that are nearest
)

// zoneDarker is by how much of that way the far part of what is looked at of a quiet zone may be darker than the near
// part. In 18 pictures of Codabar, Code 39 and ITF it is 0.05 at most; 0.2 and more where the edge of a label left four
// elements of an ITF, which pass for its start or stop, and two to four modules of the paper.
const zoneDarker = 0.1

// zoneParts are how many elements of the symbol away the parts of a quiet zone begin and end that are looked at: a near
// one, from where blur leaves the edge on, one between and a far one.
var zoneParts = [...]float32{0.25, 1.5, 2.5, 5}

// litZones says whether the quiet zones of a symbol of elements from to before to have at least such a share of the
// light of its spaces, and are as light far from it as near. Something gray that lies over bars is lighter than they
// are and no paper.
func (s *widths) litZones(from, to int, least float32) bool {
	for side := range 2 {
		dark, light := s.levels(from, to, side)
		zone := s.zone(from, to, side, (dark+light)/2)
		near, far, all := zone.mean(0, 1, light), zone.mean(2, 3, light), zone.mean(0, 3, light)
		if all < dark+least*(light-dark) || far < near-zoneDarker*(light-dark) {
			return false
		}
	}
	return true
}

// lightOf is the share of the light of its spaces that the quiet zones of a symbology have.
func lightOf(f symbol.Format) float32 {
	if f == symbol.ITF {
		return itfLight
	}
	return zoneLight
}

// levels are the luma of the darkest bar of a symbol and that of the lightest of the spaces nearest to an end.
func (s *widths) levels(from, to, side int) (dark, light float32) {
	inside := func(i int) float32 { return float32(s.luma((s.at[i] + s.at[i+1]) / 2)) }
	dark = 255
	for i := from; i < to; i += 2 {
		dark = min(dark, inside(i))
	}
	for k := range min(zoneSpaces, (to-from)/2) {
		light = max(light, inside([2]int{from + 1 + 2*k, to - 2 - 2*k}[side]))
	}
	return dark, light
}

// paperLuma is the least luma of a quiet zone before a symbol or behind it.
func (s *widths) paperLuma(from, to, side int) float32 {
	dark, light := s.levels(from, to, side)
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

// zoneSums are sums of luma in the parts of a quiet zone.
type zoneSums [len(zoneParts) - 1]struct{ luma, n float32 }

// mean is the mean luma of the parts from first to before last, or what is given where nothing of them is there.
func (z *zoneSums) mean(first, last int, none float32) float32 {
	luma, n := float32(0), float32(0)
	for _, part := range z[first:last] {
		luma, n = luma+part.luma, n+part.n
	}
	if n == 0 {
		return none
	}
	return luma / n
}

// zone sums the quiet zone before a symbol or behind it. Beyond what the line takes for the zone it ends where it is
// darker than so much, as print beside a symbol is.
func (s *widths) zone(from, to, side int, dark float32) (z zoneSums) {
	element := (s.at[to] - s.at[from]) / float32(to-from)
	at, away, end := s.at[to], float32(1), s.w[to]
	if side == 0 {
		at, away, end = s.at[from], -1, s.w[from-1]
	}
	part := 0
	for d := zoneParts[0]*element + 0.5; d < zoneParts[len(z)]*element; d++ {
		x := at + away*d
		luma := float32(s.luma(x))
		if x < 0 || x >= s.at[len(s.at)-1] || d > end && luma < dark {
			break
		}
		for d >= zoneParts[part+1]*element {
			part++
		}
		z[part].luma, z[part].n = z[part].luma+luma, z[part].n+1
	}
	return z
}

// isRefuted says whether what the lines of a group cross beyond its ends tells that it is part of a longer symbol: bars
// that go on at one height with it and are no part of another symbol that was read, or a frame on one side alone; or
// quiet zones that are not light on most of its lines, as between the threads of a fabric some are, or are too long.
func (g *group) isRefuted(groups []*group, s sheet) bool {
	if !unchecked.Has(g.format) {
		return false
	}
	var bars, frames [2]int
	for _, v := range g.all {
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
	if bars[0] > most || bars[1] > most || g.mostLines(s, (*vote).isDoubtful) || g.unlit > len(g.all) {
		return true
	}
	if g.format != symbol.ITF {
		return false
	}
	if (frames[0] > most) != (frames[1] > most) && min(frames[0], frames[1]) <= most/4 {
		return true
	}
	cut, whole := g.bearers(s)
	return cut || !whole && g.mostLines(s, (*vote).hasUnevenZones)
}

func (v *vote) isDoubtful(sheet) bool { return v.doubtful }

func (v *vote) hasUnevenZones(sheet) bool { return v.uneven }

// holds says whether enough lines read a symbol that covers a place.
func (g *group) holds(p pix.Point) bool {
	if g.lines < g.quorum() {
		return false
	}
	b := g.box()
	return p.X >= b[0].X && p.X <= b[1].X && p.Y >= b[0].Y && p.Y <= b[1].Y
}
