package barcode

import (
	"context"
	"image"
	"math"
	"slices"

	"github.com/offlane/offlane/barcode/internal/bars"
	"github.com/offlane/offlane/barcode/internal/found"
	"github.com/offlane/offlane/barcode/internal/matrix"
	"github.com/offlane/offlane/barcode/internal/pix"
	"github.com/offlane/offlane/barcode/internal/qr"
	"github.com/offlane/offlane/barcode/internal/zx"
)

func planeOf(img image.Image) *pix.Gray { return pix.FromImage(img) }

func grayOf(p Plane) *pix.Gray {
	return &pix.Gray{Pix: p.Pix, W: p.Width, H: p.Height, Stride: p.Stride}
}

// leastSide is the longer side at which the pyramid ends.
const leastSide = 400

// scan goes through the pyramid from the smallest picture up: a large symbol is found sooner there, and blur and
// noise are less.
func (s *Scanner) scan(ctx context.Context, g *pix.Gray) ([]Symbol, error) {
	levels := []*pix.Gray{g}
	for last := g; max(last.W, last.H) >= 2*leastSide && min(last.W, last.H) >= 2; {
		last = pix.Half(nil, last)
		levels = append(levels, last)
	}
	var all []Symbol
	if s.wants(DataMatrix) {
		all = merge(all, matrix.Read(g), 1)
	}
	lines := bars.NewReader(s.wantedNames())
	for i := len(levels) - 1; i >= 0; i-- {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		all = merge(all, s.level(levels[i], quads(all, math.Ldexp(1, i))), math.Ldexp(1, i))
		if s.wantsLinear() {
			lines.Read(levels[i], math.Ldexp(1, i), stillLines)
		}
	}
	return merge(all, lines.Symbols(), 1), nil
}

// stillLines are laid over every level of the pyramid.
var stillLines = bars.Effort{Lines: 300, Angles: []float64{0, 90, 45, 135}, Inverted: true}

func (s *Scanner) wantsLinear() bool {
	return len(s.Formats) == 0 || slices.ContainsFunc(s.Formats, Format.linear)
}

// wantedNames are the names of the formats to read.
func (s *Scanner) wantedNames() map[string]bool {
	names := map[string]bool{}
	for _, f := range Formats() {
		names[f.String()] = s.wants(f)
	}
	return names
}

func (s *Scanner) level(g *pix.Gray, known [][4]pix.Point) []found.Symbol {
	var all []found.Symbol
	if s.wants(QRCode) {
		var z pix.Binarizer
		var r qr.Reader
		for _, binary := range []func() *pix.Binary{
			func() *pix.Binary { return z.Local(g, 8, 24) },
			func() *pix.Binary { return z.Global(g) },
		} {
			b := binary()
			for range 2 {
				for _, f := range r.Read(b, qr.Effort{Triples: 40, Finders: 40}, known) {
					all = append(all, f)
					known = append(known, f.Corners)
				}
				b.Invert()
			}
		}
	}
	want := zx.Want{DataMatrix: s.wants(DataMatrix), Aztec: s.wants(Aztec)}
	rest := zx.Read(g, want)
	if len(rest) == 0 && (want.DataMatrix || want.Aztec) {
		rest = zx.Read(g.Inverted(), want)
	}
	return append(all, rest...)
}

// quads are the corners of the symbols read so far, in a picture so many times smaller.
func quads(all []Symbol, scale float64) (out [][4]pix.Point) {
	for _, s := range all {
		var q [4]pix.Point
		for i, c := range s.Corners {
			q[i] = pix.Point{X: c.X / scale, Y: c.Y / scale}
		}
		out = append(out, q)
	}
	return out
}

// merge adds what is new, in the coordinates of the whole picture.
func merge(all []Symbol, more []found.Symbol, scale float64) []Symbol {
	for _, f := range more {
		format, err := ParseFormat(f.Format)
		if err != nil {
			continue
		}
		s := Symbol{Format: format, Text: f.Text, AIM: f.AIM, Raw: f.Raw}
		for i, c := range f.Corners {
			s.Corners[i] = Point{X: c.X * scale, Y: c.Y * scale}
		}
		if !known(all, s) {
			all = append(all, s)
		}
	}
	return all
}

// known says whether a symbol of the same text already stands where s does.
func known(all []Symbol, s Symbol) bool {
	for _, k := range all {
		if k.Format == s.Format && k.Text == s.Text && near(k.Corners, s.Corners) {
			return true
		}
	}
	return false
}

// near says whether the centre of one lies within the other.
func near(a, b [4]Point) bool {
	ca, ra := middle(a)
	cb, rb := middle(b)
	return math.Hypot(ca.X-cb.X, ca.Y-cb.Y) <= max(ra, rb)
}

// middle returns the centre of four corners and the mean distance to them.
func middle(q [4]Point) (c Point, r float64) {
	for _, p := range q {
		c.X += p.X / 4
		c.Y += p.Y / 4
	}
	for _, p := range q {
		r += math.Hypot(p.X-c.X, p.Y-c.Y) / 4
	}
	return c, r
}
