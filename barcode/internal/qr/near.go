package qr

import (
	"cmp"
	"math"
	"slices"

	"github.com/offlane/offlane/barcode/internal/pix"
	"github.com/offlane/offlane/barcode/internal/symbol"
)

const (
	// solid is the share of the rows of its inner square in which a finder pattern is seen that is hardly one by chance:
	// of those in the modules of large symbols 99 % are below, of true ones nine in ten above.
	solid = 0.6
	// neighbours is among how many of its neighbours of like size a finder pattern's partners are looked for first. On a
	// sheet of small symbols around a large one these are nearer than the partners; once read they are passed over.
	neighbours = 20
	// failures is how many triples with the same corner may fail, bentFailures how many where the paper is taken as bent,
	// which is dear: eight of them read no more on drawn sheets, and took half as long again.
	failures, bentFailures = 8, 2
)

// readNear reads the QR codes of solid finder patterns, each with neighbours of it: however many there are in the
// picture, each symbol has its turn. Flat ones come first, so that dear curves are tried for what is left alone.
func (r *Reader) readNear(b *pix.Binary, all []finder, effort Effort, known [][4]pix.Point) (out []symbol.Symbol) {
	left := slices.DeleteFunc(slices.Clone(all), func(f finder) bool { return f.seen < solid })
	changed := true
	for _, papers := range [2]papers{flatPaper, bentPaper} {
		for again := papers&effort.papers() != 0; again && len(left) >= 3; {
			if changed {
				r.triples = nearTriples(r.triples[:0], left, effort)
			}
			more := r.readTriples(b, r.triples, effort, search{papers, effort.Triples + len(left)}, known)
			for _, s := range more {
				out, known = append(out, s), append(known, s.Corners)
			}
			changed = len(more) > 0
			again = changed && len(left) > neighbours
			left = slices.DeleteFunc(left, func(f finder) bool { return pix.IsCovered(f.at, known) })
		}
	}
	return out
}

// A search says on paper of which shapes triples are tried, and how many of them may fail after one that was read. On a
// sheet those between symbols come before the first that is of one: there are as many as symbols.
type search struct {
	papers   papers
	patience int
}

// readTriples reads the symbols of triples of finder patterns.
func (r *Reader) readTriples(b *pix.Binary, all []triple, effort Effort, how search, known [][4]pix.Point) (
	out []symbol.Symbol) {
	failed, most := map[*finder]int{}, failures
	if how.papers == bentPaper {
		most = bentFailures
	}
	inRow := 0
	for _, t := range all {
		if r.work > effort.Work || inRow > how.patience || effort.Late() {
			break
		}
		if failed[t.corner] >= most || pix.IsCovered(t.corner.at, known) || pix.IsCovered(t.right.at, known) ||
			pix.IsCovered(t.below.at, known) {
			continue
		}
		s, ok := r.try(b, t, how.papers)
		if !ok {
			failed[t.corner]++
			inRow++
			continue
		}
		inRow = 0
		out, known = append(out, s), append(known, s.Corners)
	}
	return out
}

// nearTriples returns the triples of each finder pattern with two of its neighbours, the likeliest first. It reorders
// f.
func nearTriples(out []triple, f []finder, effort Effort) []triple {
	slices.SortFunc(f, func(a, b finder) int { return cmp.Compare(a.at.X, b.at.X) })
	var around []*finder
	for i := range f {
		around = nearest(around[:0], f, i)
		for j, a := range around {
			for _, c := range around[:j] {
				t, ok := makeTriple(&f[i], a, c)
				if ok && t.corner == &f[i] && (effort.Cost == 0 || t.cost < effort.Cost) {
					out = append(out, t)
				}
			}
		}
	}
	slices.SortStableFunc(out, func(a, b triple) int { return cmp.Compare(a.cost, b.cost) })
	return out
}

// nearest returns the nearest finder patterns of like size to number i of f, which are in the order of X.
func nearest(out []*finder, f []finder, i int) []*finder {
	at := &f[i]
	farthest := math.Inf(1)
	add := func(g *finder) {
		d := far2(g.at, at.at)
		if !alike(g.module, at.module) || d >= farthest {
			return
		}
		k := len(out)
		for k > 0 && far2(out[k-1].at, at.at) > d {
			k--
		}
		if out = slices.Insert(out, k, g); len(out) > neighbours {
			out = out[:neighbours]
		}
		if len(out) == neighbours {
			farthest = far2(out[neighbours-1].at, at.at)
		}
	}
	within := func(k int) bool {
		return k >= 0 && k < len(f) && (f[k].at.X-at.at.X)*(f[k].at.X-at.at.X) < farthest
	}
	for step := 1; within(i-step) || within(i+step); step++ {
		if within(i - step) {
			add(&f[i-step])
		}
		if within(i + step) {
			add(&f[i+step])
		}
	}
	return out
}
