package pdf417

import (
	"math"
	"slices"

	"github.com/offlane/offlane/barcode/internal/pix"
	"github.com/offlane/offlane/barcode/internal/symbol"
)

// symbolOf is the symbol that the codewords are.
func (r *Reader) symbolOf(s *strip, o *outcome) (out symbol.Symbol, ok bool) {
	m, ok := parse(o.words)
	if !ok {
		return out, false
	}
	out = symbol.Symbol{Format: symbol.PDF417, Text: m.text.Decode(r.Charset), AIM: "]L2", Raw: rawOf(o.words),
		Part: m.part}
	if m.named {
		out.AIM = "]L1"
	}
	out.Corners = s.corners()
	out.Quality = r.quality(s, o)
	return out, true
}

const (
	startModules = 17
	stopModules  = 18
)

// corners are those of the whole symbol.
func (s *strip) corners() (q [4]pix.Point) {
	for i, row := range [2]float64{0, float64(s.rows)} {
		from, to := s.ends(row)
		long := math.Hypot(to.X-from.X, to.Y-from.Y) / float64(modules*(s.columns+2)) // a module
		from, to = further(to, from, startModules*long), further(from, to, stopModules*long)
		q[3*i], q[i+1] = from, to
	}
	return q
}

// further goes on from one place beyond another.
func further(from, to pix.Point, n float64) pix.Point {
	l := line{from: from, to: to}
	p := l.at(n)
	return pix.Point{X: to.X + p.X - from.X, Y: to.Y + p.Y - from.Y}
}

// quality tells how well the modules of the characters that were read right stand out.
func (r *Reader) quality(s *strip, o *outcome) (q symbol.Quality) {
	var dark, light []float64
	for i := range r.grid.cells {
		c := &r.grid.cells[i]
		if v, _ := c.best(); len(c.votes) == 0 || v != o.all[i] {
			continue
		}
		p := r.table.patterns[i/s.columns%clusters][o.all[i]]
		at := 0.0
		for k, w := range p {
			for range w {
				t := (at + 0.5) / modules
				v := float64(r.gray.Interpolate(c.from.X+t*(c.to.X-c.from.X), c.from.Y+t*(c.to.Y-c.from.Y))) / 255
				if s.negative {
					v = 1 - v
				}
				if at++; k%2 == 0 {
					dark = append(dark, v)
				} else {
					light = append(light, v)
				}
			}
		}
	}
	q.Module = s.module
	q.UnusedCorrection = 1 - float64(o.lost+2*o.wrong)/float64(s.check())
	q.Contrast, q.Modulation = standOut(dark, light)
	return q
}

// standOut returns the difference between the means of light and dark, and how clearly the weakest tenth is one of
// them, as a share of the mean.
func standOut(dark, light []float64) (contrast, modulation float64) {
	if len(dark) == 0 || len(light) == 0 {
		return 0, 0
	}
	d, l := mean(dark), mean(light)
	level := (d + l) / 2
	var clear []float64
	for _, v := range dark {
		clear = append(clear, level-v)
	}
	for _, v := range light {
		clear = append(clear, v-level)
	}
	slices.Sort(clear)
	weakest := mean(clear[:(len(clear)+9)/10])
	return l - d, max(0, min(1, weakest/max(1e-9, mean(clear))))
}

func mean(v []float64) (m float64) {
	for _, x := range v {
		m += x / float64(len(v))
	}
	return m
}
