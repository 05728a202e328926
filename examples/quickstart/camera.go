package main

import (
	"image"
	"image/color"
	"image/draw"
	"math"
	"math/rand/v2"
)

// The size of a camera frame.
const frameWidth, frameHeight = 960, 720

// photograph makes of a picture what a camera sees of it on a phone that is held up: in perspective, out of focus,
// under uneven light, with noise. The seed fixes the noise.
func photograph(picture image.Image, seed uint64) *image.Gray {
	frame := blur(hold(picture))
	random := rand.New(rand.NewPCG(seed, seed))
	for i, v := range frame.Pix {
		x, y := float64(i%frameWidth)/frameWidth, float64(i/frameWidth)/frameHeight
		light := 0.45 + 0.5*x - 0.15*y // a lamp on the right
		frame.Pix[i] = clamp(float64(v)*light + 20 + random.NormFloat64()*7)
	}
	return frame
}

// hold draws the picture as a tilted quadrilateral before a gray background.
func hold(picture image.Image) *image.Gray {
	source := image.NewGray(picture.Bounds())
	draw.Draw(source, source.Bounds(), picture, picture.Bounds().Min, draw.Src)
	frame := image.NewGray(image.Rect(0, 0, frameWidth, frameHeight))
	w, h := float64(source.Rect.Dx()), float64(source.Rect.Dy())
	for y := range frameHeight {
		for x := range frameWidth {
			u, v := untilt(float64(x)/frameWidth-0.5, float64(y)/frameHeight-0.5)
			value := color.Gray{Y: 110}
			if u >= 0 && u < 1 && v >= 0 && v < 1 {
				value = source.GrayAt(source.Rect.Min.X+int(u*w), source.Rect.Min.Y+int(v*h))
			}
			frame.SetGray(x, y, value)
		}
	}
	return frame
}

// untilt maps a point of the frame to one of the picture: turned by twelve degrees, and the more to the right the
// farther away.
func untilt(x, y float64) (u, v float64) {
	const turn = 12 * math.Pi / 180
	x *= float64(frameWidth) / frameHeight
	x, y = x*math.Cos(turn)+y*math.Sin(turn), y*math.Cos(turn)-x*math.Sin(turn)
	depth := 1 / (1 - 0.25*x)
	const size = 0.85
	return x*depth/size + 0.5, y*depth/size + 0.5
}

// blur averages over three by three pixels twice, which is nearly a Gaussian.
func blur(picture *image.Gray) *image.Gray {
	for range 2 {
		blurred := image.NewGray(picture.Rect)
		for y := 1; y < frameHeight-1; y++ {
			for x := 1; x < frameWidth-1; x++ {
				sum := 0
				for dy := -1; dy <= 1; dy++ {
					for dx := -1; dx <= 1; dx++ {
						sum += int(picture.GrayAt(x+dx, y+dy).Y)
					}
				}
				blurred.SetGray(x, y, color.Gray{Y: uint8(sum / 9)})
			}
		}
		picture = blurred
	}
	return picture
}

func clamp(v float64) uint8 { return uint8(max(0, min(255, v))) }
