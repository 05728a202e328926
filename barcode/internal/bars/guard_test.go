package bars

import (
	"slices"
	"testing"

	"github.com/offlane/offlane/barcode/internal/databar/databartest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A label over the guard of a DataBar has dots that pass for its bar on some lines: what they read goes on along the
// other bars and has no end.
func TestTheGuardOfADataBarGoesOn(t *testing.T) {
	const gtin = "20012345678909"
	l := databarLine(databartest.Omnidirectional(gtin, 33, false)[0])
	row := l.luma(3, 200)
	from, to := len(l[:1].luma(3, 200)), len(l[:2].luma(3, 200))
	for name, c := range map[string]struct {
		hidden func(y int) bool
		want   []string
	}{
		"as printed":              {func(int) bool { return false }, []string{gtin}},
		"a guard of dots":         {func(y int) bool { return y%16 >= 6 }, nil},
		"a guard of one dot":      {func(y int) bool { return y < 30 || y >= 50 }, nil},
		"a third of it is hidden": {func(y int) bool { return y < 26 }, []string{gtin}},
		"a scratch across it":     {func(y int) bool { return y >= 30 && y < 42 }, []string{gtin}},
	} {
		var rows [][]byte
		for y := range 80 {
			rows = append(rows, slices.Clone(row))
			for x := from; x < to && c.hidden(y); x++ {
				rows[y][x] = 200
			}
		}
		require.Equal(t, c.want, texts(rows), name)
		for y := range rows {
			rows[y] = reversed(rows[y])
		}
		require.Equal(t, c.want, texts(rows), "%s, backwards", name)
	}
}

func TestWhereAGuardIsLost(t *testing.T) {
	lost := func(first, middle, last, walked, steps int) bool {
		off := trailOf(first, middle, last, [2]int{}).off
		return (&trail{off: off, between: off, walked: walked, steps: steps}).losesGuard()
	}
	for name, c := range map[string]struct {
		first, last, walked, steps int
		want                       bool
	}{
		"in 40 of 100 steps between the lines":     {40, 0, 100, 200, false},
		"in 41 of 100 steps between the lines":     {41, 0, 100, 200, true},
		"the last one":                             {0, 41, 100, 200, true},
		"in 80 of 200 steps":                       {80, 0, 200, 200, false},
		"in five of six steps, which count for 13": {5, 0, 6, 200, false},
		"in all of six steps":                      {6, 0, 6, 200, true},
	} {
		assert.Equal(t, c.want, lost(c.first, 0, c.last, c.walked, c.steps), name)
	}
	all := trailOf(81, 0, 0, [2]int{}).off
	tr := &trail{off: all, between: make([]int, len(all)), walked: 20, steps: 200}
	assert.True(t, tr.losesGuard(), "in 81 of 200 steps, and in none between the lines")
	for i := range all {
		all[i] += 41
	}
	tr.off[zoneLooks] = 82
	assert.False(t, tr.losesGuard(), "in 41 of 200 steps more than the others")
}
