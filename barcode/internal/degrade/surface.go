package degrade

import "math"

// curl returns where on a flat picture lies what is seen at u, 0 to 1, when the picture is wrapped around an upright
// cylinder, as on a cup: it takes so many degrees of it.
func curl(u, degrees float64) float64 {
	if degrees == 0 || u < 0 || u > 1 {
		return u
	}
	half := degrees / 2 * math.Pi / 180
	return 0.5 + math.Asin((2*u-1)*math.Sin(half))/(2*half)
}

// glass returns how light a place of a screen of n pixels across is where its picture is white: pixels have a dark
// border and three stripes of unequal luma. Seen by a camera whose pixels are nearly as large, that is what makes
// moiré.
func glass(u, v float64, n int) float64 {
	u, v = u*float64(n), v*float64(n)
	u, v = u-math.Floor(u), v-math.Floor(v)
	const (
		border = 0.12
		left   = 0.35 // of the contrast, behind a lens
	)
	if u < border || v < border {
		return 1 - left
	}
	luma := [3]float64{0.299, 0.587, 0.114}
	stripe := int(3 * (u - border) / (1 - border))
	lit := 3 * luma[min(2, stripe)] / ((1 - border) * (1 - border)) // the mean over a pixel is 1
	return 1 + left*(lit-1)
}
