package qr

import "github.com/offlane/offlane/barcode/internal/pix"

// A Likely is a finder pattern with fine rings.
type Likely struct {
	At     pix.Point
	Module float64 // in pixels
	Light  bool    // on dark
}

// note appends the fine finder patterns to those that the reader tells.
func (r *Reader) note(all []*finder, light bool) {
	for _, f := range all {
		if f.fine {
			r.Likely = append(r.Likely, Likely{f.at, f.module, light})
		}
	}
}

// The middles of two finder patterns of a symbol are 14 to 170 modules apart along a side, and up to 240 across. Tilted
// away from the camera they seem nearer.
const leastApart, mostApart = 10, 250

// Promising says whether two of some likely finder patterns outside of the symbols known may be of one symbol.
func Promising(all []Likely, known [][4]pix.Point) bool {
	var kept []Likely
	for _, a := range all {
		if pix.Covered(a.At, known) {
			continue
		}
		for _, b := range kept {
			module := (a.Module + b.Module) / 2
			d := pix.Distance(a.At, b.At)
			if a.Light == b.Light && alike(a.Module, b.Module) && d >= leastApart*module && d <= mostApart*module {
				return true
			}
		}
		kept = append(kept, a)
	}
	return false
}
