// Package qr finds QR codes and samples their modules: finder patterns on run lengths, triples of them by how well they
// fit, corners on edges, a perspective that the fixed patterns confirm, alignment patterns where there are some.
// gozxing corrects the errors and reads the bit stream.
package qr

import (
	"slices"

	"github.com/offlane/offlane/barcode/internal/pix"
)

// A finder is a finder pattern.
type finder struct {
	at     pix.Point
	module float64
	hits   int
	seen   float64 // the share of the rows of its inner square in which it was seen
	rim    *rim    // where it is kept, which all copies share
	turn   int     // in which that was lent
	judged float64 // how round it had to be when it was judged; zero: it was not
	looked int8    // in how many directions it was looked at, as it was judged
	rims   int8    // of these, those with a rim
	rings  int8    // and those with the rings of a finder pattern
	fine   bool    // whether its rings are those of a finder pattern
	round  float64 // the share of a few directions in which there is a rim
}

// A rim has places on the outer edge of the dark ring of a finder pattern, once looked for.
type rim struct {
	points [rays]pix.Point
	n      int
	looked bool
}

// places are those where there is an edge.
func (m *rim) places() []pix.Point { return m.points[:m.n] }

// findAll notes what looks like a finder pattern in b and in its negative: dark and light runs of 1:1:3:1:1 in every
// so many rows, confirmed in the column through their middle and along the row again.
func (r *Reader) findAll(b *pix.Binary, step int) {
	r.finders[0], r.finders[1] = r.finders[0][:0], r.finders[1][:0]
	r.open[0].clear(b.W)
	r.open[1].clear(b.W)
	views := [2]pix.Binary{*b, *b}
	views[1].Invert()
	cuts := 0
	for y := step / 2; y < b.H; y += step << min(cuts/manyCuts, 5) {
		r.edges = runEnds(b, r.edges[:0], y)
		for i := 0; i+5 < len(r.edges); i++ {
			e := (*[6]int32)(r.edges[i:])
			if e[0] < e[1] && mayBeFinder(e) {
				k := 1 - i&1
				cuts++
				r.confirm(&views[k], k, e, y)
			}
		}
	}
	r.found += cuts * workOfCut
}

// workOfCut is the looks at pixels that take as long as to confirm a likely cut, and to judge what it confirms.
const workOfCut = 100

// manyCuts is after how many likely cuts rows are left out: half of them, after as many more three of four. A sheet
// with a thousand symbols has some 100,000; noise of 16 megapixels has millions.
const manyCuts = 1 << 17

// runEnds returns the ends of the runs of row y, a light one first, which may be empty: what is at the border of the
// picture begins and ends there.
func runEnds(b *pix.Binary, out []int32, y int) []int32 {
	out = b.Edges(append(out, 0), y)
	if end := int32(b.W); out[len(out)-1] < end {
		out = append(out, end)
	}
	return out
}

// mayBeFinder says whether the five runs between six edges may be a cut through a finder pattern: the middle one within
// half and one and a half of three sevenths, the others within a quarter and seven quarters of a seventh, half a pixel
// more.
func mayBeFinder(e *[6]int32) bool {
	sum, middle := e[5]-e[0], 28*(e[3]-e[2])
	if sum < 7 || middle < 6*sum-28 || middle > 18*sum+28 {
		return false
	}
	low, high := sum-14, 7*sum+14
	a, b, c, d := 28*(e[1]-e[0]), 28*(e[2]-e[1]), 28*(e[4]-e[3]), 28*(e[5]-e[4])
	return min(a, b, c, d) >= low && max(a, b, c, d) <= high
}

// leastRoom is for how many candidates there is room at first. It doubles where they are more: a halftone of 24
// megapixels has hundreds of thousands, and room that grows by a quarter was copied for a quarter of its scan.
const leastRoom = 64

