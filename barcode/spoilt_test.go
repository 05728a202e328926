package barcode

import (
	"bytes"
	"image"
	"image/jpeg"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/offlane/offlane/barcode/internal/pix"
)

// TestASpoiltSymbolIsReadRightOrNotAtAll spoils symbols as pens, light, lenses, printers and the handling of paper do:
// each is read as what it says or not at all. Some are turned by any angle.
func TestASpoiltSymbolIsReadRightOrNotAtAll(t *testing.T) {
	t.Parallel()
	readRightOrNot(t, "spoilt", 77, func(img *image.Gray, r *rand.Rand) (string, *pix.Gray) {
		if r.IntN(3) > 0 {
			img = onPaper(img, 30)
		}
		how := ""
		for range 1 + r.IntN(5)/4 {
			d := spoilings[r.IntN(len(spoilings))]
			how, img = how+d.name+" ", d.do(img, r)
		}
		if r.IntN(3) == 0 {
			how, img = how+"turned", turnedAnyhow(img, r)
		}
		return how, photographed(img, r)
	})
}

var spoilings = []damage{
	{"scribbled on", scribble},
	{"dirty", dirt},
	{"torn", torn},
	{"behind an edge", behindAnEdge},
	{"with streaks", func(img *image.Gray, r *rand.Rand) *image.Gray { return streaks(img, r, false) }},
	{"with streaks across", func(img *image.Gray, r *rand.Rand) *image.Gray { return streaks(img, r, true) }},
	{"under glare", glare},
	{"under shadows", shadows},
	{"moved", moved},
	{"out of focus on one side", outOfFocus},
	{"sampled coarsely", coarse},
	{"compressed", compressed},
	{"crumpled", crumpled},
	{"with running ink", ink},
}

// eachPixel makes a picture of what a function says of each place and its luma.
func eachPixel(img *image.Gray, luma func(x, y, was float64) float64) *image.Gray {
	out := image.NewGray(img.Rect)
	for i, was := range img.Pix {
		out.Pix[i] = byte(max(0, min(255, luma(float64(i%img.Stride), float64(i/img.Stride), float64(was)))))
	}
	return out
}

// lumaAt is the luma between pixels; beside the picture it is white.
func lumaAt(img *image.Gray, x, y float64) float64 {
	x0, y0 := math.Floor(x), math.Floor(y)
	at := func(x, y float64) float64 {
		p := image.Pt(int(x), int(y))
		if !p.In(img.Rect) {
			return 255
		}
		return float64(img.GrayAt(p.X, p.Y).Y)
	}
	u, v := x-x0, y-y0
	return (1-v)*((1-u)*at(x0, y0)+u*at(x0+1, y0)) + v*((1-u)*at(x0, y0+1)+u*at(x0+1, y0+1))
}

// dot draws a round dot.
func dot(img *image.Gray, x, y, radius float64, luma byte) {
	for py := max(0, int(y-radius)); py <= min(img.Rect.Dy()-1, int(y+radius)); py++ {
		for px := max(0, int(x-radius)); px <= min(img.Rect.Dx()-1, int(x+radius)); px++ {
			if math.Hypot(float64(px)-x, float64(py)-y) <= radius {
				img.Pix[py*img.Stride+px] = luma
			}
		}
	}
}

func scribble(img *image.Gray, r *rand.Rand) *image.Gray {
	out := eachPixel(img, func(_, _, was float64) float64 { return was })
	for range 1 + r.IntN(6) {
		x, y, course := r.Float64()*float64(img.Rect.Dx()), r.Float64()*float64(img.Rect.Dy()), 2*math.Pi*r.Float64()
		radius, luma, turn := 1+7*r.Float64()*r.Float64(), []byte{0, 90, 255}[r.IntN(3)], 0.0
		for range 40 + r.IntN(400) {
			turn = 0.98 * (turn + 0.01*r.NormFloat64())
			course += turn
			x, y = x+2*math.Cos(course), y+2*math.Sin(course)
			dot(out, x, y, radius, luma)
		}
	}
	return out
}

