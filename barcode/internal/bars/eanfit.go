package bars

import "math"

// Blur that joins neighbouring bars leaves no edges to measure. A fit reads an EAN-13 or a UPC-A from the luma itself:
// it draws the symbol that it believes in with the same blur, compares, and changes one digit at a time for the better.
type fit struct {
	shapes  [len(blurs)]shapes
	luma    [fitSamples]float32 // of the line, from fitMargin modules before the symbol to as many behind it
	dark    [fitSamples]float32 // how dark that is in the light that is believed in
	drawn   [fitSamples]float32 // how dark the symbol is that is believed in
	weights fitLight
	claim   claim
}

// The blurs tried are standard deviations in modules.
var blurs = [...]float64{0.35, 0.6, 0.85, 1.1}

const (
	perModule  = 3 // samples
	fitMargin  = 4 // modules
	fitReach   = 3 // modules to each side to which blur spreads a bar
	fitSamples = (95 + 2*fitMargin) * perModule
	shapeSize  = (7 + 2*fitReach) * perModule
)

// shapes are how dark the digits are with one blur: ten of set A, ten of B, ten of C; and the guards of a whole symbol.
type shapes struct {
	digits [30][shapeSize]float32
	guards [fitSamples]float32
	made   bool
}

func (s *shapes) make(sigma float64) {
	for d := range s.digits {
		at, dark := 0.0, d >= 20
		for k := range 4 {
			w := eanDigits[d%10][k]
			if d/10 == 1 {
				w = eanDigits[d%10][3-k]
			}
			if dark {
				spread(s.digits[d][:], fitReach+at, float64(w), sigma)
			}
			at, dark = at+float64(w), !dark
		}
	}
	for _, at := range []float64{0, 2, 46, 48, 92, 94} {
		spread(s.guards[:], fitMargin+at, 1, sigma)
	}
	s.made = true
}

// spread adds a blurred bar.
func spread(out []float32, at, width, sigma float64) {
	for i := range out {
		x := (float64(i) + 0.5) / perModule
		out[i] += float32(math.Erf((x-at)/(sigma*math.Sqrt2))-math.Erf((x-at-width)/(sigma*math.Sqrt2))) / 2
	}
}

// A fitLight is the luma of light and how much darker dark is, at both ends of a symbol.
type fitLight struct{ light, depth, lightEnd, depthEnd float32 }

func (w *fitLight) at(i int) (light, depth float32) {
	t := float32(i) / fitSamples
	return w.light + t*(w.lightEnd-w.light), w.depth + t*(w.depthEnd-w.depth)
}

// place of digit k in the samples, reach included.
func fitPlace(k int) int {
	at := 3 + 7*k
	if k >= 6 {
		at += 5
	}
	return (fitMargin + at - fitReach) * perModule
}

// read fits a symbol between two places on a line and returns its digits and how far off it is, as a share of the
// contrast; by how much more the next best digit would be off, at least.
func (f *fit) read(line []byte, from, to float32, blur int) (digits [12]byte, off, margin float32) {
	s := &f.shapes[blur]
	if !s.made {
		s.make(blurs[blur])
	}
	f.sample(line, from, to)
	f.drawn = s.guards
	f.guess()
	f.darken()
	var first [12]bool
	for pass := range 4 {
		changed := false
		margin = 1e9
		for k := range digits {
			best, next := f.improve(s, k, digits[k], first[k])
			changed = changed || best != digits[k] || !first[k]
			digits[k], first[k] = best, true
			margin = min(margin, next)
		}
		f.refit()
		f.darken()
		if !changed && pass > 1 {
			break
		}
	}
	return digits, f.deviation(), margin
}

func (f *fit) sample(line []byte, from, to float32) {
	module := (to - from) / 95
	for i := range f.luma {
		x := from + ((float32(i)+0.5)/perModule-fitMargin)*module - 0.5
		k := int(max(0, x))
		if k >= len(line)-1 {
			f.luma[i] = float32(line[len(line)-1])
			continue
		}
		t := max(0, x) - float32(k)
		f.luma[i] = float32(line[k])*(1-t) + float32(line[k+1])*t
	}
}

