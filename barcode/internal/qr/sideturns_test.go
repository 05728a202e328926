package qr

import (
	"math"
	"testing"

	"github.com/offlane/offlane/barcode/internal/pix"
	"github.com/stretchr/testify/assert"
)

// squareRim is a finder pattern of modules of one pixel, in the frame of the picture, whose rim has four points on each
// side of a square that reaches so far, the outermost so far from the diagonal.
func squareRim(reach, fromDiagonal float64) *finder {
	f := &finder{module: 1, rim: &rim{looked: true}}
	for _, along := range [4]float64{-1, 0, 1, reach - fromDiagonal} {
		for _, p := range [4]pix.Point{
			{X: along, Y: -reach}, {X: reach, Y: along}, {X: -along, Y: reach}, {X: -reach, Y: -along},
		} {
			f.rim.points[f.rim.n] = p
			f.rim.n++
		}
	}
	return f
}

func TestWhereCornersTurn(t *testing.T) {
	fr := frame{u: pix.Point{X: 1}, v: pix.Point{Y: 1}}
	for from, want := range map[float64]bool{0.22: true, 0.18: false} {
		_, ok := squareRim(3.5, from).corners(nil, fr)
		assert.Equal(t, want, ok, "sides of four points, one of which is %v modules from a diagonal", from)
	}
	for reach, want := range map[float64]bool{6.3: true, 6.5: false} {
		c, ok := squareRim(reach, 1).corners(nil, fr)
		assert.Equal(t, want, ok, "corners %.1f modules from the middle", reach*math.Sqrt2)
		if ok {
			assert.InDelta(t, -reach, c[0].X, 1e-9, "the upper left corner")
		}
	}
}

func TestWhereASideLosesAPoint(t *testing.T) {
	at := func(x, y float64) pix.Point { return pix.Point{X: x, Y: y} }
	for off, kept := range map[float64]bool{0.34: true, 0.41: false} {
		var p []pix.Point
		for x := range 20 {
			p = append(p, at(float64(x), 0))
		}
		l, _ := fitLine(append(p, at(9.5, off)))
		assert.Equal(t, kept, math.Abs(l.c) > 1e-6, "a point that is %v pixels off a straight side is kept", off)
	}
	l, _ := fitLine([]pix.Point{at(0, 0), at(10, 0), at(20, 0), at(10, 5)})
	assert.InDelta(t, 1.25, math.Abs(l.c), 1e-6, "of four points none is left out, as three are too few")
	l, _ = fitLine([]pix.Point{at(0, 0), at(10, 0), at(20, 0), at(10, 0), at(10, 5)})
	assert.InDelta(t, 0, l.c, 1e-6, "of five points one is left out")
}

func TestGuessesOfACouple(t *testing.T) {
	for _, c := range []struct {
		degrees float64
		want    int
	}{{0, 4}, {45, 2}} {
		sin, cos := math.Sincos(c.degrees * math.Pi / 180)
		var r Reader
		all := []finder{*alone(0, 0, rays), *alone(40*cos, 40*sin, rays)}
		assert.Len(t, r.pairs(nil, all, 10), c.want, "guesses which finder patterns they are, at %v degrees", c.degrees)
	}
}

// aligned is a plane of modules of eight pixels with alignment patterns whose middles lie so many modules beside its
// own, and the first so many of 25 modules of which are wrong.
func aligned(wrong int, beside ...float64) (*pix.Binary, *grid) {
	const module, middle = 8, 200
	g := pix.NewGray(2*middle, 2*middle)
	for i := range g.Pix {
		g.Pix[i] = 255
	}
	for _, by := range beside {
		for i := range 25 * module * module {
			x, y := i%(5*module), i/(5*module)
			u, v := x/module, y/module
			isDark := max(abs(u-2), abs(v-2)) != 1
			if u+5*v < wrong {
				isDark = !isDark
			}
			if isDark {
				g.Row(middle + y - 5*module/2)[middle+x-5*module/2+int(by*module)] = 0
			}
		}
	}
	return binary(g), &grid{h: pix.Homography{module, 0, middle, 0, module, middle, 0, 0, 1}, size: 25}
}

func TestWhereAnAlignmentPatternTurns(t *testing.T) {
	for wrong, want := range map[int]bool{0: true, 2: true, 3: false} {
		b, g := aligned(wrong, 0)
		_, ok := g.locate(b, 0, 0, pix.Point{}, 2)
		assert.Equal(t, want, ok, "%d of 25 modules are wrong", wrong)
	}
	for beside, want := range map[float64]bool{5.25: false, 6: true} {
		b, g := aligned(0, 0, beside)
		_, ok := g.locate(b, 0, 0, pix.Point{}, 5)
		assert.Equal(t, want, ok, "another pattern stands %v modules beside one, of what reaches five", beside)
	}
}

// The luma of a module is taken 0.15 of its side beside its middle as well.
func TestHowFarBesideItsMiddleAModuleIsLookedAt(t *testing.T) {
	for half, want := range map[int]float64{27: 204, 33: 0} {
		p := pix.NewGray(600, 600)
		for i := range p.Pix {
			x, y := i%p.W-200, i/p.W-200
			switch {
			case x >= 100 || y >= 100:
				p.Pix[i] = 100
			case min(x, y) < -half || max(x, y) >= half:
				p.Pix[i] = 255
			}
		}
		g := &grid{h: pix.Homography{200, 0, 100, 0, 200, 100, 0, 0, 1}, size: 2}
		r := Reader{gray: p}
		luma, ok := r.luma(g, 0.5, 0.5)
		assert.True(t, ok, "the module is in the picture")
		assert.InDelta(t, want, luma, 1, "the luma of a module of 200 pixels with a dark square of %d", 2*half)
		r.takeShades(g, false)
		r.classify(0)
		assert.Equal(t, want < 100, r.modules.dark[0], "it is darker than a gray one beside it")
	}
}
