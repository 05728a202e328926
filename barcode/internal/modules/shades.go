package modules

import (
	"github.com/offlane/offlane/barcode/internal/pix"
	"github.com/offlane/offlane/barcode/internal/symbol"
)

// Shades are how light the modules of a symbol are, row by row. They keep their buffers from one symbol to the next.
type Shades struct {
	columns, rows  int
	v, sharp, mean []float32
	sums           []float64
	pushed         float32 // by how much for the means, if they are taken
	apart          []float32
}

// Beside is how far from its middle a module is sampled as well, in modules.
const Beside = 0.2

// A Place tells where in a picture a place of a symbol lies, in modules from its first corner.
type Place func(x, y float64) pix.Point

// Take samples columns by rows modules, each the mean of its middle and of four places so far beside it, in modules. Of
// a light symbol on dark it takes the negative.
func (s *Shades) Take(p *pix.Gray, at Place, columns, rows int, beside float64, negative bool) {
	s.begin(columns, rows)
	probes := [...][2]float64{{0, 0}, {-beside, -beside}, {beside, -beside}, {-beside, beside}, {beside, beside}}
	for i := range s.v {
		x, y := float64(i%columns)+0.5, float64(i/columns)+0.5
		sum := 0
		for _, o := range probes {
			q := at(x+o[0], y+o[1])
			sum += int(p.Interpolate(q.X, q.Y))
		}
		s.v[i] = float32(sum) / float32(len(probes))
		if negative {
			s.v[i] = 255 - s.v[i]
		}
	}
}

// begin makes room for columns by rows modules.
func (s *Shades) begin(columns, rows int) {
	s.columns, s.rows, s.pushed = columns, rows, notPushed
	n := columns * rows
	s.v, s.sharp = pix.Resize(s.v, n), pix.Resize(s.sharp, n)
	s.mean, s.apart = pix.Resize(s.mean, n), pix.Resize(s.apart, n)
}

// Forget has nothing taken.
func (s *Shades) Forget() { s.columns, s.rows = 0, 0 }

// IsEmpty reports whether nothing is taken.
func (s *Shades) IsEmpty() bool { return s.columns == 0 }

// Classify says which modules are dark: darker than the mean of those around. By so much each is first pushed away from
// its four neighbours, whose light blur has mixed into it. It returns dark with room made for all modules.
func (s *Shades) Classify(dark []bool, push float32) []bool {
	dark = pix.Resize(dark, len(s.v))
	s.sharpen(push)
	s.means()
	for i, v := range s.sharp {
		dark[i] = v < s.mean[i]
	}
	return dark
}

func (s *Shades) sharpen(push float32) {
	w, h := s.columns, s.rows
	s.pushed = push
	for i, v := range s.v {
		x, y := i%w, i/w
		around := s.v[y*w+max(0, x-1)] + s.v[y*w+min(w-1, x+1)] + s.v[max(0, y-1)*w+x] + s.v[min(h-1, y+1)*w+x]
		s.sharp[i] = v + push*(v-around/4)
	}
}

// notPushed is pushed where no means are taken.
const notPushed = -1

// reach is how far around a module the mean is taken, in modules; in large symbols an eighth of the side.
const reach = 5

// means takes the mean of a square around each module, of sums over the whole.
func (s *Shades) means() {
	w := s.columns + 1
	s.sums = pix.Resize(s.sums, w*(s.rows+1))
	clear(s.sums[:w])
	for y := range s.rows {
		row := 0.0
		s.sums[(y+1)*w] = 0
		for x := range s.columns {
			row += float64(s.sharp[y*s.columns+x])
			s.sums[(y+1)*w+x+1] = s.sums[y*w+x+1] + row
		}
	}
	r := max(reach, max(s.columns, s.rows)/8)
	for i := range s.mean {
		x0, x1 := max(0, i%s.columns-r), min(s.columns, i%s.columns+r+1)
		y0, y1 := max(0, i/s.columns-r), min(s.rows, i/s.columns+r+1)
		sum := s.sums[y1*w+x1] - s.sums[y0*w+x1] - s.sums[y1*w+x0] + s.sums[y0*w+x0]
		s.mean[i] = float32(sum / float64((x1-x0)*(y1-y0)))
	}
}

// Quality measures a symbol whose modules were read.
func (s *Shades) Quality(dark []bool, q *symbol.Quality) {
	var sum, n [2]float64
	for i, v := range s.v {
		k := 0
		if dark[i] {
			k = 1
		}
		sum[k] += float64(v)
		n[k]++
	}
	if n[0] == 0 || n[1] == 0 {
		return
	}
	span := sum[0]/n[0] - sum[1]/n[1]
	q.Contrast = max(0, span/255)
	if s.pushed != 0 {
		s.sharpen(0)
		s.means()
	}
	for i, v := range s.v {
		if s.apart[i] = v - s.mean[i]; dark[i] {
			s.apart[i] = -s.apart[i]
		}
	}
	if span > 0 {
		q.Modulation = min(1, max(0, float64(nth(s.apart, len(s.apart)/10))/(span/2)))
	}
}

// nth is the value that would stand at k if all were in order. It reorders them.
func nth(all []float32, k int) float32 {
	for len(all) > 1 {
		pivot := all[len(all)/2]
		i, j := 0, len(all)-1
		for i <= j {
			for all[i] < pivot {
				i++
			}
			for all[j] > pivot {
				j--
			}
			if i <= j {
				all[i], all[j] = all[j], all[i]
				i, j = i+1, j-1
			}
		}
		switch {
		case k <= j:
			all = all[:j+1]
		case k >= i:
			all, k = all[i:], k-i
		default:
			return pivot
		}
	}
	return all[0]
}
