package aztec

import (
	"math"
	"strings"
	"testing"

	"github.com/offlane/offlane/barcode/internal/pix"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Of seven runs each has a 35th of the whole at least, and the middle one a fourteenth.
func TestWhereRunsTurn(t *testing.T) {
	for name, c := range map[string]struct {
		runs at70
		want bool
	}{
		"one of two pixels of 70": {at70{12, 2, 12, 11, 11, 11, 11}, true},
		"one of two pixels of 74": {at70{13, 2, 13, 12, 11, 12, 11}, false},
	} {
		assert.Equal(t, c.want, isEven(c.runs.edges(1)), name)
	}
	for name, c := range map[string]struct {
		runs at70
		want int
	}{
		"a middle of five pixels of 66": {at70{10, 9, 11, 5, 12, 9, 10}, 1},
		"a middle of four pixels of 66": {at70{10, 9, 12, 4, 12, 9, 10}, 0},
	} {
		var r Reader
		r.find(c.runs.picture(), 4)
		assert.Len(t, r.eyes, c.want, name)
	}
}

// The middle of the column of an eye lies in the middle of the row that it was seen in, but for a module.
func TestTheMiddleOfAColumnIsNearItsRow(t *testing.T) {
	b := at70{10, 10, 10, 10, 10, 10, 10}.picture()
	for whole, want := range map[int32]int{31: 0, 32: 1} {
		var r Reader
		r.see(b, []int32{39, 44, 48, 53, 57, 61, 66, 39 + whole}, 50, false)
		assert.Len(t, r.eyes, want, "a middle four and a half pixels below a row whose modules have %d sevenths", whole)
	}
}

// A ray is looked at in steps of half a pixel.
func TestARayGoesInHalvesOfAPixel(t *testing.T) {
	b := at70{10, 10, 10, 10, 10, 10, 10}.picture()
	for x, want := range map[float64]float64{55: 34.75, 55.3: 34.75, 55.6: 34.25} {
		k := eye{at: pix.Point{X: x, Y: 55}, module: 10}
		p, ok := k.ray(b, 0)
		require.True(t, ok, "the ray from %v crosses the rings", x)
		assert.InDelta(t, want, p.X-x, 1e-9, "how far the ray from %v goes: the rim is at 90", x)
	}
}

func TestWhereSidesAreParallel(t *testing.T) {
	for sine, want := range map[float64]bool{0.32: true, -0.32: true, 0.28: false, -0.28: false} {
		a := side{along: pix.Point{X: 1}}
		b := side{at: pix.Point{Y: 3}, along: pix.Point{X: math.Sqrt(1 - sine*sine), Y: sine}}
		_, ok := a.meet(&b)
		assert.Equal(t, want, ok, "the sine of the angle is %v", sine)
	}
}

// The header of a structured append has 64 bytes at most.
func TestAHeaderHasABound(t *testing.T) {
	for n, want := range map[int]bool{40: true, 64: true, 65: false, 70: false} {
		var c content
		ok := true
		for _, b := range []byte(" " + strings.Repeat("X", n-1)) {
			ok = ok && c.append(b) == nil
		}
		assert.Equal(t, want, ok, "a header of %d bytes that does not end", n)
	}
}
