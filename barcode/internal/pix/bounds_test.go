package pix

import (
	"image"
	"image/color"
	"testing"

	"github.com/stretchr/testify/assert"
)

// A block whose pixels differ by little has no level of its own: nothing in it is dark.
func TestABlockWithLittleContrastHasNoLevel(t *testing.T) {
	for luma, want := range map[byte]bool{130: false, 120: true} {
		g := NewGray(8, 8)
		for i := range g.Pix {
			g.Pix[i] = 150
			if i%8 < 4 {
				g.Pix[i] = luma
			}
		}
		var z Binarizer
		assert.Equal(t, want, z.Local(g).Dark(1, 1), "a pixel of luma %d beside some of 150 is dark", luma)
	}
}

// A block without contrast is as dark as those before it where its darkest pixel is darker than their level.
func TestABlockWithoutContrastInheritsALevel(t *testing.T) {
	z := Binarizer{mean: []uint8{100, 100, 100, 0}}
	for luma, want := range map[int32]int32{90: 100, 98: 100, 102: 51, 150: 75} {
		s := statistics{mean: luma, low: luma / 2, high: luma / 2}
		assert.Equal(t, want, z.flat(&s, 1, 1, 2), "the level of a block of luma %d beside levels of 100", luma)
		assert.Equal(t, luma/2, z.flat(&s, 0, 1, 2), "the level of the first block of a row, of luma %d", luma)
	}
}

// twoColours are those of a patch: b in one place, a in all others.
func twoColours(a, b [3]byte, x, y int) colours {
	return func(px, py int) [3]byte {
		if px == x && py == y {
			return b
		}
		return a
	}
}

func TestAPatchIsVividWhereAChannelTellsMoreThanLuma(t *testing.T) {
	for name, c := range map[string]struct {
		a, b [3]byte
		x, y int
		want bool
	}{
		"blue that differs by fifty":             {[3]byte{60, 60, 60}, [3]byte{60, 60, 110}, 3, 3, false},
		"blue that differs by seventy":           {[3]byte{60, 60, 60}, [3]byte{60, 60, 130}, 3, 3, true},
		"red, with a luma that differs by 80":    {[3]byte{0, 0, 0}, [3]byte{200, 34, 0}, 3, 3, true},
		"red, with a luma that differs by 110":   {[3]byte{0, 0, 0}, [3]byte{200, 85, 0}, 3, 3, false},
		"blue in the last place of the patch":    {[3]byte{60, 60, 60}, [3]byte{60, 60, 200}, 7, 7, true},
		"blue in the first place behind a patch": {[3]byte{60, 60, 60}, [3]byte{60, 60, 200}, 8, 0, false},
	} {
		_, ok := twoColours(c.a, c.b, c.x, c.y).vivid(0, 0, 1)
		assert.Equal(t, c.want, ok, name)
	}
}

func TestAChannelIsTakenForSomePatches(t *testing.T) {
	for patches, want := range map[int]bool{9: false, 15: true} {
		img := image.NewNRGBA(image.Rect(0, 0, 8*20, 8))
		for i := range 8 * 20 * 8 {
			x, y := i%(8*20), i/(8*20)
			c := color.NRGBA{R: 90, G: 40, B: 45, A: 255}
			if x/8 < patches && x%2 == 0 {
				c.R = 230
			}
			img.SetNRGBA(x, y, c)
		}
		assert.Equal(t, want, Channel(img) != nil, "%d patches of red on brown", patches)
	}
}

// A picture of 1,024 columns is looked at in every second one.
func TestAChannelIsChosenByPlacesApart(t *testing.T) {
	for column, want := range map[int]bool{1: false, 2: true} {
		img := image.NewNRGBA(image.Rect(0, 0, 1024, 64))
		for i := range 1024 * 64 {
			x, y := i%1024, i/1024
			c := color.NRGBA{R: 90, G: 40, B: 45, A: 255}
			if x%4 == column {
				c.R = 230
			}
			img.SetNRGBA(x, y, c)
		}
		assert.Equal(t, want, Channel(img) != nil, "red in column %d of every four", column)
	}
}

func TestAPivotTellsSomething(t *testing.T) {
	for rest, want := range map[float64]bool{0.7e-10: false, 1.5e-10: true, 0: false, 1: true} {
		_, ok := lower(&[3][3]float64{{1}, {0, 1}, {0, 0, rest}})
		assert.Equal(t, want, ok, "a rest of %v", rest)
	}
}
