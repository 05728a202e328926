package bars

import (
	"cmp"
	"math"
	"slices"

	"github.com/offlane/offlane/barcode/internal/pix"
)

// A Region is a part of a plane that looks like bars.
type Region struct {
	middle   pix.Point
	cos, sin float64 // the direction across the bars
	// from and to are the ends in that direction, top and bottom those along the bars, in pixels from the middle.
	from, to, top, bottom float64
	cells                 []pix.Point // the middles of its cells
	// rest says whether it looked like bars outside of so many symbols.
	rest   bool
	restOf int
}

// The least that is looked at.
const (
	leastLong  = 5 * cellSide // across the bars: half a UPC-E of two pixels a module
	leastCells = 6
)

// Regions returns the parts of a plane that look like bars, the largest first. They are valid until Reset.
func (r *Reader) Regions(g *pix.Gray) []Region {
	r.field.take(g)
	var all []Region
	for i := range r.field.sums {
		if r.field.label[i] != unlabelled {
			continue
		}
		if reg, ok := r.field.region(r.field.fill(i, int32(len(all)+1))); ok && r.isStriped(g, &reg) {
			all = append(all, reg)
		}
	}
	slices.SortStableFunc(all, func(a, b Region) int { return cmp.Compare(len(b.cells), len(a.cells)) })
	return all
}

// fill labels and returns the cells that join on to one and look like bars of about the same direction, and the sum of
// all. They are valid until the next call.
func (f *field) fill(first int, label int32) (members []int32, direction [2]float64) {
	f.stack = append(f.stack[:0], int32(first))
	f.members = f.members[:0]
	f.label[first] = label
	for len(f.stack) > 0 {
		i := f.stack[len(f.stack)-1]
		f.stack = f.stack[:len(f.stack)-1]
		f.members = append(f.members, i)
		direction[0] += float64(f.cells[i].along)
		direction[1] += float64(f.cells[i].slant)
		x, y := int(i)%f.w, int(i)/f.w
		for ny := max(0, y-1); ny <= min(y+1, f.h-1); ny++ {
			for nx := max(0, x-1); nx <= min(x+1, f.w-1); nx++ {
				f.join(nx, ny, label, direction)
			}
		}
		sin, cos := halfAngle(direction)
		for n := 2.0; n <= widestGap; n++ {
			dx, dy := int(math.Round(n*cos)), int(math.Round(n*sin))
			f.join(x+dx, y+dy, label, direction)
			f.join(x-dx, y-dy, label, direction)
		}
	}
	return f.members, direction
}

// halfAngle returns the sine and the cosine of half the angle of a direction, which is between -90 and 90 degrees.
func halfAngle(d [2]float64) (sin, cos float64) {
	far := math.Sqrt(d[0]*d[0] + d[1]*d[1])
	if far == 0 {
		return 0, 1
	}
	c := d[0] / far
	return math.Copysign(math.Sqrt(max(0, 1-c)/2), d[1]), math.Sqrt(max(0, 1+c) / 2)
}

// widestGap is how many cells on, across the bars, a cell still joins on: wide bars and spaces have cells without an
// edge.
const widestGap = 6

// join puts a cell on the stack if it looks like bars of about a direction and belongs to no region.
func (f *field) join(x, y int, label int32, direction [2]float64) {
	if uint(x) >= uint(f.w) || uint(y) >= uint(f.h) {
		return
	}
	if k := y*f.w + x; f.label[k] == unlabelled && f.sums[k].points(direction) {
		f.label[k] = label
		f.stack = append(f.stack, int32(k))
	}
}

// points says whether a cell's direction is within some 22 degrees of another: of the doubled angles the cosine is
// above 0.7.
func (c *cell) points(d [2]float64) bool {
	a, s := float64(c.along), float64(c.slant)
	dot := a*d[0] + s*d[1]
	return dot >= 0 && 2*dot*dot >= (a*a+s*s)*(d[0]*d[0]+d[1]*d[1])
}