// confirm adds a candidate that the column confirms, or counts it with one that is open.
func (r *Reader) confirm(b *pix.Binary, k int, e *[6]int32, y int) {
	cx, width := float64(e[2]+e[3])/2, float64(e[5]-e[0])
	cy, height, ok := measureRuns(b, int(cx), y, 0, 1, int(2*width)+4, 2.5*width)
	if !ok || width > 2.5*height {
		return
	}
	cx2, width2, ok := measureRuns(b, int(cx), int(cy), 1, 0, int(2*width)+4, 4*width+8)
	if !ok {
		return
	}
	module := (width2 + height) / 14
	i := r.open[k].find(r.finders[k], pix.Point{X: cx2, Y: cy}, module, y)
	if i < 0 {
		r.open[k].add(int32(len(r.finders[k])), cx2)
		if n := len(r.finders[k]); n == cap(r.finders[k]) {
			r.finders[k] = slices.Grow(r.finders[k], max(n, leastRoom))
		}
		r.finders[k] = append(r.finders[k], finder{at: pix.Point{X: cx2, Y: cy}, module: module, hits: 1})
		return
	}
	f := &r.finders[k][i]
	before := f.at.X
	f.count(cx2, cy, module)
	r.open[k].move(i, before, f.at.X)
}

// count makes a candidate the mean of what its rows have confirmed.
func (f *finder) count(x, y, module float64) {
	n := float64(f.hits)
	f.at = pix.Point{X: (f.at.X*n + x) / (n + 1), Y: (f.at.Y*n + y) / (n + 1)}
	f.module = (f.module*n + module) / (n + 1)
	f.hits++
}

// measureRuns measures the five runs through x, y along dx, dy, one of which is 1 and the other 0, and returns their
// middle on that axis and their length. They reach at most limit pixels to each side, and together are at most so long.
func measureRuns(b *pix.Binary, x, y, dx, dy, limit int, longest float64) (middle, length float64, ok bool) {
	if !b.Dark(x, y) {
		return 0, 0, false
	}
	// The runs from the middle outwards, the pixel itself among the first of each.
	var ahead, behind [3]int32
	room := [2]int{b.W - x, x + 1} // to the border
	if dy == 1 {
		room = [2]int{b.H - y, y + 1}
	}
	// What like allows of so long a pattern: no run is followed farther.
	most := [3]int{int(longest*9/14) + 1, int(longest/4 + 0.5), int(longest/4 + 0.5)}
	if !side(b, x, y, dx, dy, min(limit, room[0]), &most, &ahead) || !side(b, x, y, -dx, -dy, min(limit, room[1]), &most,
		&behind) {
		return 0, 0, false
	}
	e := [6]int32{0, behind[2], behind[2] + behind[1]}
	e[3] = e[2] + behind[0] + ahead[0] - 1
	e[4] = e[3] + ahead[1]
	e[5] = e[4] + ahead[2]
	if float64(e[5]) > longest || !mayBeFinder(&e) {
		return 0, 0, false
	}
	// The middle of the inner square is surer than that of all five runs.
	return float64(x*dx+y*dy) + float64(ahead[0]) - float64(e[3]-e[2])/2, float64(e[5]), true
}

// side measures three runs, a dark one first, of at most limit pixels in all and each of at most so many; not ok where
// there are no three.
func side(b *pix.Binary, x, y, dx, dy, limit int, most *[3]int, runs *[3]int32) bool {
	if dx == 0 {
		return sideInColumn(b, x, y, dy, limit, most, runs)
	}
	n := 0
	for k := range runs {
		run := b.Run(x+n*dx, y, dx, 0, min(limit-n, most[k]+1), k != 1)
		if run == 0 || run > most[k] {
			return false
		}
		runs[k] = int32(run)
		n += run
	}
	return true
}

// sideInColumn is side down or up: all three runs are in the same bit of the words of a column.
func sideInColumn(b *pix.Binary, x, y, dy, limit int, most *[3]int, runs *[3]int32) bool {
	words, bit, i := b.Words, uint(x)&63, y*b.Stride+x>>6
	step, is := dy*b.Stride, b.DarkIs()
	for k := range runs {
		n, longest := 0, min(limit, most[k]+1)
		for ; n < longest && words[i]>>bit&1 == is; n++ {
			i += step
		}
		if n == 0 || n > most[k] {
			return false
		}
		runs[k] = int32(n)
		limit, is = limit-n, is^1
	}
	return true
}
