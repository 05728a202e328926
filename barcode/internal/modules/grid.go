// Package modules lays a grid over a symbol of square modules, tells its dark modules from its light ones, and corrects
// its codewords: what the readers of QR codes, Aztec and Data Matrix have in common.
package modules

import (
	"math"

	"github.com/offlane/offlane/barcode/internal/pix"
)

// A Grid lays columns by rows modules over a picture: the homography takes 0, 0 to the symbol's first corner and
// Columns, Rows to the one across.
type Grid struct {
	pix.Homography
	Columns, Rows int
}

// NewGrid lays columns by rows modules between four corners, clockwise from the first.
func NewGrid(columns, rows int, corners *[4]pix.Point) Grid {
	g := Grid{pix.Square(1, corners), columns, rows}
	for i := 0; i < len(g.Homography); i += 3 {
		g.Homography[i] /= float64(columns)
		g.Homography[i+1] /= float64(rows)
	}
	return g
}

// Corners are those of the grid, clockwise.
func (g *Grid) Corners() [4]pix.Point {
	w, h := float64(g.Columns), float64(g.Rows)
	return [4]pix.Point{g.Map(0, 0), g.Map(w, 0), g.Map(w, h), g.Map(0, h)}
}

// Grow returns the grid with so many more modules on every side.
func (g *Grid) Grow(n int) Grid {
	out := Grid{g.Homography, g.Columns + 2*n, g.Rows + 2*n}
	for i := 0; i < len(out.Homography); i += 3 {
		out.Homography[i+2] -= float64(n) * (out.Homography[i] + out.Homography[i+1])
	}
	return out
}

// Module is the mean side of a module in pixels.
func (g *Grid) Module() float64 {
	c := g.Corners()
	across := pix.Distance(c[0], c[1]) + pix.Distance(c[3], c[2])
	down := pix.Distance(c[0], c[3]) + pix.Distance(c[1], c[2])
	return across/float64(4*g.Columns) + down/float64(4*g.Rows)
}

// Sound says whether the corners of the grid turn the same way all around, so that no line of it is at infinity, and
// whether its modules are of some size.
func (g *Grid) Sound() bool {
	c := g.Corners()
	for i := range c {
		if a := turn(c[i], c[(i+1)%4], c[(i+2)%4]); !(a*turn(c[3], c[0], c[1]) > 0 && math.Abs(a) > leastTurn) {
			return false
		}
	}
	return g.Module() >= leastModule
}

// turn is twice the area of a triangle, above zero where it turns right.
func turn(p, q, r pix.Point) float64 { return (q.X-p.X)*(r.Y-q.Y) - (q.Y-p.Y)*(r.X-q.X) }

const (
	// leastTurn is twice the least area of a triangle of corners, in pixels.
	leastTurn = 16
	// leastModule is the least side of a module in pixels: a smaller one is less than the light that a pixel gathers.
	leastModule = 0.9
)

// A Mark is a module that is known to be dark or light.
type Mark struct {
	Column, Row int16
	Dark        bool
}

// Thin leaves marks out evenly where there are more than so many.
func Thin(marks []Mark, most int) (out []Mark) {
	step := len(marks)/most | 1 // odd: those of a line alternate
	if step == 1 {
		return marks
	}
	for i := 0; i < len(marks); i += step {
		out = append(out, marks[i])
	}
	return out
}

// Levels are the mean lumas of the dark and of the light marks: apart by the contrast where the grid lies right.
func (g *Grid) Levels(p *pix.Gray, marks []Mark) (dark, light float64) {
	var s sums
	for _, m := range marks {
		s.add(m, g.luma(p, m))
	}
	return s.means()
}

// sums are those of the lumas of the light and of the dark marks, and how many there are.
type sums struct{ sum, n [2]int }

func (s *sums) add(m Mark, luma byte) {
	k := 0
	if m.Dark {
		k = 1
	}
	s.sum[k] += int(luma)
	s.n[k]++
}

func (s *sums) means() (dark, light float64) {
	return float64(s.sum[1]) / float64(max(1, s.n[1])), float64(s.sum[0]) / float64(max(1, s.n[0]))
}

// Right is the share of the marks that are darker than a level where they are to be dark, and lighter where light.
func (g *Grid) Right(p *pix.Gray, marks []Mark, level float64) float64 {
	n := 0
	for _, m := range marks {
		if m.isRight(g.luma(p, m), level) {
			n++
		}
	}
	return float64(n) / float64(max(1, len(marks)))
}

func (m Mark) isRight(luma byte, level float64) bool { return float64(luma) < level == m.Dark }

