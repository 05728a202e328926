package bars

import "math"

// A claim is an EAN-13 or a UPC-A that a fit believes in, drawn on the pixels of the line with all that a camera does
// to it: modules that crowd, a blur and a light that differ from end to end, bars that ink has spread. A line is drawn
// so well only by the digits that it has.
type claim struct {
	luma   []float64
	dark   []float64
	first  int        // the pixel of the line that luma begins with
	bars   [30]bar    // in modules
	digits [12]byte   // as a fit has them
	shape  claimShape // that was found to be nearest
	light  [4]float64 // and its light: of light and of depth, at the beginning and the change to the end
	off    float64    // the square error it leaves
	edge   [2*claimReach*perSigma + 2]float64
}

// A bar begins and ends so many modules from the first.
type bar struct{ from, to float64 }

// A claimShape says where on the line a symbol begins and ends, in pixels; by how much the modules crowd to one side
// and to both, as those of a tilted and of a round thing do, in shares of the length; the blur at both ends, and how
// much wider than printed the bars are, in modules.
type claimShape [7]float64

// claimSteps are by how much a shape is changed at first: the pixels are in modules here.
var claimSteps = claimShape{0.4, 0.4, 0.01, 0.01, 0.2, 0.2, 0.1}

const (
	claimMargin = 4 // modules of the quiet zones that are drawn
	claimRounds = 60
	claimHalves = 5   // how often the steps are halved
	claimReach  = 3   // standard deviations over which blur is drawn
	perSigma    = 128 // places of a blurred edge that are worked out beforehand
)

// at is the pixel at which a module begins.
func (s *claimShape) at(module float64) float64 {
	u := module / 95
	return s[0] + (s[1]-s[0])*(u+s[2]*u*(1-u)+s[3]*u*(1-u)*(1-2*u))
}

// set makes a claim of the digits of a fit between two places of a line.
func (c *claim) set(line []byte, from, to float64, digits [12]byte, blur float64) bool {
	if c.edge[len(c.edge)-1] == 0 {
		c.makeEdge()
	}
	module := (to - from) / 95
	reach := claimMargin * math.Abs(module)
	c.first = max(0, int(math.Ceil(min(from, to)-reach)))
	last := min(len(line), int(max(from, to)+reach))
	if last-c.first < 95 {
		return false
	}
	c.luma, c.dark = c.luma[:0], c.dark[:0]
	for _, v := range line[c.first:last] {
		c.luma, c.dark = append(c.luma, float64(v)), append(c.dark, 0)
	}
	c.shape = claimShape{from, to, 0, 0, blur, blur, 0}
	c.digits = digits
	c.draw()
	return true
}

// draw lays the bars of the digits.
func (c *claim) draw() {
	n, at := 0, 0.0
	put := func(width float64, dark bool) {
		if dark {
			c.bars[n] = bar{at, at + width}
			n++
		}
		at += width
	}
	guard := func(first bool, elements int) {
		for k := range elements {
			put(1, first == (k%2 == 0))
		}
	}
	guard(true, 3)
	for k, d := range c.digits {
		if k == 6 {
			guard(false, 5)
		}
		for i := range 4 {
			w := eanDigits[d%10][i]
			if d/10 == 1 {
				w = eanDigits[d%10][3-i]
			}
			put(float64(w), (i%2 == 1) != (k >= 6))
		}
	}
	guard(true, 3)
}

// error draws the claim in a shape and returns the square error that is left with the light that fits best.
func (c *claim) error(s *claimShape) float64 {
	clear(c.dark)
	module := math.Abs(s[1]-s[0]) / 95
	for _, b := range c.bars {
		c.addBar(s.at(b.from-s[6]/2), s.at(b.to+s[6]/2), module*(s[4]+(s[5]-s[4])*b.from/95))
	}
	return c.relight(s)
}

// addBar adds a bar between two places with a blur.
func (c *claim) addBar(a, b, sigma float64) {
	a, b = min(a, b)-float64(c.first), max(a, b)-float64(c.first)
	for i := max(0, int(a-claimReach*sigma)); i < min(len(c.dark), int(b+claimReach*sigma)+1); i++ {
		x := float64(i) + 0.5
		c.dark[i] += c.step((x-a)/sigma) - c.step((x-b)/sigma)
	}
}

