package pix

import (
	"image"
	"image/color"
	"image/draw"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// chequered draws squares of five pixels in two colours, with a little noise.
func chequered(img draw.Image, a, b color.NRGBA) {
	random := rand.New(rand.NewPCG(1, 2))
	bounds := img.Bounds()
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			c := a
			if (x/5+y/5)%2 == 0 {
				c = b
			}
			c.R, c.G, c.B = c.R+byte(random.IntN(6)), c.G+byte(random.IntN(6)), c.B+byte(random.IntN(6))
			img.Set(x, y, c)
		}
	}
}

func TestTheChannelThatTellsMoreThanLuma(t *testing.T) {
	const none = -1
	for name, c := range map[string]struct {
		a, b color.NRGBA
		want int
	}{
		"red on brown":    {color.NRGBA{230, 40, 45, 255}, color.NRGBA{90, 40, 45, 255}, 0},
		"green on red":    {color.NRGBA{20, 100, 30, 255}, color.NRGBA{190, 15, 25, 255}, 0},
		"blue on violet":  {color.NRGBA{60, 30, 240, 255}, color.NRGBA{60, 30, 90, 255}, 2},
		"black on white":  {color.NRGBA{10, 10, 10, 255}, color.NRGBA{240, 240, 240, 255}, none},
		"black on yellow": {color.NRGBA{10, 10, 10, 255}, color.NRGBA{240, 220, 20, 255}, none},
		"gray":            {color.NRGBA{100, 100, 100, 255}, color.NRGBA{120, 120, 120, 255}, none},
		"one brown":       {color.NRGBA{90, 40, 45, 255}, color.NRGBA{90, 40, 45, 255}, none},
	} {
		bounds := image.Rect(3, 5, 103, 95)
		for kind, img := range map[string]draw.Image{"NRGBA": image.NewNRGBA(bounds), "RGBA": image.NewRGBA(bounds)} {
			chequered(img, c.a, c.b)
			g := Channel(img)
			if c.want == none {
				assert.Nil(t, g, "%s, %s: luma tells all", name, kind)
				continue
			}
			require.NotNil(t, g, "%s, %s", name, kind)
			want := color.NRGBAModel.Convert(img.At(7, 6)).(color.NRGBA)
			assert.Equal(t, [3]byte{want.R, want.G, want.B}[c.want], g.Row(1)[4], "%s, %s: the channel's pixel", name, kind)
		}
	}
	assert.Nil(t, Channel(image.NewGray(image.Rect(0, 0, 50, 50))), "a gray picture has no channels")
	assert.Nil(t, Channel(image.NewNRGBA(image.Rectangle{})), "an empty picture has none")
}