func dirt(img *image.Gray, r *rand.Rand) *image.Gray {
	out := eachPixel(img, func(_, _, was float64) float64 { return was })
	for range 5 + r.IntN(120) {
		dot(out, r.Float64()*float64(img.Rect.Dx()), r.Float64()*float64(img.Rect.Dy()), 1+9*r.Float64()*r.Float64(),
			byte(255*r.IntN(2)))
	}
	return out
}

// torn takes one end away, along a ragged edge.
func torn(img *image.Gray, r *rand.Rand) *image.Gray {
	behind, ragged, right := 255*r.Float64(), 3+20*r.Float64(), r.IntN(2) == 0
	from, wave := 0.25*r.Float64()*float64(img.Rect.Dx()), 0.0
	edge := make([]float64, img.Rect.Dy())
	for i := range edge {
		wave = 0.9*wave + 0.3*ragged*r.NormFloat64()
		edge[i] = from + wave
	}
	return eachPixel(img, func(x, y, was float64) float64 {
		if right {
			x = float64(img.Rect.Dx()) - x
		}
		if x < edge[int(y)] {
			return behind
		}
		return was
	})
}

// behindAnEdge covers all on one side of a line at any angle, plainly or with fabric.
func behindAnEdge(img *image.Gray, r *rand.Rand) *image.Gray {
	sin, cos := math.Sincos(2 * math.Pi * r.Float64())
	w, h := float64(img.Rect.Dx()), float64(img.Rect.Dy())
	edge := cos*w*(0.2+0.6*r.Float64()) + sin*h*(0.2+0.6*r.Float64())
	plain, weave, woven := 255*r.Float64(), fabric(r), r.IntN(2) == 0
	return eachPixel(img, func(x, y, was float64) float64 {
		switch {
		case x*cos+y*sin <= edge:
			return was
		case woven:
			return 255 * min(1, weave(x/2, y/2))
		}
		return plain
	})
}

// streaks draws thin dark and light lines along the bars, or across them.
func streaks(img *image.Gray, r *rand.Rand, across bool) *image.Gray {
	length := float64(img.Rect.Dx())
	if across {
		length = float64(img.Rect.Dy())
	}
	out := img
	for range 1 + r.IntN(8) {
		at, half, luma := r.Float64()*length, 1+6*r.Float64()*r.Float64(), float64(255*r.IntN(2))
		slope := 0.02 * r.NormFloat64()
		out = eachPixel(out, func(x, y, was float64) float64 {
			if across {
				x, y = y, x
			}
			if math.Abs(x-at-slope*y) < half {
				return luma
			}
			return was
		})
	}
	return out
}

func glare(img *image.Gray, r *rand.Rand) *image.Gray {
	w, h := float64(img.Rect.Dx()), float64(img.Rect.Dy())
	x0, y0, wide, high := r.Float64()*w, r.Float64()*h, (0.1+0.4*r.Float64())*w, (0.1+0.6*r.Float64())*h
	bright := 100 + 400*r.Float64()
	return eachPixel(img, func(x, y, was float64) float64 {
		u, v := (x-x0)/wide, (y-y0)/high
		return was + bright*math.Exp(-u*u-v*v)
	})
}

func shadows(img *image.Gray, r *rand.Rand) *image.Gray {
	out := img
	for range 1 + r.IntN(5) {
		sin, cos := math.Sincos(2 * math.Pi * r.Float64())
		at := cos*r.Float64()*float64(img.Rect.Dx()) + sin*r.Float64()*float64(img.Rect.Dy())
		half, depth := 4+60*r.Float64(), 0.15+0.5*r.Float64()
		out = eachPixel(out, func(x, y, was float64) float64 {
			return was * (1 - depth/(1+math.Pow((x*cos+y*sin-at)/half, 4)))
		})
	}
	return out
}

// moved is what a camera sees that moves meanwhile: along the bars, across them, or any way.
func moved(img *image.Gray, r *rand.Rand) *image.Gray {
	far := 2 + 12*r.Float64()
	sin, cos := math.Sincos(math.Pi * r.Float64())
	if r.IntN(2) == 0 {
		sin, cos = 0, 1
	}
	return eachPixel(img, func(x, y, _ float64) (sum float64) {
		for k := -4.0; k <= 4; k++ {
			sum += lumaAt(img, x+cos*far*k/8, y+sin*far*k/8) / 9
		}
		return sum
	})
}

