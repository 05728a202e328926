package barcode

import (
	"context"
	"image"
	"math"
	"slices"
	"time"

	"github.com/offlane/offlane/barcode/internal/bars"
	"github.com/offlane/offlane/barcode/internal/matrix"
	"github.com/offlane/offlane/barcode/internal/pix"
	"github.com/offlane/offlane/barcode/internal/qr"
	"github.com/offlane/offlane/barcode/internal/symbol"
	"github.com/offlane/offlane/barcode/internal/zx"
)

func planeOf(img image.Image) *pix.Gray { return pix.FromImage(img) }

func grayOf(p Plane) pix.Gray {
	return pix.Gray{Pix: p.Pix, W: p.Width, H: p.Height, Stride: p.Stride}
}

// A scratch is what one scan works with; the scanner keeps it for the next.
type scratch struct {
	picture   pix.Gray
	clock     clock
	late      func() bool // asks the clock
	levels    []*pix.Gray // the first is the picture itself
	halves    []*pix.Gray
	binarizer pix.Binarizer
	qr        qr.Reader
	zx        zx.Reader
	lines     *bars.Reader
}

func (s *Scanner) scratch() *scratch {
	if d, ok := s.scratches.Get().(*scratch); ok {
		return d
	}
	d := &scratch{lines: bars.NewReader(s.wanted(), s.rules())}
	d.late, d.qr.Charset = d.clock.late, s.ECI
	return d
}

// pyramid halves the picture until its longer side is less than twice the smallest.
func (d *scratch) pyramid(g *pix.Gray, smallest int) {
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

// A search is one scan under way.
type search struct {
	*Scanner
	*scratch
	*plan
	all []Symbol
}

// scan goes through the pyramid from the smallest picture up: a large symbol is found sooner there, and blur and
// noise are less.
func (s *Scanner) scan(ctx context.Context, g pix.Gray) ([]Symbol, error) {
	x := search{Scanner: s, scratch: s.scratch(), plan: &plans[min(int(s.Setting), len(plans)-1)]}
	defer x.leave()
	x.begin(ctx, g)
	x.pyramid(&x.picture, x.smallest)
	x.scratch.qr.Begin()
	if s.wants(DataMatrix) && (x.stubborn || matrix.Framed(&x.picture)) {
		x.add("upright matrix", matrix.Read(&x.picture), 1)
	}
	for i := len(x.levels) - 1; i >= 0 && !x.enough(i); i-- {
		x.level(i)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	x.add("bars", x.scratch.lines.Symbols(), 1)
	return x.all, nil
}

// add merges what a step read.
func (x *search) add(step string, read []symbol.Symbol, scale float64) {
	x.all = merge(x.all, read, scale)
	if x.Trace != nil {
		x.Trace(step, merge(nil, read, scale))
	}
}

// A clock tells when the budget or the context of a scan is at its end.
type clock struct {
	done <-chan struct{}
	end  time.Time // zero: none
}

func (c *clock) late() bool {
	select {
	case <-c.done:
		return true
	default:
		return !c.end.IsZero() && time.Now().After(c.end)
	}
}

func (x *search) begin(ctx context.Context, g pix.Gray) {
	budget := x.Budget
	if budget == 0 {
		budget = x.budget
	}
	x.picture, x.clock = g, clock{done: ctx.Done()}
	if budget > 0 {
		x.clock.end = time.Now().Add(budget)
	}
}

// leave clears the scratch of what the caller lent.
func (x *search) leave() {
	x.picture, x.clock, x.levels[0] = pix.Gray{}, clock{}, nil
	x.scratch.lines.Reset()
	x.scratches.Put(x.scratch)
}

// enough says whether level i is not worth beginning. The smallest one is begun whatever its size; what was read in a
// small one leaves the next to be looked at for others.
func (x *search) enough(i int) bool {
	if i == len(x.levels)-1 {
		return x.late()
	}
	return longer(x.levels[i]) > x.largest || !x.stubborn && len(x.all) > 0 && !x.tiny(i+1) || x.late()
}

func longer(g *pix.Gray) int { return max(g.W, g.H) }

// tiny says whether level i is too small for anything but a large QR code.
func (x *search) tiny(i int) bool { return i > 0 && longer(x.levels[i]) < x.small }

// level reads level i of the pyramid.
func (x *search) level(i int) {
	g, scale := x.levels[i], math.Ldexp(1, i)
	want := zx.Want{DataMatrix: x.wants(DataMatrix), Aztec: x.wants(Aztec)}
	effort := x.plan.qr
	effort.QR, effort.Micro, effort.Late = x.wants(QRCode), x.wants(MicroQR), x.late
	if longer(g) < x.wide {
		effort.Step = min(effort.Step, 2)
	}
	small := x.tiny(i)
	others := (want.DataMatrix || want.Aztec) && !small
	own := effort.QR || effort.Micro
	if own || others && !x.stubborn {
		b := x.binarizer.Local(g)
		if own {
			x.add("qr, local levels", x.scratch.qr.Read(g, b, effort, quads(x.all, scale)), scale)
		}
		if others && !x.stubborn {
			x.add("gozxing", x.zx.Read(b, want), scale)
		}
	}
	if own && x.stubborn {
		x.add("qr, one level", x.scratch.qr.Read(g, x.binarizer.Global(g), effort, quads(x.all, scale)), scale)
	}
	if others && x.stubborn && !x.late() {
		x.add("gozxing, own binarizers", stubborn(g, want), scale)
	}
	if x.wantsLinear() && !small && !x.late() {
		x.scratch.lines.Read(g, scale, x.plan.lines)
		x.add("bars", nil, 1)
	}
}

// stubborn has gozxing look at the picture and its negative with binarizers of its own.
func stubborn(g *pix.Gray, want zx.Want) []symbol.Symbol {
	if all := zx.Read(g, want); len(all) > 0 {
		return all
	}
	return zx.Read(g.Inverted(), want)
}

func (s *Scanner) wantsLinear() bool {
	return len(s.Formats) == 0 || slices.ContainsFunc(s.Formats, Format.linear)
}

// wanted are the formats to read.
func (s *Scanner) wanted() (set symbol.Set) {
	for _, f := range Formats() {
		if s.wants(f) {
			set |= symbol.SetOf(symbol.Format(f))
		}
	}
	return set
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
func merge(all []Symbol, more []symbol.Symbol, scale float64) []Symbol {
	for _, f := range more {
		s := Symbol{Format: Format(f.Format), Text: f.Text, AIM: f.AIM, Raw: f.Raw, AddOn: f.AddOn,
			Quality: Quality(f.Quality), Part: Part(f.Part)}
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
