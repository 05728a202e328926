package barcode

import (
	"image"
	"math"
	"slices"

	"github.com/offlane/offlane/barcode/internal/pix"
	"github.com/offlane/offlane/barcode/internal/symbol"
)

func planeOf(img image.Image) *pix.Gray { return pix.FromImage(img) }

func grayOf(p Plane) pix.Gray {
	return pix.Gray{Pix: p.Pix, W: p.Width, H: p.Height, Stride: p.Stride}
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
		if !isKnown(all, s) {
			all = append(all, s)
		}
	}
	return all
}

// takeBack leaves out the linear symbols that the lines do not tell any more: more lines may dispute what a few had
// read.
func takeBack(all []Symbol, lines []symbol.Symbol) []Symbol {
	told := merge(nil, lines, 1)
	return slices.DeleteFunc(all, func(s Symbol) bool { return s.Format.linear() && !isKnown(told, s) })
}

// isKnown says whether a symbol of the same text already stands where s does.
func isKnown(all []Symbol, s Symbol) bool {
	for _, k := range all {
		if k.Format == s.Format && k.Text == s.Text && isNear(k.Corners, s.Corners) {
			return true
		}
	}
	return false
}

// isNear says whether the centre of one lies within the other.
func isNear(a, b [4]Point) bool {
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