// region measures some cells; not ok where they are too few.
func (f *field) region(members []int32, direction [2]float64) (reg Region, ok bool) {
	if len(members) < leastCells {
		return reg, false
	}
	reg.sin, reg.cos = halfAngle(direction)
	first := len(f.points)
	for _, i := range members {
		p := pix.Point{X: (float64(int(i)%f.w) + 0.5) * cellSide, Y: (float64(int(i)/f.w) + 0.5) * cellSide}
		f.points = append(f.points, p)
		reg.middle.X += p.X / float64(len(members))
		reg.middle.Y += p.Y / float64(len(members))
	}
	reg.cells = f.points[first:len(f.points):len(f.points)]
	for _, p := range reg.cells {
		u, _ := reg.place(p)
		reg.from, reg.to = min(reg.from, u-cellSide/2), max(reg.to, u+cellSide/2)
	}
	reg.top, reg.bottom = f.rows(&reg)
	return reg, reg.to-reg.from >= leastLong
}

// place returns how far a point lies from the middle of a region, across the bars and along them.
func (reg *Region) place(p pix.Point) (u, v float64) {
	x, y := p.X-reg.middle.X, p.Y-reg.middle.Y
	return x*reg.cos + y*reg.sin, y*reg.cos - x*reg.sin
}

// rows returns from where to where along the bars a region has at least a third of the cells that it has where it is
// widest: what joins on to a symbol above and below it, like print and edges, takes no lines.
func (f *field) rows(reg *Region) (top, bottom float64) {
	zero := f.w + f.h // farther than any cell
	f.counts = pix.Resize(f.counts, 2*zero)
	clear(f.counts)
	most := int32(0)
	for _, p := range reg.cells {
		_, v := reg.place(p)
		k := zero + int(math.Floor(v/cellSide))
		f.counts[k]++
		most = max(most, f.counts[k])
	}
	wide := func(n int32) bool { return 3*n >= most }
	first := slices.IndexFunc(f.counts, wide)
	last := first
	for k, n := range f.counts[first:] {
		if wide(n) {
			last = first + k
		}
	}
	return float64(first-zero) * cellSide, float64(last+1-zero) * cellSide
}

// ReadRegion lays lines across the bars of a region of a plane that is so many times smaller than the picture. They go
// on at both ends by the region's length: a symbol may reach farther than what looks like bars. No blurred symbol is
// looked for within one of those known.
func (r *Reader) ReadRegion(g *pix.Gray, scale float64, reg *Region, effort Effort, known [][4]pix.Point) {
	r.see(g, scale)
	r.known, r.knownScale = known, scale
	r.reach = [2]float64{2*reg.from - reg.to, 2*reg.to - reg.from}
	defer func() { r.reach, r.known = [2]float64{}, nil }()
	high := reg.bottom - reg.top
	step := max(leastStep, high/float64(effort.Lines))
	for off := reg.top + step/2; off < reg.bottom; off += step {
		r.beside = r.beside[:0]
		if effort.Blurred {
			r.lay(g, scale, reg.middle.X-(off+apart)*reg.sin, reg.middle.Y+(off+apart)*reg.cos, reg.cos, reg.sin, step, Effort{})
			r.beside = append(r.beside, r.line...)
		}
		votes := len(r.votes)
		r.lay(g, scale, reg.middle.X-off*reg.sin, reg.middle.Y+off*reg.cos, reg.cos, reg.sin, step, effort)
		if effort.First && len(r.votes) > votes && len(r.Symbols()) > 0 {
			return
		}
	}
}

// IsPromising says whether a line has read something in a region of a plane that is so many times smaller than the
// picture, outside of the symbols known.
func (r *Reader) IsPromising(reg *Region, scale float64, known [][4]pix.Point) bool {
	hulls := hullsOf(known)
	return slices.ContainsFunc(r.votes, func(o vote) bool {
		m := mid(o.from, o.to)
		p := pix.Point{X: m.X / scale, Y: m.Y / scale}
		u, v := reg.place(p)
		return u > reg.from && u < reg.to && v > reg.top && v < reg.bottom && !anyHolds(hulls, p)
	})
}

// leastStep is the least distance between two lines of a region, in pixels: nearer ones see the same flaws.
const leastStep = 1.5