// A Measure has marks with the luma of each, for who asks more than once.
type Measure struct {
	marks []Mark
	lumas []byte
}

// Take measures marks on a grid.
func (a *Measure) Take(g *Grid, p *pix.Gray, marks []Mark) {
	a.marks, a.lumas = marks, pix.Resize(a.lumas, len(marks))
	for i, m := range marks {
		a.lumas[i] = g.luma(p, m)
	}
}

// Part is the marks from one to before another.
func (a *Measure) Part(from, to int) Measure { return Measure{a.marks[from:to], a.lumas[from:to]} }

// Levels are those of [Grid.Levels].
func (a *Measure) Levels() (dark, light float64) {
	var s sums
	for i, m := range a.marks {
		s.add(m, a.lumas[i])
	}
	return s.means()
}

// Right is that of [Grid.Right].
func (a *Measure) Right(level float64) float64 {
	n := 0
	for i, m := range a.marks {
		if m.isRight(a.lumas[i], level) {
			n++
		}
	}
	return float64(n) / float64(max(1, len(a.marks)))
}

func (g *Grid) luma(p *pix.Gray, m Mark) byte { return g.probe(p, float64(m.Column), float64(m.Row)) }

// edges are where a module is sampled near its corners, in modules from its own: there a grid that lies a fifth of a
// module off meets the neighbours.
var edges = [...]float64{0.2, 0.8}

// places is at how many places a module is looked at.
const places = len(edges) * len(edges)

// probe is the mean luma of four places in a module.
func (g *Grid) probe(p *pix.Gray, column, row float64) byte {
	sum := 0
	for _, v := range edges {
		for _, u := range edges {
			q := g.Map(column+u, row+v)
			sum += int(p.Interpolate(q.X, q.Y))
		}
	}
	return byte(sum / places)
}

// Clarity is how far the modules are from a level, in luma: most where the grid lies right. Of many it takes some,
// evenly.
func (g *Grid) Clarity(p *pix.Gray, level int) float64 {
	sum, n, step := 0, 0, max(1, g.Columns*g.Rows/mostClear)
	for step > 1 && (step%g.Columns == 0 || g.Columns%step == 0) { // those would stand in few columns
		step--
	}
	for i := 0; i < g.Columns*g.Rows; i += step {
		d := int(g.probe(p, float64(i%g.Columns), float64(i/g.Columns))) - level
		sum, n = sum+max(d, -d), n+1
	}
	return float64(sum) / float64(max(1, n))
}

// mostClear is about how many modules tell the clarity: with all of them no more of 1,296 drawings are read.
const mostClear = 200

// ClarityLooks is how many looks at pixels the clarity takes, at most.
func (g *Grid) ClarityLooks() int {
	return places * min(g.Columns*g.Rows, 2*mostClear)
}

// Tune moves the corners of the grid while the score grows, in steps that halve from so many modules on, and returns
// the score. A step ends when all moves in a row have gained nothing.
func (g *Grid) Tune(step float64, score func(*Grid) float64) float64 {
	const moves = len(together) * len(ways)
	best := score(g)
	for range tunings {
		vain := 0
		for i := 0; i < rounds*moves && vain < moves; i++ {
			way := &ways[i%len(ways)]
			next := g.move(together[i%moves/len(ways)], way.X*step, way.Y*step)
			vain++
			if s := score(&next); s > best+leastGain {
				*g, best, vain = next, s, 0
			}
		}
		step /= 2
	}
	return best
}

const (
	// tunings is how often the step halves: from half a module to a sixteenth.
	tunings = 4
	// rounds is how often all corners are moved by a step, at most.
	rounds = 6
	// leastGain is what a step must add to the score, in luma, to be taken; less is noise and goes on for long.
	leastGain = 0.02
)

// together are the corners that are moved at once, a bit for each: all, the two of a side, each alone.
var together = [...]uint8{0b1111, 0b0011, 0b0110, 0b1100, 0b1001, 0b0001, 0b0010, 0b0100, 0b1000}

// ways are where they are moved.
var ways = [...]pix.Point{{X: 1}, {X: -1}, {Y: 1}, {Y: -1}}

// move returns the grid with some of its corners moved by so many modules.
func (g *Grid) move(corners uint8, dx, dy float64) Grid {
	c, module := g.Corners(), g.Module()
	for i := range c {
		if corners>>i&1 != 0 {
			c[i].X += dx * module
			c[i].Y += dy * module
		}
	}
	return NewGrid(g.Columns, g.Rows, &c)
}
