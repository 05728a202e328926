package qr

import (
	"slices"

	"github.com/offlane/offlane/barcode/internal/pix"
)

// A found is what findAll found in every so many rows of a binary picture.
type found struct {
	binary  *pix.Binary
	step    int
	finders [2][]finder
}

// mostKept is how many candidates are kept at most for another look at a binary picture.
const mostKept = 4096

// findOnce returns what findAll finds. A second look at the same rows since Begin takes what the first one found, and
// what was judged of it.
func (r *Reader) findOnce(b *pix.Binary, step int) *[2][]finder {
	return r.findWithin(b, step, mostKept)
}

// findWithin keeps what it finds where that is at most so much.
func (r *Reader) findWithin(b *pix.Binary, step, most int) *[2][]finder {
	for i := range r.kept {
		if o := &r.kept[i]; o.binary == b && o.step == step {
			return &o.finders
		}
	}
	r.findAll(b, step)
	if len(r.finders[0])+len(r.finders[1]) > most {
		return &r.finders
	}
	return r.keepFound(b, step)
}

// keepFound keeps what findAll found, in the room that an earlier picture left.
func (r *Reader) keepFound(b *pix.Binary, step int) *[2][]finder {
	n := len(r.kept)
	r.kept = slices.Grow(r.kept, 1)[:n+1]
	o := &r.kept[n]
	o.binary, o.step = b, step
	for k := range r.finders {
		o.finders[k] = append(o.finders[k][:0], r.finders[k]...)
	}
	return &o.finders
}
