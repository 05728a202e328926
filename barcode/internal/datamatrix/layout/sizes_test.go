package layout

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestEverySizeHasAPlaceForEveryBit(t *testing.T) {
	t.Parallel()
	for i := range Sizes {
		z := &Sizes[i]
		inner := (z.Rows - 2*z.Down) * (z.Columns - 2*z.Across)
		assert.Equal(t, inner/8, z.Data+z.Check, "%d x %d: codewords that its regions hold", z.Rows, z.Columns)
		assert.Zero(t, z.Check%z.Blocks, "%d x %d: each block has as many check codewords", z.Rows, z.Columns)
		seen := map[int]bool{}
		for _, m := range z.Marks(false) {
			seen[int(m.Row)*z.Columns+int(m.Column)] = true
		}
		before := len(seen)
		for _, at := range z.Order() {
			seen[at] = true
		}
		assert.Equal(t, z.Rows*z.Columns-before-inner%8, len(seen)-before, "%d x %d: places of bits", z.Rows, z.Columns)
	}
}
