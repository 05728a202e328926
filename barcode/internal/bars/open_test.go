package bars

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestBarsLightOnDarkThatGoOnArePaper(t *testing.T) {
	for _, c := range []struct {
		inverted            bool
		up, down            float64 // by how much the bars go on beyond the spaces
		longBars, longSpace int     // how many of 23 bars and of 22 spaces go on for 30 modules
		want                bool
	}{
		{inverted: true, up: 2.2, down: 2.2, want: true},
		{inverted: true, up: 2.2, down: 1.8, want: false},
		{inverted: true, up: 1.8, down: 2.2, want: false},
		{inverted: false, up: 9, down: 9, want: false},
		{inverted: true, up: -9, down: -9, want: false},
		{inverted: true, up: 9, down: 9, longSpace: 10, want: true},
		{inverted: true, up: 9, down: 9, longSpace: 12, want: false},
		{inverted: true, longBars: 12, want: true},
		{inverted: true, longBars: 11, want: false},
	} {
		ends := func(by float64) []float64 {
			all := slices.Repeat([]float64{5}, 45)
			for i := range all {
				if i%2 == 0 {
					all[i] += by
				}
				if i%2 == 0 && i/2 < c.longBars || i%2 == 1 && i/2 < c.longSpace {
					all[i] = 30
				}
			}
			return all
		}
		g := &group{}
		g.inverted = c.inverted
		assert.Equal(t, c.want, g.isOpen(ends(c.up), ends(c.down)), "%+v", c)
	}
}
