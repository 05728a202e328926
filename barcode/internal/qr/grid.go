package qr

import (
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

func dark(b *pix.Binary, p pix.Point) bool { return darkAt(b, p.X, p.Y) }

// beside is how far from a module's middle it is looked at as well, in modules.
const beside = 0.25

// probes are where a module is looked at.
var probes = [5][2]float64{{0, 0}, {-beside, -beside}, {beside, -beside}, {-beside, beside}, {beside, beside}}

// fitness is the share of probes into the fixed modules that are right.
func fitness(b *pix.Binary, g *grid, cells []cell, probes [][2]float64) float64 {
	n := len(probes) * len(cells)
	return float64(n-misses(b, g, cells, len(probes), n)) / float64(n)
}

// misses counts the probes into the fixed modules that are wrong, one or five a module, and gives up beyond the most
// that may be. The places beside a module's middle are laid out straight from there: perspective bends no module.
func misses(b *pix.Binary, g *grid, cells []cell, probes, most int) (wrong int) {
	h := &g.h
	for i := range cells {
		c := &cells[i]
		u, v := c.u, c.v
		if g.curve != (curve{}) {
			u, v = g.curve.lift(u, v, g.size)
		}
		w := 1 / (h[6]*u + h[7]*v + h[8])
		x, y := (h[0]*u+h[1]*v+h[2])*w, (h[3]*u+h[4]*v+h[5])*w
		if darkAt(b, x, y) != c.dark {
			wrong++
		}
		if probes > 1 {
			w *= beside
			ux, uy, vx, vy := (h[0]-x*h[6])*w, (h[3]-y*h[6])*w, (h[1]-x*h[7])*w, (h[4]-y*h[7])*w
			for _, p := range [4]pix.Point{{X: x - ux - vx, Y: y - uy - vy}, {X: x + ux - vx, Y: y + uy - vy},
				{X: x - ux + vx, Y: y - uy + vy}, {X: x + ux + vx, Y: y + uy + vy}} {
				if darkAt(b, p.X, p.Y) != c.dark {
					wrong++
				}
			}
		}
		if wrong > most {
			break
		}
	}
	return wrong
}

// darkAt says whether the pixel at a place is dark; what is no place is light.
func darkAt(b *pix.Binary, x, y float64) bool {
	return isInside(b, pix.Point{X: x, Y: y}) && b.DarkWithin(int(x), int(y))
}

// isInside says whether a place is within the picture.
func isInside(b *pix.Binary, p pix.Point) bool {
	return p.X >= 0 && p.Y >= 0 && p.X < float64(b.W) && p.Y < float64(b.H)
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
	module := pix.Distance(to[0], to[1]) / float64(g.size)
	all := len(probes) * len(cells)
	least := misses(b, g, cells, len(probes), all)
	for step := 0.8 * module; step > 0.1*module && 100*least > 3*all; step *= 0.5 {
		for improved, rounds := true, 0; improved && rounds < 3; rounds++ {
			improved = false
			for _, i := range [4]int{2, 1, 3, 0} {
				for _, d := range [4][2]float64{{step, 0}, {-step, 0}, {0, step}, {0, -step}} {
					old := to[i]
					to[i] = pix.Point{X: old.X + d[0], Y: old.Y + d[1]}
					r.work += all
					moved := grid{h: pix.Square(float64(g.size), &to), size: g.size, curve: g.curve}
					if n := misses(b, &moved, cells, len(probes), least-1); n < least {
						least, g.h, improved = n, moved.h, true
						continue
					}
					to[i] = old
				}
			}
		}
	}
	return 1 - float64(least)/float64(all)
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