// step is how much of an edge lies before a place, so many standard deviations behind it.
func (c *claim) step(x float64) float64 {
	if x <= -claimReach {
		return 0
	}
	if x >= claimReach {
		return 1
	}
	x = (x + claimReach) * perSigma
	i := int(x)
	return c.edge[i] + (x-float64(i))*(c.edge[i+1]-c.edge[i])
}

func (c *claim) makeEdge() {
	for i := range c.edge {
		c.edge[i] = (1 + math.Erf((float64(i)/perSigma-claimReach)/math.Sqrt2)) / 2
	}
}

// relight finds the light by least squares and returns what is left.
func (c *claim) relight(s *claimShape) float64 {
	var m [4][5]float64
	for i, d := range c.dark {
		u := (float64(i+c.first) - s[0]) / (s[1] - s[0])
		row := [5]float64{1, u, d, d * u, c.luma[i]}
		for a := range 4 {
			for b := range 5 {
				m[a][b] += row[a] * row[b]
			}
		}
	}
	var ok bool
	if c.light, ok = solve(m); !ok {
		return math.Inf(1)
	}
	sum := 0.0
	for i, d := range c.dark {
		u := (float64(i+c.first) - s[0]) / (s[1] - s[0])
		e := c.light[0] + c.light[1]*u + (c.light[2]+c.light[3]*u)*d - c.luma[i]
		sum += e * e
	}
	return sum
}

// solve solves four linear equations.
func solve(m [4][5]float64) (x [4]float64, ok bool) {
	for k := range 4 {
		pivot := k
		for i := k + 1; i < 4; i++ {
			if math.Abs(m[i][k]) > math.Abs(m[pivot][k]) {
				pivot = i
			}
		}
		m[k], m[pivot] = m[pivot], m[k]
		if math.Abs(m[k][k]) < 1e-9 {
			return x, false
		}
		for i := range 4 {
			if i == k {
				continue
			}
			f := m[i][k] / m[k][k]
			for j := k; j < 5; j++ {
				m[i][j] -= f * m[k][j]
			}
		}
	}
	for k := range 4 {
		x[k] = m[k][4] / m[k][k]
	}
	return x, true
}

// improve changes the shape for as long as that helps.
func (c *claim) improve() {
	step := claimSteps
	module := (c.shape[1] - c.shape[0]) / 95
	step[0] *= math.Abs(module)
	step[1] *= math.Abs(module)
	c.off = c.error(&c.shape)
	for round, halves := 0, 0; round < claimRounds && halves < claimHalves; round++ {
		if !c.better(step) {
			halves++
			for k := range step {
				step[k] /= 2
			}
		}
	}
	c.off = c.error(&c.shape)
}

// better tries one step in each direction.
func (c *claim) better(step claimShape) (any bool) {
	const least, most, spread = 0.15, 2.5, 0.5 // modules of blur and of bars
	for k := range step {
		for _, sign := range [2]float64{1, -1} {
			s := c.shape
			if s[k] += sign * step[k]; k >= 4 && k < 6 && (s[k] < least || s[k] > most) || k == 6 && math.Abs(s[k]) > spread {
				continue
			}
			if off := c.error(&s); off < c.off {
				c.shape, c.off, any = s, off, true
				break
			}
		}
	}
	return any
}

// certainty tells how much better the digits are than others: for the digit that is least sure, the logarithm of how
// many times likelier the line is with it than with the next best one, the noise being what the drawing leaves.
func (c *claim) certainty() float64 {
	noise := 2 * c.off / float64(len(c.luma))
	least := math.Inf(1)
	for k, was := range c.digits {
		from, to := byte(0), byte(20)
		if k >= 6 {
			from, to = 20, 30
		}
		for d := from; d < to; d++ {
			if d == was {
				continue
			}
			c.digits[k] = d
			c.draw()
			least = min(least, (c.error(&c.shape)-c.off)/noise)
		}
		c.digits[k] = was
	}
	c.draw()
	return least
}
