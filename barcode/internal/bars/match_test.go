package bars

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// moved takes so much from one element and gives it to the next.
func (l line) moved(i int, by float32) line { return l.with(i, l[i]-by).with(i+1, l[i+1]+by) }

// An edge that is off by d changes two sums by d each.
func TestAPatternIsNear(t *testing.T) {
	only := newTable("212222")
	for by, want := range map[float32]int{0: 0, 0.67: 0, 0.74: -1} {
		assert.Equal(t, want, only.closest(line{2, 1, 2, 2, 2, 2}.moved(2, by)), "an edge is off by %v modules", by)
	}
}

// Of two patterns with an edge a module apart the one is off by 2·d², the other by 2·(1-d)²: they differ by 2-4d.
func TestAPatternIsNearerThanTheOthers(t *testing.T) {
	two := newTable("212222", "213122")
	for by, want := range map[float32]int{0.1: 0, 0.478: 0, 0.482: -1, 0.518: -1, 0.522: 1, 0.9: 1} {
		assert.Equal(t, want, two.closest(line{2, 1, 2, 2, 2, 2}.moved(2, -by)), "an edge is off by %v modules", by)
	}
}

// The sums of neighbours are those of the first pattern, the bars o modules too wide each. The second has two modules
// less of bars and differs by a module in one sum: it is nearer from 12·o = 1/barsShare + 4 on.
func TestTheBarsOfACharacterCountBesideItsSums(t *testing.T) {
	two := newTable("211313", "212222")
	assert.Equal(t, []float32{4, 6}, two.bars, "modules of bars")
	for by, want := range map[float32]bool{-0.6: true, 0: true, 0.59: true, 0.63: false} {
		w := line{2, 1, 1, 3, 1, 3}
		for i := range w {
			if i%2 == 0 {
				w[i] += by
			} else {
				w[i] -= by
			}
		}
		assert.Equal(t, want, two.nearest(w, 0, 0), "bars that are %v modules too wide each", by)
		assert.True(t, two.nearest(w, 3*by, 0), "bars that are %v modules too wide in all characters", by)
	}
}

// An edge that is off by d makes a character off by 2·d².
func TestHalfOfTheCharactersFitAsTheOthersDo(t *testing.T) {
	only := newTable("212222")
	alike := func(others, worst float32) bool {
		l := line{20}
		for k := range 8 {
			off := others
			if k >= 4 {
				off = worst
			}
			l = append(l, line{2, 1, 2, 2, 2, 2}.moved(2, off)...)
		}
		return only.areAlike(append(l, 20).widths(), 1, make([]byte, 8))
	}
	assert.True(t, alike(0, 0.46), "four are off by 0.42, the others by nothing")
	assert.False(t, alike(0, 0.49), "four are off by 0.48, the others by nothing")
	assert.True(t, alike(0.2, 0.61), "four are off by 0.74, the others by 0.08")
	assert.False(t, alike(0.2, 0.64), "four are off by 0.82, the others by 0.08")
}