func outOfFocus(img *image.Gray, r *rand.Rand) *image.Gray {
	most := 6 * r.Float64()
	return eachPixel(img, func(x, y, _ float64) float64 {
		return boxMean(img, x+0.5, y+0.5, 0.5+most*x/float64(img.Rect.Dx()))
	})
}

// coarse takes one pixel of several, as a cheap resampling does.
func coarse(img *image.Gray, r *rand.Rand) *image.Gray {
	step, dx, dy := 1.3+2.2*r.Float64(), r.Float64(), r.Float64()
	return eachPixel(img, func(x, y, _ float64) float64 {
		return lumaAt(img, math.Floor((math.Floor(x/step)+dx)*step), math.Floor((math.Floor(y/step)+dy)*step))
	})
}

// compressed makes a picture smaller and a JPEG of low quality.
func compressed(img *image.Gray, r *rand.Rand) *image.Gray {
	zoom := 1 + 2.2*r.Float64()
	wide, high := float64(img.Rect.Dx())/zoom, float64(img.Rect.Dy())/zoom
	small := image.NewGray(image.Rect(0, 0, max(1, int(wide)), max(1, int(high))))
	for i := range small.Pix {
		small.Pix[i] = byte(boxMean(img, (float64(i%small.Stride)+0.5)*zoom, (float64(i/small.Stride)+0.5)*zoom, zoom/2))
	}
	var file bytes.Buffer
	if err := jpeg.Encode(&file, small, &jpeg.Options{Quality: 3 + r.IntN(25)}); err != nil {
		panic(err) // a buffer takes all
	}
	got, err := jpeg.Decode(&file)
	if err != nil {
		panic(err)
	}
	read := planeImage(got)
	return eachPixel(img, func(x, y, _ float64) float64 { return lumaAt(read, x/zoom-0.5, y/zoom-0.5) })
}

func crumpled(img *image.Gray, r *rand.Rand) *image.Gray {
	var waves [3]struct{ length, phase, height, slant float64 }
	for i := range waves {
		w := &waves[i]
		w.length, w.phase, w.height, w.slant = 20+200*r.Float64(), 2*math.Pi*r.Float64(), 3*r.Float64(), r.NormFloat64()
	}
	return eachPixel(img, func(x, y, _ float64) float64 {
		from := x
		for _, w := range waves {
			from += w.height * math.Sin(2*math.Pi*(x+w.slant*y)/w.length+w.phase)
		}
		return lumaAt(img, from, y)
	})
}

// ink makes bars wider or narrower, and on one side more than on the other.
func ink(img *image.Gray, r *rand.Rand) *image.Gray {
	left, right := 2*r.NormFloat64(), 2*r.NormFloat64()
	return eachPixel(img, func(x, y, was float64) float64 {
		gain := left + (right-left)*x/float64(img.Rect.Dx())
		for dx := -math.Round(math.Abs(gain)); dx <= math.Abs(gain)+0.5; dx++ {
			if gain > 0 {
				was = min(was, lumaAt(img, x+dx, y))
			} else {
				was = max(was, lumaAt(img, x+dx, y))
			}
		}
		return was
	})
}

// turnedAnyhow turns a picture by any angle and tilts it a little.
func turnedAnyhow(img *image.Gray, r *rand.Rand) *image.Gray {
	w, h := float64(img.Rect.Dx()), float64(img.Rect.Dy())
	sin, cos := math.Sincos(2 * math.Pi * r.Float64())
	wide, high := math.Abs(w*cos)+math.Abs(h*sin)+20, math.Abs(w*sin)+math.Abs(h*cos)+20
	tiltX, tiltY := 0.24*r.NormFloat64()/w, 0.24*r.NormFloat64()/w
	return eachPixel(image.NewGray(image.Rect(0, 0, int(wide), int(high))), func(x, y, _ float64) float64 {
		x, y = x-wide/2, y-high/2
		away := 1 + tiltX*x + tiltY*y
		x, y = x/away, y/away
		return lumaAt(img, x*cos+y*sin+w/2, y*cos-x*sin+h/2)
	})
}
