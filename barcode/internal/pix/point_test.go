package pix

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestWhatLiesInAQuadrangleIsCovered(t *testing.T) {
	clockwise := [4]Point{{10, 10}, {30, 12}, {28, 40}, {8, 36}}
	other := clockwise
	slices.Reverse(other[:])
	for name, q := range map[string][4]Point{"clockwise": clockwise, "the other way around": other} {
		for p, want := range map[Point]bool{
			{20, 20}: true, {10, 10}: true, {9, 30}: true, {5, 20}: false, {20, 9}: false, {31, 20}: false, {20, 41}: false,
		} {
			assert.Equal(t, want, IsCovered(p, [][4]Point{{{50, 50}, {60, 50}, {60, 60}, {50, 60}}, q}), "%v, corners %s", p,
				name)
		}
	}
	assert.False(t, IsCovered(Point{20, 20}, nil), "there is none")
	assert.InDelta(t, 5, Distance(Point{1, 2}, Point{4, 6}), 0, "by Pythagoras")
}
