package bars

import "github.com/offlane/offlane/barcode/internal/pix"

// restPlaces is at how many places of a region the lines outside of symbols are looked at: a symbol above or below of
// another has fewer of them than one that has the region for itself.
const restPlaces = 2*stripedPlaces + 1

// Rest says whether a region of a plane looks like bars outside of some symbols: beside one that was read lie its text,
// its frame and the print of what it stands on. The symbols of a call are those of the call before and any others.
func (r *Reader) Rest(g *pix.Gray, reg *Region, symbols [][4]pix.Point) bool {
	if reg.restOf != len(symbols) {
		reg.restOf, reg.rest = len(symbols), r.isStripedOutside(g, reg, symbols)
	}
	return reg.rest
}

// isStripedOutside is isStriped for the parts of lines that lie outside of some symbols.
func (r *Reader) isStripedOutside(g *pix.Gray, reg *Region, symbols [][4]pix.Point) bool {
	hulls, n, far := hullsOf(symbols), 0, false
	for k := range restPlaces {
		off := reg.top + float64(k+1)/(restPlaces+1)*(reg.bottom-reg.top)
		for part, ok := reg.partOutside(hulls, off, reg.from); ok; part, ok = reg.partOutside(hulls, off, part.to) {
			near, ok := r.alike(g, &part, off)
			if !ok {
				continue
			}
			n++
			far = far || r.alikeFar(g, &part, off, alikeFar*near)
		}
		if n >= alikePlaces && (far || reg.bottom-reg.top < leastFar) {
			return true
		}
	}
	return false
}

// partOutside returns the part of a region behind a place across it that lies outside of hulls on the line off its
// middle, if one is long enough for a symbol.
func (reg *Region) partOutside(hulls []hull, off, behind float64) (part Region, ok bool) {
	part = *reg
	for u := behind; u < reg.to; u += cellSide {
		part.from = u
		for u < reg.to && !anyHolds(hulls, reg.at(u, off)) {
			u += cellSide
		}
		if part.to = min(u, reg.to); part.to-part.from >= leastLong {
			return part, true
		}
	}
	return part, false
}

// at is the place that lies so far from the middle of a region, across the bars and along them.
func (reg *Region) at(u, v float64) pix.Point {
	return pix.Point{X: reg.middle.X + u*reg.cos - v*reg.sin, Y: reg.middle.Y + u*reg.sin + v*reg.cos}
}
