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
	bend  []bend
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

// A bend is an alignment pattern found off its place, in pixels.
type bend struct {
	u, v   float64
	dx, dy float64
}

// at returns the place of u, v in modules; near alignment patterns pull it along.
func (g *grid) at(u, v float64) pix.Point {
	p := g.flat(u, v)
	if len(g.bend) == 0 {
		return p
	}
	var dx, dy, weight float64
	for _, b := range g.bend {
		d := (b.u-u)*(b.u-u) + (b.v-v)*(b.v-v)
		w := 1 / (d*d + 40)
		dx, dy, weight = dx+w*b.dx, dy+w*b.dy, weight+w
	}
	return pix.Point{X: p.X + dx/weight, Y: p.Y + dy/weight}
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

// locate looks for an alignment pattern within reach modules of its place, and returns where its middle is.
func locate(b *pix.Binary, g *grid, u, v, reach float64) (pix.Point, bool) {
	best, n := 0, 0.0
	var sum pix.Point
	for dv := -reach; dv <= reach; dv += 0.25 {
		for du := -reach; du <= reach; du += 0.25 {
			score := 0
			for y := -2; y <= 2; y++ {
				for x := -2; x <= 2; x++ {
					if dark(b, g.flat(u+du+float64(x), v+dv+float64(y))) == (max(abs(x), abs(y)) != 1) {
						score++
					}
				}
			}
			switch {
			case score > best:
				best, n, sum = score, 1, g.flat(u+du, v+dv)
			case score == best:
				p := g.flat(u+du, v+dv)
				n, sum = n+1, pix.Point{X: sum.X + p.X, Y: sum.Y + p.Y}
			}
		}
	}
	return pix.Point{X: sum.X / n, Y: sum.Y / n}, best >= 23 && n < 12
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
