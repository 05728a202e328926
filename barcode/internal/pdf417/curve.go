package pdf417

import (
	"math"
	"slices"
)

// A curve is a parabola at most: a + b (x - c) + d (x - c)².
type curve struct{ a, b, c, d float64 }

func (f *curve) at(x float64) float64 {
	x -= f.c
	return f.a + x*(f.b+x*f.d)
}

func (f *curve) slope(x float64) float64 { return f.b + 2*f.d*(x-f.c) }

const (
	// bendable is how many points a parabola takes; fewer make a straight line.
	bendable = 8
	// bent is the share of a straight line's squared error that a parabola leaves where points lie on one: noise alone
	// leaves more.
	bent = 0.7
)

// fitCurve returns the curve of least squares: a straight line unless a parabola fits much better.
func fitCurve(x, y []float64) curve {
	f := fitStraight(x, y)
	if len(x) < bendable {
		return f
	}
	if p, ok := fitParabola(x, y); ok && p.misses(x, y) < bent*f.misses(x, y) {
		return p
	}
	return f
}

// misses is the sum of the squared errors.
func (f *curve) misses(x, y []float64) (sum float64) {
	for i := range x {
		d := f.at(x[i]) - y[i]
		sum += d * d
	}
	return sum
}

func fitStraight(x, y []float64) (f curve) {
	if len(x) == 0 {
		return f
	}
	f.a, f.c = mean(y), mean(x)
	var uu, uy float64
	for i := range x {
		u := x[i] - f.c
		uu, uy = uu+u*u, uy+u*y[i]
	}
	if uu > 0 {
		f.b = uy / uu
	}
	return f
}

// fitParabola is not ok where the points do not tell one.
func fitParabola(x, y []float64) (f curve, ok bool) {
	f.c = mean(x)
	var s [5]float64 // sums of the powers
	var t [3]float64
	for i := range x {
		u, p := x[i]-f.c, 1.0
		for k := range s {
			s[k] += p
			if k < len(t) {
				t[k] += p * y[i]
			}
			p *= u
		}
	}
	// The mean of u is zero: s[1] is.
	det := s[0]*s[2]*s[4] - s[2]*s[2]*s[2] - s[0]*s[3]*s[3]
	if det <= 1e-6*s[0]*s[2]*s[4] {
		return f, false
	}
	f.d = (s[0]*(s[2]*t[2]-s[3]*t[1]) - s[2]*s[2]*t[0]) / det
	f.b = (t[1] - f.d*s[3]) / s[2]
	f.a = (t[0] - f.d*s[2]) / s[0]
	return f, true
}

// robust fits again without what lies farther off than slack, until nothing does.
func robust(x, y []float64, slack float64) curve {
	f := straight(x, y)
	for range 4 {
		var kx, ky []float64
		for i := range x {
			if math.Abs(f.at(x[i])-y[i]) <= slack {
				kx, ky = append(kx, x[i]), append(ky, y[i])
			}
		}
		if len(kx) < 3 {
			return f
		}
		f = fitCurve(kx, ky)
	}
	return f
}

// straight is the line of median slope through the middle of points in the order of x.
func straight(x, y []float64) curve {
	n := len(x)
	var slopes, offs []float64
	for i := range n {
		if k := (i + n/2) % n; x[k] != x[i] {
			slopes = append(slopes, (y[k]-y[i])/(x[k]-x[i]))
		}
	}
	f := curve{c: x[n/2]}
	if len(slopes) > 0 {
		f.b = median(slopes)
	}
	for i := range x {
		offs = append(offs, y[i]-f.b*(x[i]-f.c))
	}
	f.a = median(offs)
	return f
}

func median(v []float64) float64 {
	v = slices.Clone(v)
	slices.Sort(v)
	return v[len(v)/2]
}
