package bars

import "github.com/offlane/offlane/barcode/internal/databar"

// A dataBar reads the characters of GS1 DataBar around a finder pattern. Widths are told from the distances between
// like edges, a bar and a space together, which stay when ink spreads; how much it spread must then be the same all
// over.
type dataBar struct {
	s      *widths
	module float32
	spread float32 // how much wider bars are than printed, in modules
	most   float32 // by how many modules an element may be off; zero: only the mean of the squares counts
	off    float32 // the mean of the squares by which the character read last is off
}

// A dbFinder is a finder pattern of GS1 DataBar: five elements, of which the two towards the middle are one module.
type dbFinder struct {
	at int // its first element
	// mirrored: the narrow ones come first. In a row read forwards, that goes with a dark first element.
	mirrored bool
	// omni and letter are which of the finder patterns of Omnidirectional and of Expanded it is, or -1.
	omni, letter int
	dataBar
}

// The wider three elements of the finder patterns, ISO/IEC 24724, tables 4 and 11. The other two are 1.
var (
	omniFinders = [][3]float32{
		{3, 8, 2}, {3, 5, 5}, {3, 3, 7}, {3, 1, 9}, {2, 7, 4}, {2, 5, 6}, {2, 3, 8}, {1, 5, 7}, {1, 3, 9},
	}
	expandedFinders = [][3]float32{{1, 8, 4}, {3, 6, 4}, {3, 4, 6}, {3, 2, 8}, {2, 6, 5}, {2, 2, 9}}
)

// What is asked of DataBar. Two elements of a finder are five to six times as long as two others as printed. Squares of
// distances are in modules and means over the sums of neighbours (finderOff) or the elements (elementsOff), distances
// in modules (narrowOff of a guard's element from one, spreadsDiffer of a character's spread from its finder's,
// mostSpread of any), shares of the larger those by which a character's module differs from its finder's. DataBar needs
// no quiet zone: a sliver of a module tells an element from none.
const (
	finderLeast, finderMost = 3.5, 9
	finderOff, elementsOff  = 0.35, 0.12
	mostSpread, narrowOff   = 0.8, 0.6
	spreadsDiffer           = 0.5
	modulesDiffer           = 0.15
	sliver                  = 0.4
)

// finders appends the finder patterns on a line, read forwards.
func finders(found []dbFinder, s *widths) []dbFinder {
	for i := 9; i+6 < len(s.at); i++ {
		// All of them have ten to twelve modules in the second and third, and two in the last two.
		wide, narrow := s.at[i+3]-s.at[i+1], s.at[i+5]-s.at[i+3]
		if i%2 == 1 {
			wide, narrow = s.at[i+4]-s.at[i+2], s.at[i+2]-s.at[i]
		}
		if wide < finderLeast*narrow || wide > finderMost*narrow {
			continue
		}
		if f, ok := finderAt(s, i); ok {
			found = append(found, f)
		}
	}
	return found
}

func finderAt(s *widths, i int) (dbFinder, bool) {
	f := dbFinder{at: i, mirrored: i%2 == 1}
	var w [5]float32
	for k := range w {
		w[k] = s.w[i+k]
		if f.mirrored {
			w[k] = s.w[i+4-k]
		}
	}
	f.s, f.module = s, total(w[:])/15
	var costOmni, costLetter float32
	f.omni, costOmni = closestFinder(&w, omniFinders, f.module)
	f.letter, costLetter = closestFinder(&w, expandedFinders, f.module)
	switch {
	case f.omni < 0 && f.letter < 0:
		return f, false
	case f.letter < 0 || f.omni >= 0 && costOmni < costLetter:
		f.letter = -1
		f.spread = f.spreadOf(&w, omniFinders[f.omni])
	default:
		f.omni = -1
		f.spread = f.spreadOf(&w, expandedFinders[f.letter])
	}
	return f, f.spread > -mostSpread && f.spread < mostSpread
}

func closestFinder(w *[5]float32, patterns [][3]float32, module float32) (index int, best float32) {
	index, best = -1, finderOff
	for k, p := range patterns {
		a, b := (w[0]+w[1])/module-p[0]-p[1], (w[1]+w[2])/module-p[1]-p[2]
		c, d := (w[2]+w[3])/module-p[2]-1, (w[3]+w[4])/module-2
		if cost := (a*a + b*b + c*c + d*d) / 4; cost < best {
			index, best = k, cost
		}
	}
	return index, best
}

