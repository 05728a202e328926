// Package degrade makes a drawn symbol look as a camera sees it: in perspective, bent, blurred, dim, noisy, with glare,
// cracks and the moiré of a screen. The same seed makes the same picture. Tests alone use it.
package degrade

import (
	"bytes"
	"image"
	"image/jpeg"
	"math"
	"math/rand/v2"

	"github.com/offlane/offlane/barcode/internal/pix"
)

// A Camera says what happens to a picture. The zero value shows it as it is, in the middle of a frame.
type Camera struct {
	// Width and Height are those of the frame in pixels; zero: 640 by 480.
	Width, Height int
	// Size is the longer side of the picture in the frame in pixels; zero: 300.
	Size float64
	// Turn is in degrees, clockwise.
	Turn float64
	// Tilt moves the upper corners towards each other by this share of the width.
	Tilt float64
	// Bend lifts the middle by this share of the height, as a receipt does.
	Bend float64
	// Curl is how many degrees of an upright cylinder the picture takes, as on a cup; below 180.
	Curl float64
	// Screen is how many pixels across a screen has that shows the picture; zero: it is paper.
	Screen int
	// Blur is the standard deviation of a Gaussian in pixels, Motion the length of a smear from left to right.
	Blur, Motion float64
	// Black and White are the luma of dark and light; both zero: 30 and 220.
	Black, White float64
	// Noise is the standard deviation of the luma.
	Noise float64
	// Glare is how much light a spot adds, Shade how much of it the lower right lacks, 0 to 1.
	Glare, Shade float64
	// Moire is the amplitude of a fine pattern of stripes in luma.
	Moire float64
	// Cracks is how many light lines cross the picture.
	Cracks int
	// JPEG is the quality, 1 to 100; zero: not compressed.
	JPEG int
	// Inverted swaps dark and light.
	Inverted bool
	// Seed fixes noise, cracks and the place of the glare.
	Seed uint64
}

// See takes a frame of a picture.
func (c Camera) See(img image.Image) *image.Gray {
	c.fill()
	random := rand.New(rand.NewPCG(c.Seed, 1))
	light := c.project(pix.FromImage(img))
	c.crack(light, random)
	light = smear(light, c.Width, c.Motion)
	light = blur(light, c.Width, c.Blur)
	return c.compress(c.expose(light, random))
}

func (c *Camera) fill() {
	if c.Width == 0 {
		c.Width, c.Height = 640, 480
	}
	if c.Size == 0 {
		c.Size = 300
	}
	if c.Black == 0 && c.White == 0 {
		c.Black, c.White = 30, 220
	}
}

// project returns how light each pixel of the frame is, 0 to 1, the mean of nine places in it.
func (c *Camera) project(g *pix.Gray) []float64 {
	h := c.perspective(g)
	w, high := float64(g.W), float64(g.H)
	var shares [256]float64 // of a ninth, by luma
	for luma := range shares {
		shares[luma] = float64(luma) / 255 / 9
	}
	light := make([]float64, c.Width*c.Height)
	for i := range light {
		x, y := float64(i%c.Width), float64(i/c.Width)
		for k := range 9 {
			p := h.Map(x+(float64(k%3)+0.5)/3, y+(float64(k/3)+0.5)/3)
			u := curl(p.X/w, c.Curl)
			p.X = u * w
			p.Y += c.Bend * high * (1 - (2*u-1)*(2*u-1))
			luma := byte(255)
			if p.X >= 0 && p.Y >= 0 && p.X < w && p.Y < high {
				luma = g.Pix[int(p.Y)*g.Stride+int(p.X)]
			}
			if c.Screen == 0 {
				light[i] += shares[luma]
			} else {
				light[i] += float64(luma) / 255 * glass(u, p.Y/high, c.Screen) / 9
			}
		}
		if c.Inverted {
			light[i] = 1 - light[i]
		}
	}
	return light
}

