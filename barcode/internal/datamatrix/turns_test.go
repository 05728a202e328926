package datamatrix

import (
	"image"
	"math"
	"testing"

	"github.com/offlane/offlane/barcode/internal/modules"
	"github.com/offlane/offlane/barcode/internal/pix"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestWhereABrokenSideTurns(t *testing.T) {
	for name, c := range map[string]struct {
		last        int     // pixels by which a side of 50 goes on
		from, until int     // the columns of its pixels
		corner      float64 // the column of its outline
		want        bool
	}{
		"by six pixels":  {6, 10, 13, 10, true},
		"by four pixels": {4, 10, 13, 10, false},
		"two pixels wide, from a third of one on": {30, 10, 12, 10.3, true},
		"a pixel off, from six tenths of one on":  {30, 12, 15, 10.6, true},
		"a pixel off, from four tenths of one on": {30, 12, 15, 10.4, false},
	} {
		g := light(300, 500)
		fill(g, image.Rect(c.from, 420-c.last, c.until, 470), 40)
		e := ell{corner: pix.Point{X: c.corner, Y: 470}, up: pix.Point{X: c.corner, Y: 420}, right: pix.Point{X: 210, Y: 470}}
		got := 420 - seenIn(g).farther(&e, e.up, e.right).Y
		assert.Equal(t, c.want, got > 0, "%s: it goes on by %v", name, got)
	}
}

func TestWhereSolidSidesTurn(t *testing.T) {
	for name, c := range map[string]struct {
		length, other, apart float64
		want                 bool
	}{
		"one of 41 thousandths of the other": {1000, 41, 0, true},
		"one of 39 thousandths of the other": {1000, 39, 0, false},
		"an end 19 pixels from their corner": {100, 100, 19, true},
		"an end 21 pixels from their corner": {100, 100, 21, false},
	} {
		corner := pix.Point{X: 500, Y: 500}
		a := &side{from: pix.Point{X: 500 + c.length, Y: 500}, to: pix.Point{X: 500 + c.apart, Y: 500}}
		b := &side{from: corner, to: pix.Point{X: 500, Y: 500 - c.other}}
		if c.apart > 0 { // they are as long as each other, and so without what is missing between them
			a.from.X += c.apart
		}
		_, ok := meet(a, b)
		assert.Equal(t, c.want, ok, name)
	}
}

// The marks that a grid of the largest symbol is moved by are as many as there may be, but for the last that stand
// between two.
func TestAGridOfManyModulesIsMovedByFew(t *testing.T) {
	z := sizeOf(t, 144, 144)
	f := fit{size: z, solid: z.Solid()}
	few := f.thin(z.Marks(false))
	for name, marks := range map[string][]modules.Mark{"solid": few.solid, "alternating": few.alternating} {
		assert.Greater(t, len(marks), 32, "%s marks", name)
		assert.LessOrEqual(t, len(marks), 40, "%s marks", name)
	}
}

// sidesOf are those of the outline of the one dark area of a plane.
func sidesOf(g *pix.Gray) (sides []side) {
	var o outliner
	o.follow(seenIn(g).binary, 1, nil, func(all []side) { sides = append(sides, all...) })
	return sides
}

// What is shorter than a gap is no side: of a low area, of a corner that is cut off, of a step in a side.
func TestWhatIsShortIsNoSide(t *testing.T) {
	for high, want := range map[int]int{3: 2, 5: 2, 6: 4, 14: 4} {
		g := light(120, 60)
		fill(g, image.Rect(20, 20, 80, 20+high), 40)
		assert.Len(t, sidesOf(g), want, "sides of an area of 60 by %d pixels", high)
	}
	for cut, want := range map[int][2]int{0: {4, 4}, 4: {4, 4}, 5: {4, 4}, 6: {5, 5}, 7: {5, 5}, 8: {5, 5}, 14: {5, 5}} {
		g := light(120, 120)
		fill(g, image.Rect(20, 20, 80, 80), 40)
		for y := range cut {
			fill(g, image.Rect(20, 20+y, 20+cut-y, 21+y), 200)
		}
		pairs, all := 0, sidesOf(g)
		ells(all, func(ell) { pairs++ })
		assert.Equal(t, want, [2]int{len(all), pairs}, "sides and their pairs, %d pixels of a corner are cut off", cut)
	}
	for step, want := range map[int]int{0: 4, 1: 4, 2: 5, 3: 5, 5: 5, 6: 6, 8: 6} {
		g := light(120, 120)
		fill(g, image.Rect(20, 20, 80, 80), 40)
		fill(g, image.Rect(40, 20-step, 80, 20), 40)
		assert.Len(t, sidesOf(g), want, "sides of a square, one of which has a step of %d pixels", step)
	}
}

// The sides of a tilted square of 80 pixels are as long, but for the pixels that its corners are.
func TestSidesOfATiltedSquare(t *testing.T) {
	for degrees, want := range map[float64]float64{
		7: 1.744, 14: 0.802, 21: 1.797, 35: 3.112, 42: 2.112, 63: 1.975,
	} {
		g := light(160, 160)
		sin, cos := math.Sincos(degrees * math.Pi / 180)
		for i := range g.Pix {
			x, y := float64(i%g.W)+0.5-80, float64(i/g.W)+0.5-80
			if max(math.Abs(x*cos+y*sin), math.Abs(y*cos-x*sin)) < 40 {
				g.Pix[i] = 40
			}
		}
		off, all := 0.0, sidesOf(g)
		assert.Len(t, all, 4, "sides of a square at %v degrees", degrees)
		for i := range all {
			off += math.Abs(all[i].length() - 80)
		}
		assert.InDelta(t, want, off, 0.05, "by how much they differ from 80 pixels together, at %v degrees", degrees)
	}
}

// A grid that fits stays where it is if seven tenths of the correction are left.
func TestAGridIsMovedWhereManyCodewordsWereWrong(t *testing.T) {
	for wrong, want := range map[int]bool{2: false, 3: true} {
		f, x, r := withWrong(t, 0, wrong)
		f.right = 1
		_, ok := r.readFit(x, f, false, modules.Effort{})
		require.True(t, ok, "the symbol is read")
		assert.Equal(t, want, r.Work() > 4*f.size.Columns*f.size.Rows, "%d codewords were wrong: it is moved", wrong)
	}
}