// guess takes the light from the quiet zones and the dark from the darkest fifths at both ends.
func (f *fit) guess() {
	const quiet = 3 * perModule
	var a, b float32
	for i := range quiet {
		a += f.luma[i] / quiet
		b += f.luma[fitSamples-1-i] / quiet
	}
	darkest := func(part []float32) float32 {
		low := part[0]
		for _, v := range part {
			low = min(low, v)
		}
		return low
	}
	f.weights = fitLight{a, max(8, a-darkest(f.luma[:fitSamples/2])), b, max(8, b-darkest(f.luma[fitSamples/2:]))}
}

// darken works out how dark the line is.
func (f *fit) darken() {
	for i, v := range f.luma {
		light, depth := f.weights.at(i)
		f.dark[i] = (light - v) / depth
	}
}

// improve puts the digit in place k that leaves least over, and tells by how much the second best is worse.
func (f *fit) improve(s *shapes, k int, old byte, drawn bool) (best byte, margin float32) {
	at := fitPlace(k)
	if drawn {
		for i, v := range s.digits[old] {
			f.drawn[at+i] -= v
		}
	}
	var rest [shapeSize]float32
	for i := range rest {
		rest[i] = f.dark[at+i] - f.drawn[at+i]
	}
	from, to := byte(0), byte(20)
	if k >= 6 {
		from, to = 20, 30
	}
	least, second := float32(1e9), float32(1e9)
	for d := from; d < to; d++ {
		if off := distanceOf(&rest, &s.digits[d], second); off < least {
			least, second, best = off, least, d
		} else if off < second {
			second = off
		}
	}
	for i, v := range s.digits[best] {
		f.drawn[at+i] += v
	}
	return best, (second - least) / shapeSize
}

// distanceOf is the sum of the squares by which two shapes differ; where their middles, in which most do, differ by
// more than enough, it is that of the middles.
func distanceOf(a, b *[shapeSize]float32, enough float32) float32 {
	const from, to = 12, 27
	sum := squares(a[from:to], b[from:to])
	if sum < enough {
		sum += squares(a[:from], b[:from]) + squares(a[to:], b[to:])
	}
	return sum
}

// squares is the sum of the squares of differences, in three sums that do not wait for one another.
func squares(a, b []float32) float32 {
	var x, y, z float32
	b = b[:len(a)]
	for i := 0; i+2 < len(a); i += 3 {
		d, e, f := a[i]-b[i], a[i+1]-b[i+1], a[i+2]-b[i+2]
		x, y, z = x+d*d, y+e*e, z+f*f
	}
	return x + y + z
}

// refit finds light and depth anew by least squares, each half of the line for its own end.
func (f *fit) refit() {
	for end := range 2 {
		var n, p, pp, l, lp float32
		for i := end * fitSamples / 2; i < (end+1)*fitSamples/2; i++ {
			n, p, pp = n+1, p+f.drawn[i], pp+f.drawn[i]*f.drawn[i]
			l, lp = l+f.luma[i], lp+f.luma[i]*f.drawn[i]
		}
		d := n*pp - p*p
		if d < 1e-3 {
			continue
		}
		depth := max(8, (p*l-n*lp)/d)
		light := (l + depth*p) / n
		if end == 0 {
			f.weights.light, f.weights.depth = light, depth
		} else {
			f.weights.lightEnd, f.weights.depthEnd = light, depth
		}
	}
}

// deviation is the mean distance of the line from what was drawn, as a share of the contrast.
func (f *fit) deviation() float32 {
	sum := float32(0)
	for i, v := range f.dark {
		e := v - f.drawn[i]
		sum += e * e
	}
	return float32(math.Sqrt(float64(sum / fitSamples)))
}
