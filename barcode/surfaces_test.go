package barcode

import (
	"image"
	"math"
	"math/rand/v2"
)

// fabric is a weave whose threads have two shades, in a pattern of stripes as that of shirts.
func fabric(r *rand.Rand) func(x, y float64) float64 {
	pitch, period, twill := 2+4*r.Float64(), 2+r.IntN(9), r.IntN(4)
	var warp, weft [16]float64
	for i := range warp {
		warp[i], weft[i] = math.Round(r.Float64()), 0.5+r.Float64()/2
	}
	return func(x, y float64) float64 {
		col, row := int(math.Floor(x/pitch))+1<<20, int(math.Floor(y/pitch))+1<<20
		shade := weft[row%period]
		if (col+twill*row)%3 > 0 {
			shade = warp[col%16]
		}
		u, v := x/pitch-math.Floor(x/pitch), y/pitch-math.Floor(y/pitch)
		return shade * (1 - 0.6*math.Abs(u-0.5)*math.Abs(v-0.5))
	}
}

// strokes is lines of letters such as l, I, i, H, m and |, whose stems stand at the pitch of bars.
func strokes(r *rand.Rand) func(x, y float64) float64 {
	stem, high := 1+3*r.Float64(), 20+60*r.Float64()
	letters := [][2]uint16{{0b1, 2}, {0b1, 3}, {0b11, 3}, {0b101, 4}, {0b10101, 6}, {0b1001, 5}, {0b11011, 6}, {0, 3}}
	var line []bool
	for len(line) < 1200 {
		l := letters[r.IntN(len(letters))]
		for k := range l[1] {
			line = append(line, l[0]>>k&1 == 1)
		}
	}
	return func(x, y float64) float64 {
		row := math.Floor(y / high)
		i := int(math.Floor(x/stem)) + 600 + int(row)*17
		if y-row*high > 0.8*high || i < 0 || i >= len(line) || !line[i] {
			return 1
		}
		return 0
	}
}

// twoFences are bars seen through other bars that are turned a little, as curtains are: moiré.
func twoFences(r *rand.Rand) func(x, y float64) float64 {
	a, b, slope := fence(r, 1, 2, 3), fence(r, 1, 2), 0.15*r.NormFloat64()
	return func(x, y float64) float64 { return min(a(x, y), 0.3+b(x+slope*y, y)) }
}

// label is a sticker with a border and lines of text.
func label(r *rand.Rand) func(x, y float64) float64 {
	print, paper := text(r), 0.7+0.3*r.Float64()
	edge := 8 + 20*r.Float64()
	return func(x, y float64) float64 {
		if u := math.Mod(math.Abs(x)+1e4, 16*edge); u < 2 || math.Mod(math.Abs(y)+1e4, 9*edge) < 2 {
			return 0.1
		}
		if math.Mod(y+1e4, edge) < edge/3 {
			return paper
		}
		return paper * print(x, y)
	}
}

// labelled puts labels over bars.
func labelled(r *rand.Rand) func(x, y float64) float64 {
	bars, over := fence(r, 1, 2, 3, 4), label(r)
	x0, wide, slant := 200*r.Float64()-100, 30+100*r.Float64(), 0.2*r.NormFloat64()
	return func(x, y float64) float64 {
		if math.Abs(x-x0+slant*y) < wide {
			return over(x, y)
		}
		return bars(x, y)
	}
}

// shimmer lays the stripes of a moiré over a picture: their period is near that of its modules, or much longer.
func shimmer(img *image.Gray, r *rand.Rand) *image.Gray {
	period, depth := 3+9*r.Float64(), 0.2+0.6*r.Float64()
	if r.IntN(2) == 0 {
		period *= 10
	}
	sin, cos := math.Sincos(2 * math.Pi * r.Float64())
	out := image.NewGray(img.Rect)
	for i := range out.Pix {
		x, y := float64(i%out.Stride), float64(i/out.Stride)
		wave := (1 + math.Sin(2*math.Pi*(x*cos+y*sin)/period)) / 2
		out.Pix[i] = byte(float64(img.Pix[i])*(1-depth*wave) + 60*depth*wave)
	}
	return out
}

// over covers a part of a picture with a surface, at so many pixels of the picture to one of it.
func over(surface decoy, zoom float64) func(img *image.Gray, r *rand.Rand) *image.Gray {
	return func(img *image.Gray, r *rand.Rand) *image.Gray {
		light := surface(r)
		return cover(img, r, func(x, y float64) float64 { return 255 * min(1, light(x/zoom, y/zoom)) })
	}
}