// perspective maps the frame onto the picture.
func (c *Camera) perspective(g *pix.Gray) pix.Homography {
	w, h := float64(g.W), float64(g.H)
	k := c.Size / max(w, h)
	sin, cos := math.Sincos(c.Turn * math.Pi / 180)
	var frame []pix.Point
	for _, p := range [4][2]float64{{-0.5 + c.Tilt, -0.5}, {0.5 - c.Tilt, -0.5 + c.Tilt/2}, {0.5, 0.5}, {-0.5, 0.5}} {
		x, y := p[0]*w*k, p[1]*h*k
		frame = append(frame, pix.Point{
			X: float64(c.Width)/2 + x*cos - y*sin, Y: float64(c.Height)/2 + x*sin + y*cos,
		})
	}
	m, _ := pix.Fit(frame, []pix.Point{{}, {X: w}, {X: w, Y: h}, {Y: h}})
	return m
}

func (c *Camera) crack(light []float64, random *rand.Rand) {
	for range c.Cracks {
		x, y := random.Float64()*float64(c.Width), 0.0
		dx := random.Float64()*2 - 1
		for ; y < float64(c.Height); y++ {
			x += dx + random.Float64() - 0.5
			for k := range 2 {
				if i := int(x) + k; i >= 0 && i < c.Width {
					light[int(y)*c.Width+i] = 0.8
				}
			}
		}
	}
}

func smear(light []float64, width int, length float64) []float64 {
	n := int(length)
	if n < 2 {
		return light
	}
	out := make([]float64, len(light))
	for i := range light {
		row := i / width * width
		for k := range n {
			out[i] += light[min(row+width-1, max(row, i+k-n/2))] / float64(n)
		}
	}
	return out
}

// blur is a Gaussian, first along the rows, then along the columns.
func blur(light []float64, width int, sigma float64) []float64 {
	if sigma <= 0 {
		return light
	}
	reach := int(3*sigma) + 1
	kernel := make([]float64, 2*reach+1)
	sum := 0.0
	for k := range kernel {
		d := float64(k-reach) / sigma
		kernel[k] = math.Exp(-d * d / 2)
		sum += kernel[k]
	}
	height := len(light) / width
	for _, along := range [2][2]int{{1, 0}, {0, 1}} {
		out := make([]float64, len(light))
		for i := range light {
			x, y := i%width, i/width
			for k, f := range kernel {
				sx := min(width-1, max(0, x+(k-reach)*along[0]))
				sy := min(height-1, max(0, y+(k-reach)*along[1]))
				out[i] += light[sy*width+sx] * f / sum
			}
		}
		light = out
	}
	return light
}

// expose makes luma of light.
func (c *Camera) expose(light []float64, random *rand.Rand) *image.Gray {
	img := image.NewGray(image.Rect(0, 0, c.Width, c.Height))
	gx, gy := (0.3+0.4*random.Float64())*float64(c.Width), (0.3+0.4*random.Float64())*float64(c.Height)
	radius := float64(c.Width) / 10
	for i, l := range light {
		x, y := float64(i%c.Width), float64(i/c.Width)
		luma := c.Black + l*(c.White-c.Black)
		luma *= 1 - c.Shade*(x/float64(c.Width)+y/float64(c.Height))/2
		if c.Moire != 0 {
			luma += c.Moire * math.Sin(x*2.1+y*0.7) * math.Sin(y*1.9)
		}
		if c.Glare != 0 {
			d2 := ((x-gx)*(x-gx) + (y-gy)*(y-gy)) / (radius * radius)
			luma += c.Glare * math.Exp(-d2) * 255
		}
		if c.Noise != 0 {
			luma += c.Noise * random.NormFloat64()
		}
		img.Pix[i] = byte(max(0, min(255, luma)))
	}
	return img
}

func (c *Camera) compress(img *image.Gray) *image.Gray {
	if c.JPEG == 0 {
		return img
	}
	var file bytes.Buffer
	if jpeg.Encode(&file, img, &jpeg.Options{Quality: c.JPEG}) != nil {
		return img
	}
	again, err := jpeg.Decode(&file)
	if err != nil {
		return img
	}
	g, ok := again.(*image.Gray)
	if !ok {
		return img
	}
	return g
}
