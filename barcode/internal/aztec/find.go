package aztec

import (
	"math"

	"github.com/offlane/offlane/barcode/internal/pix"
)

// An eye is what looks like a bull's-eye: its middle, the side of a module in pixels along the row that it was seen in,
// and whether its middle is light, as that of a light symbol on dark is.
type eye struct {
	at     pix.Point
	module float64
	light  bool
}

// arm is how many changes between dark and light are looked for on each side of the middle: half a module from it, one
// and a half, two and a half, three and a half. All symbols have these rings.
const arm = 4

// mostEyes is how many are looked at in a picture at all: a chequered cloth has thousands that are none.
const mostEyes = 256

// find appends the eyes in every so many rows of a binary picture.
func (r *Reader) find(b *pix.Binary, step int) {
	r.eyes = r.eyes[:0]
	for y := step / 2; y < b.H; y += step {
		r.edges = b.Edges(r.edges[:0], y)
		e := r.edges
		r.Add(len(e))
		for i := 0; i+2*arm <= len(e); i++ {
			// The two edges about the middle have a seventh of the whole between them: most places end here.
			whole, middle := e[i+2*arm-1]-e[i], e[i+arm]-e[i+arm-1]
			if 14*middle >= whole && 4*middle <= whole && isEven(e[i:i+2*arm]) {
				r.see(b, e[i:i+2*arm], y, (i+arm)%2 == 0)
			}
		}
		if len(r.eyes) >= mostEyes {
			return
		}
	}
}

// isEven says whether the seven runs between eight edges are of one module each. The ink may spread: what must agree is
// the distance between edges of one kind, two modules, to three tenths.
func isEven(e []int32) bool {
	whole := e[len(e)-1] - e[0]
	for i := 2; i < len(e); i++ {
		if pair := 35 * (e[i] - e[i-2]); pair < 7*whole || pair > 13*whole {
			return false
		}
		if 35*(e[i]-e[i-1]) < whole {
			return false
		}
	}
	return true
}

// see adds the eye whose row is that of the edges, if its column is alike.
func (r *Reader) see(b *pix.Binary, e []int32, y int, light bool) {
	x := int(e[arm-1]+e[arm]) / 2
	module := float64(e[len(e)-1]-e[0]) / 7
	for _, k := range r.eyes {
		if k.light == light && math.Abs(k.at.X-float64(x)) < module && math.Abs(k.at.Y-float64(y)) < module {
			return
		}
	}
	top, bottom, ok := column(b, x, y, !light, int(7*module))
	if !ok {
		return
	}
	middle := float64(top+bottom) / 2
	if math.Abs(middle-float64(y)-0.5) > module {
		return
	}
	r.eyes = append(r.eyes, eye{pix.Point{X: float64(e[arm-1]+e[arm]) / 2, Y: middle}, module, light})
}

// column says whether the rings lie above and below a place as they do to its left and right, and where the middle
// module begins and ends.
func column(b *pix.Binary, x, y int, dark bool, limit int) (top, bottom int, ok bool) {
	var e [2 * arm]int32
	up, down := y, y+1
	for k := range arm {
		up -= b.Run(x, up, 0, -1, min(limit, up+1), dark == (k%2 == 0))
		down += b.Run(x, min(down, b.H-1), 0, 1, min(limit, b.H-down), dark == (k%2 == 0))
		if up < 0 || down >= b.H {
			return 0, 0, false
		}
		e[arm-1-k], e[arm+k] = int32(up+1), int32(down)
	}
	return int(e[arm-1]), int(e[arm]), isEven(e[:])
}
