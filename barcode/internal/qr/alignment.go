package qr

import "github.com/offlane/offlane/barcode/internal/pix"

// locate looks for an alignment pattern within reach modules of its place, which is off from that in perspective, and
// returns where its middle is.
func (g *grid) locate(b *pix.Binary, u, v float64, off pix.Point, reach float64) (pix.Point, bool) {
	p, right, down := g.flat(u, v), g.flat(u+1, v), g.flat(u, v+1)
	x, y := pix.Point{X: right.X - p.X, Y: right.Y - p.Y}, pix.Point{X: down.X - p.X, Y: down.Y - p.Y}
	p.X, p.Y = p.X+off.X, p.Y+off.Y
	best, n := 0, 0.0
	var sum pix.Point
	for dv := -reach; dv <= reach; dv += 0.25 {
		for du := -reach; du <= reach; du += 0.25 {
			q := pix.Point{X: p.X + du*x.X + dv*y.X, Y: p.Y + du*x.Y + dv*y.Y}
			score := alignment(b, q, x, y, best)
			switch {
			case score > best:
				best, n, sum = score, 1, q
			case score == best:
				n, sum = n+1, pix.Point{X: sum.X + q.X, Y: sum.Y + q.Y}
			}
		}
	}
	if best < leastAlignment || n >= mostPlaces {
		return pix.Point{}, false
	}
	return pix.Point{X: sum.X / n, Y: sum.Y / n}, true
}

// leastAlignment is how many of its 25 modules must be right for an alignment pattern to be there; mostPlaces is in how
// many places, a quarter of a module apart, it may then be.
const leastAlignment, mostPlaces = 23, 20

// alignment counts the modules that are right of an alignment pattern whose middle is at q; fewer where they are less
// than enough.
func alignment(b *pix.Binary, q, x, y pix.Point, enough int) (score int) {
	left := 25
	for _, m := range &alignmentOrder {
		fx, fy := float64(m.x), float64(m.y)
		if dark(b, pix.Point{X: q.X + fx*x.X + fy*y.X, Y: q.Y + fx*x.Y + fy*y.Y}) == m.dark {
			score++
		}
		if left--; score+left < max(enough, leastAlignment) {
			return 0
		}
	}
	return score
}

// alignmentOrder has the modules of an alignment pattern from the middle out.
var alignmentOrder = func() (all [25]struct {
	x, y int
	dark bool
}) {
	n := 0
	for d := range 3 {
		for i := range 25 {
			if x, y := i%5-2, i/5-2; max(abs(x), abs(y)) == d {
				all[n].x, all[n].y, all[n].dark = x, y, d != 1
				n++
			}
		}
	}
	return all
}()
