package bars

import "strings"

// Within a character the shortest wide element is wideLeast times as long as the longest narrow one, and that
// narrowMost times as long as the shortest at most; over a whole symbol wholeLeast times.
const wideLeast, narrowMost, wholeLeast = 1.3, 3, 1.15

// wideOnes returns which of the elements are wide as bits, the first the highest, or -1: there must be a clear gap in
// length between the wide and the narrow ones, bars and spaces each among themselves or all together.
func wideOnes(w []float32, wide int) int {
	var used [16]bool
	bits := 0
	least := float32(1e9)
	for range wide {
		best := -1
		for k, x := range w {
			if !used[k] && (best < 0 || x > w[best]) {
				best = k
			}
		}
		used[best] = true
		bits |= 1 << (len(w) - 1 - best)
		least = min(least, w[best])
	}
	var widest, narrowest float32 = 0, 1e9
	for k, x := range w {
		if !used[k] {
			widest, narrowest = max(widest, x), min(narrowest, x)
		}
	}
	if least < wideLeast*widest || widest > narrowMost*narrowest {
		return -1
	}
	return bits
}

// A contrast sees to it that over a whole symbol every wide bar is longer than every narrow one, and so for spaces:
// these symbologies need no check character, and bars of others pass for their characters one by one.
type contrast struct {
	narrow, wide [2]extent // of bars and of spaces
	gaps         extent    // between characters
}

// An extent is the shortest and the longest of some elements; zero: there are none.
type extent struct{ least, most float32 }

func (e *extent) add(x float32) {
	if e.least == 0 || x < e.least {
		e.least = x
	}
	e.most = max(e.most, x)
}

// isNear says whether a length is at most so many times longer than the longest or shorter than the shortest.
func (e *extent) isNear(x, times float32) bool { return x*times >= e.least && x <= e.most*times }

func (c *contrast) add(w []float32, bits, kind, alternate int) {
	for k, x := range w {
		of := (kind + k*alternate) % 2
		if bits>>(len(w)-1-k)&1 == 1 {
			c.wide[of].add(x)
		} else {
			c.narrow[of].add(x)
		}
	}
}

// clear says whether there is a gap between the wide and the narrow ones.
func (c *contrast) clear() bool {
	for of := range 2 {
		if c.wide[of].least > 0 && c.wide[of].least < wholeLeast*c.narrow[of].most {
			return false
		}
	}
	return true
}

// unevenness is how many times longer the longest of the narrow or of the wide elements is than the shortest of them.
func (c *contrast) unevenness() (most float32) {
	for of := range 2 {
		for _, e := range [3]extent{c.narrow[of], c.wide[of], c.gaps} {
			if e.most > 0 {
				most = max(most, e.most/e.least)
			}
		}
	}
	return most
}

// full is how much of the quiet zones of ten modules that ISO/IEC 16388 and EN 798 ask for must be seen, in modules:
// blur and ink take some of it. The quiet zones of the 15 pictures of Codabar and Code 39 that the picture does not cut
// off all have more. Where 4 were asked for, text over one end of a Codabar left a shorter one.
const full = 9

// even is how uneven elements of one kind may be where the picture cuts a quiet zone off. Of 15 pictures of Codabar and
// Code 39 the seven so cut have 1.0 to 2.0; a part of a Code 39 that passes for a Codabar has 3.0.
const even = 2.2

// module is the middle between narrow elements' extremes, of bars and of spaces: ink takes from these what it gives to
// those.
func (c *contrast) module() float32 {
	return (c.narrow[0].least + c.narrow[0].most + c.narrow[1].least + c.narrow[1].most) / 4
}

// ends says whether a symbol of elements from to before to can be believed to end there: behind quiet zones, or where
// the picture ends and all elements are of two widths as this symbology reads them.
func (c *contrast) ends(s *widths, from, to int) bool {
	cut := false
	for side, i := range [2]int{from - 1, to} {
		if s.w[i] >= full*c.module() || s.paper(from, to, side, full, c.module()) {
			continue
		}
		if !s.ends(i) {
			return false
		}
		cut = true
	}
	return !cut || c.unevenness() < even
}

// places are characters as their numbers in an alphabet.
func places(text []byte, alphabet string) []byte {
	out := make([]byte, len(text))
	for i, c := range text {
		out[i] = byte(strings.IndexByte(alphabet, c))
	}
	return out
}
