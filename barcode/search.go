package barcode

import (
	"context"
	"image"
	"math"
	"slices"
	"time"

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

// A desk is what one scan works with; the scanner keeps it for the next.
type desk struct {
	levels    []*pix.Gray // the first is the picture itself
	halves    []*pix.Gray
	binarizer pix.Binarizer
	qr        qr.Reader
	zx        zx.Reader
	lines     *bars.Reader
}

func (s *Scanner) desk() *desk {
	if d, ok := s.desks.Get().(*desk); ok {
		d.lines.Reset()
		return d
	}
	return &desk{lines: bars.NewReader(s.wantedNames())}
}

// pyramid halves the picture until its longer side is less than twice the smallest.
func (d *desk) pyramid(g *pix.Gray, smallest int) {
	d.levels = append(d.levels[:0], g)
	for i := 0; max(g.W, g.H) >= 2*smallest && min(g.W, g.H) >= 2; i++ {
		if i == len(d.halves) {
			d.halves = append(d.halves, nil)
		}
		d.halves[i] = pix.Half(d.halves[i], g)
		g = d.halves[i]
		d.levels = append(d.levels, g)
	}
}

// scan goes through the pyramid from the smallest picture up: a large symbol is found sooner there, and blur and
// noise are less.
func (s *Scanner) scan(ctx context.Context, g *pix.Gray) ([]Symbol, error) {
	p := &plans[min(int(s.Setting), len(plans)-1)]
	begun := time.Now()
	d := s.desk()
	defer s.desks.Put(d)
	d.pyramid(g, p.smallest)
	var all []Symbol
	if s.wants(DataMatrix) && (p.stubborn || matrix.Framed(g)) {
		all = merge(all, matrix.Read(g), 1)
	}
	for i := len(d.levels) - 1; i >= 0; i-- {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if i < len(d.levels)-1 && p.over(d.levels[i], time.Since(begun), len(all)) {
			break
		}
		all = s.level(d, all, i, p)
	}
	return merge(all, d.lines.Symbols(), 1), nil
}

// over says whether a level is not worth beginning.
func (p *plan) over(g *pix.Gray, spent time.Duration, found int) bool {
	return p.budget > 0 && (spent > p.budget || found > 0) || max(g.W, g.H) > p.largest
}

// level reads one level of the pyramid.
func (s *Scanner) level(d *desk, all []Symbol, i int, p *plan) []Symbol {
	g, scale := d.levels[i], math.Ldexp(1, i)
	want := zx.Want{DataMatrix: s.wants(DataMatrix), Aztec: s.wants(Aztec)}
	others := want.DataMatrix || want.Aztec
	effort := p.qr
	effort.QR, effort.Micro = s.wants(QRCode), s.wants(MicroQR)
	own := effort.QR || effort.Micro
	if own || others {
		b := d.binarizer.Local(g)
		if own {
			all = merge(all, d.qr.Read(b, effort, quads(all, scale)), scale)
		}
		if others && !p.stubborn {
			all = merge(all, d.zx.Read(b, want), scale)
		}
	}
	if own && p.stubborn {
		all = merge(all, d.qr.Read(d.binarizer.Global(g), effort, quads(all, scale)), scale)
	}
	if others && p.stubborn {
		all = merge(all, stubborn(g, want), scale)
	}
	if s.wantsLinear() {
		d.lines.Read(g, scale, p.lines)
	}
	return all
}

// stubborn has gozxing look at the picture and its negative with binarizers of its own.
func stubborn(g *pix.Gray, want zx.Want) []found.Symbol {
	if all := zx.Read(g, want); len(all) > 0 {
		return all
	}
	return zx.Read(g.Inverted(), want)
}

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
		s := Symbol{Format: format, Text: f.Text, AIM: f.AIM, Raw: f.Raw, Quality: Quality(f.Quality), Part: Part(f.Part)}
		s.Quality.Module *= scale
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
