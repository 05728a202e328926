package qr

import (
	"image"
	"testing"

	"github.com/offlane/offlane/barcode/internal/pix"
	"github.com/offlane/offlane/barcode/internal/qrtest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	drawnModule = 8 // pixels
	drawnQuiet  = 2 * drawnModule
)

// drawnM1 is an M1 of the text 25663, black on white.
func drawnM1(t *testing.T) *pix.Gray {
	t.Helper()
	img, err := qrtest.Micro("M1", 0, qrtest.Bits{}.Add(5, 3).Add(256, 10).Add(63, 7))
	require.NoError(t, err)
	return pix.FromImage(img)
}

// gray puts a luma into a module.
func gray(g *pix.Gray, x, y int, luma byte) {
	for i := range drawnModule * drawnModule {
		g.Pix[(drawnQuiet+y*drawnModule+i/drawnModule)*g.Stride+drawnQuiet+x*drawnModule+i%drawnModule] = luma
	}
}

func TestAnM1IsReadOnlyWhereEachModuleIsClear(t *testing.T) {
	effort := all()
	effort.QR, effort.Micro = false, true
	for y := range smallestMicro {
		for x := range smallestMicro {
			if x <= 8 && y <= 8 && min(x, y) > 0 {
				continue // the finder pattern and the format information
			}
			g := drawnM1(t)
			luma := [2]byte{85, 112} // of 255, the middle is at 128
			if g.Pix[(drawnQuiet+y*drawnModule)*g.Stride+drawnQuiet+x*drawnModule] > 128 {
				luma = [2]byte{170, 143}
			}
			gray(g, x, y, luma[0])
			assert.Equal(t, []string{"25663"}, read(g, effort), "module %d, %d of luma %d", x, y, luma[0])
			gray(g, x, y, luma[1])
			assert.Empty(t, read(g, effort), "module %d, %d of luma %d is in doubt", x, y, luma[1])
		}
	}
}

func TestAnM1IsReadOnlyWithItsQuietZone(t *testing.T) {
	effort := all()
	effort.QR, effort.Micro = false, true
	for _, c := range []struct {
		quiet int // pixels
		want  []string
	}{{drawnModule, []string{"25663"}}, {2, nil}} {
		g := drawnM1(t)
		off := drawnQuiet - c.quiet
		g.Pix = g.Pix[off*g.Stride+off:]
		g.W, g.H = g.W-2*off, g.H-2*off
		assert.Equal(t, c.want, read(g, effort), "of the quiet zone are left %d pixels", c.quiet)
		for i := range g.Pix {
			g.Pix[i] = 255 - g.Pix[i]
		}
		assert.Equal(t, c.want, read(g, effort), "light on dark, of the quiet zone are left %d pixels", c.quiet)
	}
}

func TestLumaIsOfThePicture(t *testing.T) {
	r := Reader{gray: drawnM1(t)}
	corners := [4]pix.Point{{X: 16, Y: 16}, {X: 104, Y: 16}, {X: 104, Y: 104}, {X: 16, Y: 104}}
	g := grid{h: pix.Square(smallestMicro, &corners), size: smallestMicro}
	for _, c := range []struct {
		at   image.Point
		want float64
		ok   bool
	}{{image.Pt(0, 0), 0, true}, {image.Pt(1, 1), 255, true}, {image.Pt(-2, 0), 255, true}, {image.Pt(-3, 0), 0, false},
		{image.Pt(0, 12), 255, true}, {image.Pt(0, 13), 0, false}} {
		v, ok := r.luma(&g, float64(c.at.X)+0.5, float64(c.at.Y)+0.5)
		assert.Equal(t, c.ok, ok, "module %v is within the picture", c.at)
		assert.InDelta(t, c.want, v, 0.5, "the luma of module %v", c.at)
	}
}