// spreadOf is how much wider the finder's bars are than printed, and its spaces narrower.
func (f *dbFinder) spreadOf(w *[5]float32, p [3]float32) (spread float32) {
	want := [5]float32{p[0], p[1], p[2], 1, 1}
	for k, x := range w {
		d := x/f.module - want[k]
		if (k%2 == 0) != f.mirrored {
			d = -d
		}
		spread += d / 5
	}
	return spread
}

// readLeft reads the character to the left of a finder, readRight the one to its right: the values of the elements,
// counted towards the finder.
func (f *dbFinder) readLeft(k *databar.Kind) (widths [8]int, value int, ok bool) {
	if f.at < 9 {
		return widths, 0, false
	}
	var w [8]float32
	copy(w[:], f.s.w[f.at-8:f.at])
	return f.character(k, w, (f.at-8)%2 == 1)
}

func (f *dbFinder) readRight(k *databar.Kind) (widths [8]int, value int, ok bool) {
	if f.at+13 >= len(f.s.w) {
		return widths, 0, false
	}
	var w [8]float32
	for i := range w {
		w[i] = f.s.w[f.at+12-i]
	}
	return f.character(k, w, (f.at+12)%2 == 1)
}

func (d *dataBar) character(k *databar.Kind, w [8]float32, dark bool) (widths [8]int, value int, ok bool) {
	if !similar(total(w[:])/float32(k.Modules), d.module, modulesDiffer) {
		return widths, 0, false
	}
	if !d.whole(widths[:], w[:], k, dark) {
		return widths, 0, false
	}
	value, ok = k.Value(widths[:])
	return widths, value, ok
}

// whole finds the widths in modules. The distances leave one of them open: the one that makes the narrowest of the odd
// or the even elements a single module.
func (d *dataBar) whole(widths []int, w []float32, k *databar.Kind, dark bool) bool {
	module := total(w) / float32(k.Modules)
	var pairs [13]int
	roundPairs(pairs[:len(w)-1], w, module, k.Modules)
	narrow := 1
	if k.NarrowOdd {
		narrow = 0
	}
	widths[0] = 0
	least := 99
	for i := range w {
		if i > 0 {
			widths[i] = pairs[i-1] - widths[i-1]
		}
		if i%2 == narrow {
			least = min(least, widths[i])
		}
	}
	for i := range widths {
		if i%2 == narrow {
			widths[i] += 1 - least
		} else {
			widths[i] += least - 1
		}
		if widths[i] < 1 {
			return false
		}
	}
	return d.fits(widths, w, module, dark)
}

// roundPairs rounds the distances of like edges, the last pair so that every second of them together make the sum.
func roundPairs(pairs []int, w []float32, module float32, modules int) {
	var worst [2]int
	var error [2]float32
	sum := 0
	for i := range pairs {
		x := (w[i] + w[i+1]) / module
		pairs[i] = int(x + 0.5)
		if i%2 == 1 {
			continue
		}
		sum += pairs[i]
		off := x - float32(pairs[i])
		if off > error[0] {
			worst[0], error[0] = i, off
		}
		if off < error[1] {
			worst[1], error[1] = i, off
		}
	}
	switch sum {
	case modules - 1:
		pairs[worst[0]]++
	case modules + 1:
		pairs[worst[1]]--
	}
}

// fits says whether the elements are as wide as that, but for a spread like that of the finder.
func (d *dataBar) fits(widths []int, w []float32, module float32, dark bool) bool {
	var spread, square, worst float32
	n := float32(len(w))
	for pass := range 2 {
		for i, x := range w {
			off := x/module - float32(widths[i])
			if (i%2 == 0) != dark {
				off = -off
			}
			if pass == 0 {
				spread += off / n
			} else {
				square += (off - spread) * (off - spread) / n
				worst = max(worst, off-spread, spread-off)
			}
		}
	}
	if d.most > 0 && worst > d.most {
		return false
	}
	d.off = square
	return square < elementsOff && spread-d.spread < spreadsDiffer && d.spread-spread < spreadsDiffer
}

// narrow says whether an element is a single module, as those of a guard are.
func (d *dataBar) narrow(i int) bool {
	if i < 0 || i >= len(d.s.w) {
		return false
	}
	x := d.s.w[i]/d.module - 1
	if i%2 == 1 {
		x -= d.spread
	} else {
		x += d.spread
	}
	return x > -narrowOff && x < narrowOff
}
