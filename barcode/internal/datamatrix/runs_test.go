package datamatrix

import (
	"image"
	"testing"

	"github.com/offlane/offlane/barcode/internal/pix"
	"github.com/stretchr/testify/assert"
)

// Three dark stripes stand in a picture, the last at its border, beyond which all is light.
func TestALineGoesBeyondTheBorder(t *testing.T) {
	wide, high := light(60, 20), light(20, 60)
	for at := 10; at < 60; at += 20 {
		fill(wide, image.Rect(at, 0, at+10, 20), 40)
		fill(high, image.Rect(0, at, 20, at+10), 40)
	}
	for name, c := range map[string]struct {
		from, to, n, first, last int
	}{
		"from border to border":     {0, 60, 6, 10, 60},
		"from outside":              {-10, 50, 6, 20, 70},
		"from far outside":          {-40, 20, 0, 0, 0},
		"back":                      {59, -1, 5, 10, 50},
		"back, from outside":        {69, 9, 6, 10, 60},
		"outside":                   {60, 120, 0, 0, 0},
		"outside, beyond the other": {-1, -61, 0, 0, 0},
	} {
		from, to := float64(c.from), float64(c.to)
		for way, r := range map[string]run{
			"across": seenIn(wide).runs(pix.Point{X: from, Y: 5}, pix.Point{X: to, Y: 5}),
			"down":   seenIn(high).runs(pix.Point{X: 5, Y: from}, pix.Point{X: 5, Y: to}),
		} {
			want := [3]int{c.n, c.first, c.last}
			assert.Equal(t, want, [3]int{r.n, r.first, r.last}, "%s, %s: the changes, the first and the last", name, way)
		}
		r := seenIn(wide).runs(pix.Point{X: from, Y: -5}, pix.Point{X: to, Y: -5})
		assert.Zero(t, r.n, "%s, above the picture: there is no change", name)
	}
}

// From three changes on a run of more than 2.6 times the mean of those before it ends a line, and a blank always does.
func TestHowLongTheNextRunOfALineMayBe(t *testing.T) {
	for r, want := range map[run]int{
		{n: 2, last: 10}: 40, {n: 3, last: 30}: 26, {n: 3, last: 31}: 26, {n: 3, last: 32}: 27, {n: 4, last: 100}: 40,
	} {
		assert.Equal(t, want, r.longestNext(40), "after %d changes on %d steps", r.n, r.last)
	}
}
