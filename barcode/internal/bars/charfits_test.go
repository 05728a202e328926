package bars

import (
	"slices"
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
			gapElements(7, make([]byte, chars), func(byte) int { return 0b0100010 }), fitLeast, fitTimes)
	}
	require.True(t, alike(0, 0), "as printed")
	require.True(t, alike(0.05, 0.38), "one that is off by less than 0.3")
	require.False(t, alike(0.05, 0.5), "one that is off by 0.5")
	require.True(t, alike(0.3, 0.5), "one that is off by 0.5 where the others are off, too")
	require.True(t, alike(0.2, 0.59), "one that is off by 0.6 where the others are off by 0.08")
	require.False(t, alike(0.2, 0.6), "one that is off by 0.7 where the others are off by 0.08")
}

// Of two characters of a Code 39 one may be covered: start and stop tell what is off. These are the elements of A9
// under a fence along the bars, which makes a D of the A.
func TestACharacterOfTwoIsComparedWithStartAndStop(t *testing.T) {
	start := line{40, 3.5, 7.5, 4, 4, 8, 3.8, 7.2, 4, 4}
	rest := line{4, 4, 4, 7.8, 7.2, 4, 4, 8, 4, 3.5, 3.5, 4, 8, 4, 4, 7.2, 3.8, 8, 4, 4, 40}
	read := func(covered ...float32) string {
		got, _ := readCode39(slices.Concat(start, covered, rest).widths(), 1)
		return got.text
	}
	require.Equal(t, "D9", read(4, 3.5, 4, 3.5, 4.5, 8, 8, 4, 3.5, 7.5), "a D as printed")
	require.Empty(t, read(3, 3, 3, 5.5, 4.5, 8, 8, 4, 3.5, 7.5), "a D that a fence made of an A")
}
