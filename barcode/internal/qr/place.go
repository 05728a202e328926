package qr

import (
	"slices"

	"github.com/offlane/offlane/barcode/internal/pix"
)

// bestCurve returns the shape of the paper that the timing and alignment patterns fit best, if it is not flat: in steps
// of a quarter of a module, along the rows, along the columns, then both. The finder patterns fit any. A shape is given
// up when it misses more than the best one.
func (r *Reader) bestCurve(b *pix.Binary, pins []pin, size int) curve {
	flat, ok := lay(pins, size, curve{})
	if !ok || !r.likely(b, &flat) {
		return curve{}
	}
	cells := r.fixedModules(size)[finderCells:]
	all := len(probes) * len(cells)
	best, least := curve{}, misses(b, &flat, cells, len(probes), all)
	try := func(c curve) {
		g, ok := lay(pins, size, c)
		r.work += all + workOfLay
		if !ok {
			return
		}
		if n := misses(b, &g, cells, len(probes), least-1); n < least {
			least, best = n, c
		}
	}
	for n := -12; n <= 12; n++ {
		try(curve{rows: float64(n) / 4})
		try(curve{columns: float64(n) / 4})
	}
	first := best
	for n := -4; n <= 4; n++ {
		try(curve{rows: first.rows + float64(n)/4, columns: first.columns})
		try(curve{rows: first.rows, columns: first.columns + float64(n)/4})
	}
	return best
}

// place puts a grid of a size over the pins, on paper of a shape, and lets it settle.
func (r *Reader) place(b *pix.Binary, g *grid, pins []pin, size int, c curve) float64 {
	var ok bool
	if *g, ok = lay(pins, size, c); !ok {
		return 0
	}
	if slices.Contains(r.told, size) {
		if fit := r.tiles(b, g, pins); fit >= leastFit {
			return fit
		}
		g.mesh = nil
	}
	if !r.likely(b, g) || fitness(b, g, r.timing(size), probes[:1]) < leastTiming {
		return 0
	}
	if size > 21 {
		at := float64(size) - 6.5
		r.work += workOfSearch
		for _, reach := range []float64{2, 5} {
			if p, ok := g.locate(b, at, at, pix.Point{}, reach); ok {
				r.pins = append(pins, pin{finder: 3, u: at, v: at, at: p})
				g.pull(r.pins)
				break
			}
		}
	}
	fit := r.settle(b, g, r.fixedModules(size))
	if size >= leastVersion && fit >= leastFit {
		g.chart(b, r.pins)
	}
	return fit
}

// tiles finds the alignment patterns of a symbol whose version information was read.
func (r *Reader) tiles(b *pix.Binary, g *grid, pins []pin) float64 {
	r.work += 1000 * len(alignmentLines(g.size))
	all, found := g.chart(b, pins)
	if float64(found) < leastTiles*float64(all) {
		return 0
	}
	return g.meshShare(b, r.fixedModules(g.size))
}

// Before a grid settles, which is dear, its finder and timing patterns must be right to such a share. The even pictures
// have 0.72 and 0.62 at least.
const leastFinders, leastTiming = 0.7, 0.6

// likely says whether there are finder patterns where a grid has them.
func (r *Reader) likely(b *pix.Binary, g *grid) bool {
	finders := r.fixedModules(g.size)[:finderCells]
	r.work += len(finders)
	most := int(float64(len(finders)) * (1 - leastFinders))
	return misses(b, g, finders, 1, most) <= most
}

// leastFit is the least share of the fixed modules that must be right for the others to be read.
const leastFit = 0.75

func (r *Reader) fixedModules(size int) []cell { return r.keepFixed(size, fixedModules) }

// keepFixed keeps the fixed modules of a size; those of Micro QR are smaller than any of a QR code.
func (r *Reader) keepFixed(size int, of func(int) []cell) []cell {
	if r.cells == nil {
		r.cells = map[int][]cell{}
	}
	if r.cells[size] == nil {
		r.cells[size] = of(size)
	}
	return r.cells[size]
}

// timing are the modules of the timing patterns, which tell a wrong size.
func (r *Reader) timing(size int) []cell {
	return r.fixedModules(size)[finderCells : finderCells+2*(size-16)]
}

func (g *grid) corners(mirrored bool) (out [4]pix.Point) {
	for i, p := range square(g.size) {
		out[i] = g.at(p.X, p.Y)
	}
	if mirrored {
		out[1], out[3] = out[3], out[1]
	}
	return out
}
