package datamatrix

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestEverySizeHasAPlaceForEveryBit(t *testing.T) {
	t.Parallel()
	for i := range sizes {
		z := &sizes[i]
		inner := (z.rows - 2*z.down) * (z.columns - 2*z.across)
		assert.Equal(t, inner/8, z.data+z.check, "%d x %d: codewords that its regions hold", z.rows, z.columns)
		assert.Zero(t, z.check%z.blocks, "%d x %d: each block has as many check codewords", z.rows, z.columns)
		seen := map[int]bool{}
		for _, m := range z.marks(false) {
			seen[int(m.Row)*z.columns+int(m.Column)] = true
		}
		before := len(seen)
		for _, at := range z.order() {
			seen[at] = true
		}
		assert.Equal(t, z.rows*z.columns-before-inner%8, len(seen)-before, "%d x %d: places of bits", z.rows, z.columns)
	}
}
