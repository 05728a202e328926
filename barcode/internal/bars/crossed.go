package bars

import (
	"slices"

	"github.com/offlane/offlane/barcode/internal/symbol"
)

// A bar that goes on beyond the ends of three quarters of the others, above the symbol and below it, by more than
// crossedLeast modules is none of the symbol: an upright stripe over a DataBar Limited made another number of it, 10
// modules. The bars of a guard may be longer. In 145 readings of pictures it is 1.1 at most; of 2,000 covered and
// spoilt symbols that are read four have more than 3, where a line lies along a bar, and are lost.
const crossedLeast = 3

// A bar that ends before three quarters of the others, above and below, by more than dotLeast modules is a dot on the
// lines across it: one on a gray label over a part of a DataBar Limited made another number of it, 3.8 modules. In
// those readings of pictures it is 0.95 at most; of 1,200 covered and spoilt symbols that are read five have more than
// 2. A number of Code 128 or Code 93 with another bar has no right check characters: of these it is not asked.
const dotLeast = 2

// isCrossed says whether a bar goes on beyond both ends of the others, where the elements go on so far.
func (g *group) isCrossed(up, down []float64) bool {
	return g.hasBar(crossedLeast, up, down, 3, 1)
}

// hasDot says whether a bar ends before both ends of the others.
func (g *group) hasDot(up, down []float64) bool {
	return g.format != symbol.Code128 && g.format != symbol.Code93 && g.hasBar(dotLeast, up, down, 1, -1)
}

// hasBar says whether a bar of the characters goes on farther than so many quarters of them, upward and downward, by
// more than so many modules; with a sign of -1 whether it ends so many modules before.
func (g *group) hasBar(least float64, up, down []float64, quarters int, sign float64) bool {
	above, below := g.quarterOf(up, quarters), g.quarterOf(down, quarters)
	for i := 0; i < len(up); i += 2 {
		if g.part(i) >= 0 && min(sign*(up[i]-above), sign*(down[i]-below)) > least {
			return true
		}
	}
	return false
}

// quarterOf is how far so many quarters of the bars of the characters go on at most.
func (g *group) quarterOf(ends []float64, quarters int) float64 {
	var bars []float64
	for i := 0; i < len(ends); i += 2 {
		if g.part(i) >= 0 {
			bars = append(bars, ends[i])
		}
	}
	slices.Sort(bars)
	return bars[quarters*len(bars)/4]
}
