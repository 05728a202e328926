package bars

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/offlane/offlane/barcode/internal/pix"
)

// upright are the corners of a symbol that stands straight.
func upright(left, top, right, bottom float64) [4]pix.Point {
	return [4]pix.Point{{X: left, Y: top}, {X: right, Y: top}, {X: right, Y: bottom}, {X: left, Y: bottom}}
}

func TestWhatStandsBesideASymbolIsLookedAtWhereItLooksLikeBars(t *testing.T) {
	for _, c := range []struct {
		name  string
		rows  int
		known [4]pix.Point
		rest  bool
	}{
		{"another symbol to the right", 96, upright(0, 0, 120, 96), true},
		{"another symbol below", 96, upright(0, 0, 240, 40), true},
		{"print to the right", 7, upright(0, 0, 120, 96), false},
		{"print below", 7, upright(0, 0, 240, 40), false},
		{"nothing", 96, upright(0, 0, 240, 96), false},
		{"less than a symbol takes", 96, upright(0, 0, 200, 96), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := columns(c.rows, 0)
			reg := Region{middle: pix.Point{X: 120, Y: 48}, cos: 1, from: -120, to: 120, top: -48, bottom: 48}
			assert.Equal(t, c.rest, new(Reader).Rest(g, &reg, [][4]pix.Point{c.known}), "looks like bars outside")
		})
	}
}

func TestARegionIsLookedAtAgainWhenAnotherSymbolIsRead(t *testing.T) {
	g, r := columns(96, 0), new(Reader)
	reg := Region{middle: pix.Point{X: 120, Y: 48}, cos: 1, from: -120, to: 120, top: -48, bottom: 48}
	known := [][4]pix.Point{upright(0, 0, 120, 96)}
	assert.True(t, r.Rest(g, &reg, known), "the right half looks like bars")
	assert.False(t, r.Rest(g, &reg, append(known, upright(120, 0, 240, 96))), "and is read as well")
}
