package pdf417

import (
	"math"
	"sync"
)

// A template is the luma that the modules of a character show when a little of each neighbour's comes through, of mean
// zero and of length one; dark is high.
type template [modules]float32

// leak is how much of a module's luma comes from either neighbour. Drawings of 1.2 to 2 pixels a module read the most
// with 0.15 to 0.3.
const leak = 0.22

// templates are those of all characters, which the reader needs for symbols whose bars have run together.
var templates = sync.OnceValue(func() *[clusters][codewords]template {
	all := new([clusters][codewords]template)
	patterns := characters().patterns
	for k := range all {
		for v := range all[k] {
			all[k][v] = templateOf(&patterns[k][v])
		}
	}
	return all
})

func templateOf(p *pattern) (t template) {
	// Before a character is the last space of another, behind it the first bar of one.
	var dark [modules + 2]float32
	dark[modules+1] = 1
	at := 1
	for i, w := range p {
		for range w {
			dark[at] = float32(1 - i%2)
			at++
		}
	}
	for i := range t {
		t[i] = leak*(dark[i]+dark[i+2]) + (1-2*leak)*dark[i+1]
	}
	t.normalise()
	return t
}

// normalise makes the mean zero and the length one; not ok where all modules are alike.
func (t *template) normalise() bool {
	mean, square := float32(0), float32(0)
	for _, v := range t {
		mean += v / modules
	}
	for i := range t {
		t[i] -= mean
		square += t[i] * t[i]
	}
	if square <= 0 {
		return false
	}
	n := 1 / float32(math.Sqrt(float64(square)))
	for i := range t {
		t[i] *= n
	}
	return true
}

func (t *template) dot(o *template) (sum float32) {
	for i := range t {
		sum += t[i] * o[i]
	}
	return sum
}

// The characters that are most alike differ by a module or two, which changes a correlation by a twentieth.
const (
	leastAlike = 0.8  // the correlation of what is taken for a character
	fullLead   = 0.06 // how much better than the next it is to count in full
)

// shifts are where a character is looked for around the place at which it is expected, in modules.
var shifts = [...]float64{0, -0.3, 0.3}

// match returns the character of a cluster that the luma from x on is most like, and how surely it is that; not ok
// where it is like none.
func (l *line) match(cluster int, x, module float64) (s sign, ok bool) {
	best, next := float32(leastAlike), float32(leastAlike)
	s.value = -1
	for _, shift := range shifts {
		from := x + shift*module
		seen, ok := l.modulesFrom(from, module)
		if !ok {
			continue
		}
		for v := range templates()[cluster] {
			switch c := seen.dot(&templates()[cluster][v]); {
			case c > best:
				if int(s.value) != v {
					next = best
				}
				best, s.value, s.from = c, int16(v), from
			case c > next && int(s.value) != v:
				next = c
			}
		}
	}
	s.cluster, s.to = uint8(cluster), s.from+modules*module
	s.clear = min(1, float64(best-next)/fullLead)
	return s, s.value >= 0
}

// modulesFrom is the luma of as many modules as a character has.
func (l *line) modulesFrom(x, module float64) (t template, ok bool) {
	for i := range t {
		t[i] = -float32(l.lumaAt(x + (float64(i)+0.5)*module))
	}
	return t, t.normalise()
}

// lumaAt is the luma so many pixels from where the line begins.
func (l *line) lumaAt(x float64) float64 {
	t := max(0, min(x/l.step-0.5, float64(len(l.luma)-1)))
	i := int(t)
	a, b := float64(l.luma[i]), float64(l.luma[min(i+1, len(l.luma)-1)])
	return a + (t-float64(i))*(b-a)
}
