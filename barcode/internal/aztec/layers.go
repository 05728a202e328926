package aztec

import (
	"github.com/offlane/offlane/barcode/internal/modules"
	"github.com/offlane/offlane/barcode/internal/pix"
	"github.com/offlane/offlane/barcode/internal/symbol"
)

// readLayers reads the layers of a symbol whose core the grid fits.
func (r *Reader) readLayers(v *sight, core modules.Grid, m mode, effort modules.Effort) (s symbol.Symbol, ok bool) {
	grow := (m.size() - core.Columns) / 2
	g := core.Grow(grow)
	if s, ok = r.readGrid(v, g, m); ok && s.Quality.UnusedCorrection >= clean {
		return s, true
	}
	if near := m.layers <= farLayers; near && (v.unsettled || !effort.Tune) {
		return s, ok
	}
	again, fine := r.readTuned(v, core, m, grow)
	if ok && (!fine || s.Quality.UnusedCorrection > again.Quality.UnusedCorrection) {
		return s, ok
	}
	return again, fine
}

// readTuned reads the layers with a grid that grows from the core on, so many modules on each side, and is tuned as it
// grows.
func (r *Reader) readTuned(v *sight, g modules.Grid, m mode, grow int) (symbol.Symbol, bool) {
	for n := 0; n < grow; {
		more := min(tuneLayers, grow-n)
		if !m.compact {
			more = min(gridStep/2, grow-n)
		}
		g, n = g.Grow(more), n+more
		r.tune(v, &g, m)
	}
	return r.readGrid(v, g, m)
}

const (
	// farLayers is how many layers a grid may reach beyond the core that it was laid over before it must be tuned: then
	// it is two modules off at the corners of one picture in two.
	farLayers = 8
	// tuneLayers is how many modules the grid of a compact symbol grows by on each side before it is tuned again.
	tuneLayers = 2
	// clean is how much of the correction must be left for a grid that was not tuned to be right.
	clean = 0.7
	// mostMarks is how many marks a grid is tuned by: with 200 no more of 240 drawn symbols are read.
	mostMarks = 80
)

// tune lays a grid over as much of a symbol as it covers: where the reference grid is as it should, or in compact
// symbols, which have none, where all modules are clear.
func (r *Reader) tune(v *sight, g *modules.Grid, m mode) {
	marks := m.marks(g.Columns, v.light)
	marks = modules.Thin(marks, mostMarks)
	g.Tune(0.5, func(g *modules.Grid) float64 {
		r.AddGrid(len(marks))
		dark, light := g.Levels(v.gray, marks)
		if m.compact {
			r.Add(g.ClarityLooks())
			return light - dark + g.Clarity(v.gray, int(v.level))
		}
		return light - dark
	})
}

// pushes are how far modules are pushed away from their neighbours, one after the other: blur mixes them.
var pushes = [...]float32{0, 0.5, 1}

// readGrid reads the modules of a grid.
func (r *Reader) readGrid(v *sight, g modules.Grid, m mode) (s symbol.Symbol, ok bool) {
	if !g.Sound() || isCut(&g, v.gray) {
		return s, false
	}
	r.AddGrid(g.Columns * g.Rows)
	r.shades.Take(v.gray, g.Map, g.Columns, g.Rows, modules.Beside, v.light)
	for _, push := range pushes {
		r.dark = r.shades.Classify(r.dark, push)
		if s, ok = r.decode(m, r.dark); ok {
			s.Corners = g.Corners()
			s.Quality.Module = g.Module()
			r.shades.Quality(r.dark, &s.Quality)
			return s, true
		}
	}
	return s, false
}

// mostCut is how many modules of a symbol may lie outside the picture: what is not seen reads as what lies at the edge,
// and correction makes some symbol of it. One of 15 modules without the upper two and a half was read as another text,
// with two of three possible errors.
const mostCut = 1.5

// isCut says whether more than that lies outside.
func isCut(g *modules.Grid, gray *pix.Gray) bool {
	out := mostCut * g.Module()
	for _, c := range g.Corners() {
		if c.X < -out || c.Y < -out || c.X > float64(gray.W)+out || c.Y > float64(gray.H)+out {
			return true
		}
	}
	return false
}

// order keeps the order of the bits of each size.
func (r *Reader) order(m mode) []int {
	m.words = 0
	if r.orders == nil {
		r.orders = map[mode][]int{}
	}
	if r.orders[m] == nil {
		r.orders[m] = m.order()
	}
	return r.orders[m]
}
