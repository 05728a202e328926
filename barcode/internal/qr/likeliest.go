package qr

import (
	"cmp"
	"slices"

	"github.com/offlane/offlane/barcode/internal/pix"
)

const (
	// leastSeen is the share of its rows in which a finder pattern is seen at least.
	leastSeen = 0.2
	// mostFinders is how many finder patterns of a picture are taken into account at all: those of a thousand symbols.
	mostFinders = 4096
	// onlyFine asks of a finder pattern no more than whether it is fine: none is so round.
	onlyFine = 2
)

// likeliest returns those of what was found that an effort asks for, the most seen first. What it judges of them stays
// in found, for another look.
func (r *Reader) likeliest(b *pix.Binary, found []finder, effort Effort, known [][4]pix.Point) []finder {
	all := r.mostSeen(found, effort.Step, known)
	if !effort.Micro && !enoughFine(b, all) {
		r.note(all, b.Negative())
		return nil
	}
	for _, f := range all {
		if f.seen < effort.Seen {
			f.judgeOnce(b, onlyFine)
		} else {
			f.judgeOnce(b, effort.Round)
		}
	}
	r.note(all, b.Negative())
	if r.lent+len(all) > mostFinders {
		r.takeBack()
	}
	r.passed = r.passed[:0]
	for _, f := range all {
		if f.seen >= effort.Seen && f.round >= effort.Round {
			r.lendRim(f)
			r.passed = append(r.passed, *f)
		}
	}
	return r.passed
}

// enoughFine says whether enough of some finder patterns are fine for one QR code: else how round the others are need
// not be judged.
func enoughFine(b *pix.Binary, all []*finder) bool {
	fine := 0
	for _, f := range all {
		if f.judgeOnce(b, onlyFine); f.fine {
			fine++
		}
		if fine == leastFine {
			return true
		}
	}
	return false
}

// mostSeen returns those of what was found in every so many rows that are seen in enough of them outside of the symbols
// known, the most seen first.
func (r *Reader) mostSeen(found []finder, step int, known [][4]pix.Point) []*finder {
	all := r.order[:0]
	for i := range found {
		f := &found[i] // the inner square is three modules high, of which every step'th row was looked at
		f.seen = float64(f.hits*step) / (3 * f.module)
		if f.seen >= leastSeen && (f.hits*step >= 2 || f.module <= 3) && !pix.IsCovered(f.at, known) {
			all = append(all, f)
		}
	}
	r.order = all
	slices.SortFunc(all, func(a, b *finder) int { return cmp.Compare(b.hits, a.hits) })
	return all[:min(len(all), mostFinders)]
}

// lendRim gives a finder pattern room for its rim, unless it has it still.
func (r *Reader) lendRim(f *finder) {
	if f.rim != nil && f.turn == r.turn {
		return
	}
	if r.lent == len(r.rims) {
		r.rims = append(r.rims, new(rim))
	}
	f.rim, f.turn = r.rims[r.lent], r.turn
	f.rim.looked, f.rim.n = false, 0
	r.lent++
}

// takeBack has the room that was lent to be lent again.
func (r *Reader) takeBack() {
	r.lent, r.turn = 0, r.turn+1
	clear(r.hopeless)
}
