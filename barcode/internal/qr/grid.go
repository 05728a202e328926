package qr

import (
	"math"

	"github.com/offlane/offlane/barcode/internal/pix"
)

// A grid says where the modules of a symbol are: a perspective, and for large or bent symbols how far each alignment
// pattern lies from where the perspective has it.
type grid struct {
	h     pix.Homography
	size  int
	curve curve
	mesh  *mesh // nil: the perspective alone
}

// A curve is how far paper that is bent like a tube lifts the middle of a symbol, in modules: its rows downwards, its
// columns to the right. The finder patterns' middles stay where they are.
type curve struct{ rows, columns float64 }

// lift returns where u, v lies on the flat paper.
func (c curve) lift(u, v float64, size int) (float64, float64) {
	if c == (curve{}) {
		return u, v
	}
	span := float64(size - 7)
	s, t := (u-3.5)/span, (v-3.5)/span
	return u + c.columns*4*t*(1-t), v + c.rows*4*s*(1-s)
}

// at returns the place of u, v in modules; the alignment patterns around pull it along.
func (g *grid) at(u, v float64) pix.Point {
	p := g.flat(u, v)
	if g.mesh != nil {
		off := g.mesh.at(u, v)
		p.X, p.Y = p.X+off.X, p.Y+off.Y
	}
	return p
}

// flat is the place without what alignment patterns tell.
func (g *grid) flat(u, v float64) pix.Point {
	u, v = g.curve.lift(u, v, g.size)
	return g.h.Map(u, v)
}

func dark(b *pix.Binary, p pix.Point) bool {
	return b.Dark(int(math.Floor(p.X)), int(math.Floor(p.Y)))
}

// probes are where a module is looked at.
var probes = [5][2]float64{{0, 0}, {-0.25, -0.25}, {0.25, -0.25}, {-0.25, 0.25}, {0.25, 0.25}}

// fitness is the share of probes into the fixed modules that are right.
func fitness(b *pix.Binary, g *grid, cells []cell, probes [][2]float64) float64 {
	right := 0
	for i := range cells {
		c := &cells[i]
		for _, o := range probes {
			if dark(b, g.flat(c.u+o[0], c.v+o[1])) == c.dark {
				right++
			}
		}
	}
	return float64(right) / float64(len(cells)*len(probes))
}

// square are the corners of a symbol in modules.
func square(size int) [4]pix.Point {
	s := float64(size)
	return [4]pix.Point{{}, {X: s}, {X: s, Y: s}, {Y: s}}
}

// settle moves the corners of the symbol, the lower right one first and farthest, until the fixed modules fit best.
func (r *Reader) settle(b *pix.Binary, g *grid, cells []cell) float64 {
	from := square(g.size)
	var to [4]pix.Point
	for i, p := range from {
		to[i] = g.h.Map(p.X, p.Y)
	}
	module := far(to[0], to[1]) / float64(g.size)
	best := fitness(b, g, cells, probes[:])
	for step := 0.8 * module; step > 0.1*module && best < 0.97; step *= 0.5 {
		for improved, rounds := true, 0; improved && rounds < 3; rounds++ {
			improved = false
			for _, i := range [4]int{2, 1, 3, 0} {
				for _, d := range [4][2]float64{{step, 0}, {-step, 0}, {0, step}, {0, -step}} {
					old := to[i]
					to[i] = pix.Point{X: old.X + d[0], Y: old.Y + d[1]}
					if n, ok := pix.Fit(from[:], to[:]); ok {
						r.work += len(cells) * len(probes)
						if f := fitness(b, &grid{h: n, size: g.size, curve: g.curve}, cells, probes[:]); f > best {
							best, g.h, improved = f, n, true
							continue
						}
					}
					to[i] = old
				}
			}
		}
	}
	return best
}

// sample reads the modules; with several probes a module is what most of them are.
func (g *grid) sample(m *modules, b *pix.Binary, several int) {
	m.resize(g.size)
	for i := range m.dark {
		x, y := float64(i%g.size)+0.5, float64(i/g.size)+0.5
		votes := 0
		for _, o := range probes[:several] {
			if dark(b, g.at(x+o[0]*0.8, y+o[1]*0.8)) {
				votes++
			}
		}
		m.dark[i] = 2*votes > several
	}
}
