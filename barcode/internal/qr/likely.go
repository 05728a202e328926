package qr

import "github.com/offlane/offlane/barcode/internal/pix"

// A Likely is a finder pattern with fine rings.
type Likely struct {
	At     pix.Point
	Module float64 // in pixels
	Light  bool    // on dark
	Slight bool    // noise has such ones
}

// note appends the fine finder patterns to those that the reader tells.
func (r *Reader) note(all []*finder, light bool) {
	for _, f := range all {
		if f.fine {
			r.Likely = append(r.Likely, Likely{f.at, f.module, light, f.isSlight()})
		}
	}
}

// smallModule is the size of a module in pixels from which on noise hardly draws fine rings: of 300 fine finder
// patterns in two photos of 24 megapixels with noise of eight levels 290 were smaller, and 273 slight. Of the second
// symbol of a photo, which has modules of 2.3 pixels, a glance sees two in too few rows.
const smallModule = 2

// isSlight says whether a finder pattern may be one of noise: small, and seen in one row or in too few.
func (f *finder) isSlight() bool {
	return f.module < smallModule && (f.hits < 2 || f.seen < solid)
}

// The middles of two finder patterns of a symbol are 14 to 170 modules apart along a side, and up to 240 across. Tilted
// away from the camera they seem nearer.
const leastApart, mostApart = 10, 250

// IsPromising says whether two of some likely finder patterns outside of the symbols known may be of one symbol. Beside
// a symbol slight ones do not tell of another.
func IsPromising(all []Likely, known [][4]pix.Point) bool {
	var kept []Likely
	for _, a := range all {
		if a.Slight && len(known) > 0 || pix.IsCovered(a.At, known) {
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
