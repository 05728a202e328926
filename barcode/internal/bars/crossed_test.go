package bars

import (
	"slices"
	"testing"

	"github.com/offlane/offlane/barcode/internal/symbol"
	"github.com/stretchr/testify/assert"
)

// endsBut is how far the elements of a group go on, all as far but some, which go on farther by so many modules.
func (g *group) endsBut(above, below float64, some ...int) (up, down []float64) {
	up, down = slices.Repeat([]float64{8}, len(g.middles)), slices.Repeat([]float64{5}, len(g.middles))
	for _, i := range some {
		up[i], down[i] = up[i]+above, down[i]+below
	}
	return up, down
}

func TestABarThatIsLongerThanTheOthersIsNoneOfTheSymbol(t *testing.T) {
	for _, f := range []symbol.Format{symbol.EAN13, symbol.UPCA, symbol.Code39, symbol.ITF} {
		l := symbolOf(t, f, 12)
		g := groupOf(readOf(t, f, l), l, 10, 70, 80)
		crossed := func(above, below float64, some ...int) bool { return g.isCrossed(g.endsBut(above, below, some...)) }
		const bar, space = 14, 15
		assert.False(t, crossed(0, 0), "%v of one height", f)
		assert.False(t, crossed(2.8, 9, bar), "%v, a bar that is higher by 2.8 modules at one end", f)
		assert.False(t, crossed(9, 2.8, bar), "%v, a bar that is higher by 2.8 modules at the other end", f)
		assert.True(t, crossed(3.2, 3.2, bar), "%v, a bar that is higher by 3.2 modules at both ends", f)
		assert.True(t, crossed(3.2, 3.2, bar, bar+2), "%v, two bars that are", f)
		assert.False(t, crossed(3.2, 3.2, space), "%v, a space that is", f)
		assert.Equal(t, !halved.Has(f), crossed(3.2, 3.2, 0), "%v, the first bar, which may be one of a guard", f)
	}
}

func TestABarThatIsShorterThanTheOthersIsADot(t *testing.T) {
	for _, f := range []symbol.Format{
		symbol.EAN13, symbol.UPCA, symbol.Code39, symbol.ITF, symbol.Code128, symbol.Code93,
	} {
		l := symbolOf(t, f, 12)
		g := groupOf(readOf(t, f, l), l, 10, 70, 80)
		dotted := func(above, below float64, some ...int) bool { return g.hasDot(g.endsBut(-above, -below, some...)) }
		const bar, space = 14, 15
		checked := f == symbol.Code128 || f == symbol.Code93
		assert.False(t, dotted(0, 0), "%v of one height", f)
		assert.False(t, dotted(1.8, 5, bar), "%v, a bar that is shorter by 1.8 modules at one end", f)
		assert.False(t, dotted(8, 1.8, bar), "%v, a bar that is shorter by 1.8 modules at the other end", f)
		assert.Equal(t, !checked, dotted(2.2, 2.2, bar), "%v, a bar that is shorter by 2.2 modules at both ends", f)
		assert.Equal(t, !checked, dotted(2.2, 2.2, bar, bar+2), "%v, two bars that are", f)
		assert.False(t, dotted(2.2, 2.2, space), "%v, a space that is", f)
		assert.False(t, dotted(-4, -4, bar), "%v, a bar that is longer", f)
	}
}
