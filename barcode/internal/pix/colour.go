package pix

import (
	"image"
	"image/color"
)

// colours returns the red, green and blue of a pixel over white.
type colours func(x, y int) [3]byte

// coloursOf returns nil for a picture without colours.
func coloursOf(img image.Image) colours {
	switch m := img.(type) {
	case *image.Gray, *image.Gray16:
		return nil
	case *image.YCbCr:
		return func(x, y int) [3]byte {
			c := m.COffset(x, y)
			r, g, b := color.YCbCrToRGB(m.Y[m.YOffset(x, y)], m.Cb[c], m.Cr[c])
			return [3]byte{r, g, b}
		}
	case *image.NRGBA:
		return func(x, y int) [3]byte {
			p := m.Pix[m.PixOffset(x, y):]
			a := uint32(p[3])
			over := func(v byte) byte { return byte((uint32(v)*a + 255*(255-a)) / 255) }
			return [3]byte{over(p[0]), over(p[1]), over(p[2])}
		}
	}
	return func(x, y int) [3]byte {
		r, g, b, a := img.At(x, y).RGBA()
		over := func(v uint32) byte { return byte((v + 0xffff - a) >> 8) }
		return [3]byte{over(r), over(g), over(b)}
	}
}

const (
	// patch is the side of the squares whose colours are compared, in places that are looked at.
	patch = 8
	// vivid is how much more a channel must differ within a patch than luma does for the channel to show more: noise
	// and compression make 20 of it.
	vivid = 50
	// faint is the greatest difference of luma within a patch in which a symbol may be missed.
	faint = 90
	// leastPatches is how many patches must be such for a symbol to be there.
	leastPatches = 12
	// places is how many places there are along the longer side, at most.
	places = 512
)

// Channel returns the plane of the channel in which there is much to see that luma does not show: red on brown, or
// green on red. It is nil where luma shows all.
func Channel(img image.Image) *Gray {
	at, b := coloursOf(img), img.Bounds()
	if at == nil || b.Empty() {
		return nil
	}
	counts := [3]int{}
	step := max(1, (max(b.Dx(), b.Dy())+places-1)/places)
	for y := b.Min.Y; y+patch*step <= b.Max.Y; y += patch * step {
		for x := b.Min.X; x+patch*step <= b.Max.X; x += patch * step {
			if k, ok := at.vivid(x, y, step); ok {
				counts[k]++
			}
		}
	}
	best := 0
	for k, n := range counts {
		if n > counts[best] {
			best = k
		}
	}
	if counts[best] < leastPatches {
		return nil
	}
	return at.plane(b, best)
}

// vivid returns the channel that differs most within a patch, if it tells more than luma.
func (at colours) vivid(x0, y0, step int) (channel int, ok bool) {
	low, high := [4]byte{255, 255, 255, 255}, [4]byte{}
	for i := range patch * patch {
		c := at(x0+i%patch*step, y0+i/patch*step)
		for k, v := range [4]byte{c[0], c[1], c[2], weigh(uint32(c[0]), uint32(c[1]), uint32(c[2]))} {
			low[k], high[k] = min(low[k], v), max(high[k], v)
		}
	}
	most, luma := 0, int(high[3]-low[3])
	for k := range 3 {
		if d := int(high[k] - low[k]); d > most {
			most, channel = d, k
		}
	}
	return channel, luma <= faint && most > luma+vivid
}

func (at colours) plane(b image.Rectangle, channel int) *Gray {
	g := NewGray(b.Dx(), b.Dy())
	for y := range g.H {
		row := g.Row(y)
		for x := range row {
			row[x] = at(b.Min.X+x, b.Min.Y+y)[channel]
		}
	}
	return g
}
