package bars

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// One character that is off is none of a print whose other ones are not; where all are, blur has done it.
func TestNoCharacterIsFartherOffThanTheOthers(t *testing.T) {
	const chars = 5
	alike := func(others, worst float32) bool {
		l := line{20}
		for k := range chars {
			off := others
			if k == 3 {
				off = worst
			}
			l = append(l, 1, 2, 1+off, 1-off, 1, 2, 1, 1) // two narrow ones that are off, and a gap
		}
		return append(l, 20).widths().charsAlike(1, 8*chars-1, chars,
			gapElements(7, make([]byte, chars), func(byte) int { return 0b0100010 }))
	}
	require.True(t, alike(0, 0), "as printed")
	require.True(t, alike(0.05, 0.38), "one that is off by less than 0.3")
	require.False(t, alike(0.05, 0.5), "one that is off by 0.5")
	require.True(t, alike(0.3, 0.5), "one that is off by 0.5 where the others are off, too")
	require.True(t, alike(0.2, 0.59), "one that is off by 0.6 where the others are off by 0.08")
	require.False(t, alike(0.2, 0.6), "one that is off by 0.7 where the others are off by 0.08")
}
