package qr

import (
	"math"
	"slices"

	"github.com/offlane/offlane/barcode/internal/pix"
	"github.com/offlane/offlane/barcode/internal/symbol"
)

// shades are how light the modules of a symbol are, row by row, and what parts light from dark at each.
type shades struct {
	size        int
	v, sharp, t []float32
	sums        []float64
	apart       []float32
}

// take samples the modules of a grid, the mean of five places each. Of a light symbol on dark it takes the negative.
func (s *shades) take(g *grid, p *pix.Gray, negative bool) {
	s.size = g.size
	n := s.size * s.size
	s.v, s.sharp, s.t = sized(s.v, n), sized(s.sharp, n), sized(s.t, n)
	for i := range s.v {
		x, y := float64(i%s.size)+0.5, float64(i/s.size)+0.5
		var sum int
		for _, o := range probes {
			q := g.at(x+o[0]*0.6, y+o[1]*0.6)
			sum += int(p.Between(q.X, q.Y))
		}
		s.v[i] = float32(sum) / float32(len(probes))
		if negative {
			s.v[i] = 255 - s.v[i]
		}
	}
}

func sized[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}

// classify says which modules are dark: darker than the mean of those around. By so much each is first pushed away from
// its four neighbours, whose light blur has mixed into it.
func (s *shades) classify(m *modules, push float32) {
	m.resize(s.size)
	s.sharpen(push)
	s.means()
	for i, v := range s.sharp {
		m.dark[i] = v < s.t[i]
	}
}

func (s *shades) sharpen(push float32) {
	n := s.size
	for i, v := range s.v {
		x, y := i%n, i/n
		around := s.v[y*n+max(0, x-1)] + s.v[y*n+min(n-1, x+1)] + s.v[max(0, y-1)*n+x] + s.v[min(n-1, y+1)*n+x]
		s.sharp[i] = v + push*(v-around/4)
	}
}

// means sets the threshold of each module to the mean of a square around it, of sums over the whole.
func (s *shades) means() {
	n := s.size
	w := n + 1
	s.sums = sized(s.sums, w*w)
	clear(s.sums[:w])
	for y := range n {
		row := 0.0
		s.sums[(y+1)*w] = 0
		for x := range n {
			row += float64(s.sharp[y*n+x])
			s.sums[(y+1)*w+x+1] = s.sums[y*w+x+1] + row
		}
	}
	reach := max(5, n/8)
	for i := range s.t {
		x0, x1 := max(0, i%n-reach), min(n, i%n+reach+1)
		y0, y1 := max(0, i/n-reach), min(n, i/n+reach+1)
		sum := s.sums[y1*w+x1] - s.sums[y0*w+x1] - s.sums[y1*w+x0] + s.sums[y0*w+x0]
		s.t[i] = float32(sum / float64((x1-x0)*(y1-y0)))
	}
}

// quality measures a symbol whose modules were read.
func (s *shades) quality(m *modules, q *symbol.Quality) {
	var sum [2]float64
	var n [2]int
	for i, v := range s.v {
		k := 0
		if m.dark[i] {
			k = 1
		}
		sum[k] += float64(v)
		n[k]++
	}
	if n[0] == 0 || n[1] == 0 {
		return
	}
	span := sum[0]/float64(n[0]) - sum[1]/float64(n[1])
	q.Contrast = max(0, span/255)
	s.sharpen(0)
	s.means()
	s.apart = sized(s.apart, len(s.v))
	for i, v := range s.v {
		if s.apart[i] = v - s.t[i]; m.dark[i] {
			s.apart[i] = -s.apart[i]
		}
	}
	slices.Sort(s.apart)
	if span > 0 {
		q.Modulation = min(1, max(0, float64(s.apart[len(s.apart)/10])/(span/2)))
	}
}

// module is the length of a module: the mean side of a symbol parted by how many it has.
func module(corners [4]pix.Point, size int) float64 {
	around := 0.0
	for i, c := range corners {
		around += math.Hypot(c.X-corners[(i+1)%4].X, c.Y-corners[(i+1)%4].Y)
	}
	return around / float64(4*size)
}
