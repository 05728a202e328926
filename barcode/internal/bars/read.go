package bars

import (
	"math"
	"slices"

	"github.com/offlane/offlane/barcode/internal/pix"
	"github.com/offlane/offlane/barcode/internal/symbol"
)

// Effort says how much to try.
type Effort struct {
	// Lines is how many lines to lay across the picture in each direction.
	Lines int
	// Angles are the directions of the lines in degrees: 0 is from left to right, 90 from top to bottom.
	Angles []float64
	// Inverted looks for light bars on dark, too.
	Inverted bool
	// Edges is how many measures of what an edge is to try, 1 to 4; the first From are passed over.
	From, Edges int
	// Blurred reads EAN-13 and UPC-A from the luma where bars have run together.
	Blurred bool
	// First ends a region with the line after which enough lines agree on a symbol.
	First bool
}

// A Reader gathers readings of one picture, of whatever sizes of it. It keeps its buffers; it is for one goroutine.
type Reader struct {
	wanted        symbol.Set
	rules         Rules
	decoders      []decoder
	line, sharp   []byte
	s, back, swap widths
	found         []dbFinder
	votes, rows   []vote
	unlit         []vote // of unchecked symbols whose quiet zones are not light
	lines         int
	fit           *fit // made when first used
	tries, fits   int  // how many places of the picture were tried with it, and how many thoroughly
	place         place
	step          float64 // between lines, in pixels of the picture
	sheet         sheet
	work          int // looks at pixels since Reset
	field         field
	reach         [2]float64     // from where to where lines go, from the place they are laid through; zero: to the border
	cut           [2]bool        // which ends of the line are none of the picture
	beside        []byte         // a line a little beside the one that is read where bars are blurred
	known         [][4]pix.Point // the symbols that were read, in a plane so many times smaller than the picture
	knownScale    float64
	verdicts      []verdict
}

// NewReader makes a reader of the formats wanted, with what the caller knows of them.
func NewReader(wanted symbol.Set, rules Rules) *Reader {
	r := &Reader{wanted: wanted, rules: rules}
	for _, d := range decoders {
		if d.decode != nil && slices.ContainsFunc(d.formats, wanted.Has) {
			r.decoders = append(r.decoders, d.decode)
		}
	}
	return r
}

// Reset forgets all readings and the planes they are of.
func (r *Reader) Reset() {
	r.sheet = sheet{}
	r.votes, r.rows, r.lines, r.tries, r.fits, r.work = r.votes[:0], r.rows[:0], 0, 0, 0, 0
	r.verdicts, r.unlit = r.verdicts[:0], r.unlit[:0]
	r.field.points = r.field.points[:0]
}

// Work is how many looks at pixels were taken since Reset.
func (r *Reader) Work() int { return r.work }

// Read looks at a plane that is so many times smaller than the picture.
func (r *Reader) Read(g *pix.Gray, scale float64, effort Effort) {
	r.see(g, scale)
	for _, angle := range effort.Angles {
		r.direction(g, scale, angle, effort)
	}
}

// see notes the finest plane.
func (r *Reader) see(g *pix.Gray, scale float64) {
	if r.sheet.plane == nil || scale < r.sheet.scale {
		r.sheet = sheet{plane: g, scale: scale}
	}
}

// A place is where a line lies in the picture: where its first sample begins, and how far on each next one is.
type place struct{ x, y, dx, dy float64 }

func (p place) at(t float32) pix.Point {
	return pix.Point{X: p.x + float64(t)*p.dx, Y: p.y + float64(t)*p.dy}
}

// direction lays parallel lines over the plane.
func (r *Reader) direction(g *pix.Gray, scale, angle float64, effort Effort) {
	sin, cos := math.Sincos(angle * math.Pi / 180)
	w, h := float64(g.W), float64(g.H)
	// The extent of the plane across the lines, from its middle.
	across := (math.Abs(w*sin) + math.Abs(h*cos)) / 2
	step := max(1, 2*across/float64(effort.Lines))
	for off := -across + step/2; off < across; off += step {
		r.lay(g, scale, w/2-off*sin, h/2+off*cos, cos, sin, step, effort)
	}
}

// lay reads the line through x, y, from border to border of the plane.
func (r *Reader) lay(g *pix.Gray, scale, x, y, cos, sin, step float64, effort Effort) {
	r.lines++
	from, to, ok := clip(float64(g.W), float64(g.H), x, y, cos, sin)
	if !ok || to-from < 30 {
		return
	}
	r.cut = [2]bool{}
	if r.reach != [2]float64{} {
		r.cut = [2]bool{from < r.reach[0], to > r.reach[1]}
		from, to = max(from, r.reach[0]), min(to, r.reach[1])
	}
	x, y = x+from*cos, y+from*sin
	r.line = sample(r.line[:0], g, x, y, cos, sin, int(to-from))
	r.work += len(r.line) * (1 + effort.Edges - effort.From)
	r.place, r.step = place{scale * x, scale * y, scale * cos, scale * sin}, scale*step
	r.readLine(effort)
}

// clip returns the part of the line through x, y that lies within w by h.
func clip(w, h, x, y, dx, dy float64) (from, to float64, ok bool) {
	from, to = math.Inf(-1), math.Inf(1)
	for _, a := range [2][3]float64{{x, dx, w}, {y, dy, h}} {
		if math.Abs(a[1]) < 1e-9 {
			if a[0] < 0 || a[0] >= a[2] {
				return 0, 0, false
			}
			continue
		}
		t0, t1 := -a[0]/a[1], (a[2]-a[0])/a[1]
		from, to = max(from, min(t0, t1)), min(to, max(t0, t1))
	}
	return from, to, to > from
}

// sample appends n samples of the plane from x, y on, one pixel apart.
func sample(line []byte, g *pix.Gray, x, y, dx, dy float64, n int) []byte {
	if dy == 0 {
		from := max(0, int(x))
		return append(line, g.Row(min(g.H-1, int(y)))[from:min(g.W, from+n)]...)
	}
	if math.Abs(dx) < 1e-9 {
		column := min(g.W-1, int(x))
		for row := max(0, int(y)); n > 0 && row < g.H; n, row = n-1, row+1 {
			line = append(line, g.Pix[row*g.Stride+column])
		}
		return line
	}
	return g.Line(line, x+dx/2, y+dy/2, dx, dy, n)
}
