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
	for name, c := range map[string]struct {
		first, middle, last, walked int
		want                        bool
	}{
		"in 40 of 100 steps":                            {40, 0, 0, 100, false},
		"in 41 of 100 steps":                            {41, 0, 0, 100, true},
		"the last one":                                  {0, 0, 41, 100, true},
		"in five of six steps, which count for 13":      {5, 0, 0, 6, false},
		"in all of six steps":                           {6, 0, 0, 6, true},
		"in 82 of 100 steps, and the others in as many": {82, 82, 82, 100, false},
	} {
		off := trailOf(c.first, c.middle, c.last, [2]int{}).off
		if c.middle > 0 {
			for i := range off {
				off[i] = c.middle
			}
		}
		tr := &trail{off: off, steps: c.walked}
		assert.Equal(t, c.want, tr.losesGuard(), name)
	}
}
