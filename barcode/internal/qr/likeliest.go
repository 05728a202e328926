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
	for _, f := range all {
		f.judgeOnce(b, onlyFine)
	}
	r.judgeRound(b, all, effort)
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

// fewSure is up to how many fine finder patterns each two of them are looked at for a third.
const fewSure = 6

// collectSure appends the fine ones of some finder patterns that an effort asks for.
func collectSure(out, all []*finder, effort Effort) []*finder {
	for _, f := range all {
		if f.fine && f.seen >= effort.Seen && f.round >= effort.Round {
			out = append(out, f)
		}
	}
	return out
}

// judgeRound judges how round those candidates are that an effort takes into account. Two of a triple are fine. Beside
// few fine ones these are the most seen, up to the last that completes a triple, and the solid ones that do. In Aztec
// codes, whose modules have a hundred candidates and more, that is one in three.
func (r *Reader) judgeRound(b *pix.Binary, all []*finder, effort Effort) {
	r.sure = collectSure(r.sure[:0], all, effort)
	each := len(r.sure) > fewSure
	last := len(all) - 1
	for !each && last >= 0 && !all[last].completes(r.sure, effort) {
		last--
	}
	left := effort.Finders + len(r.sure) // of a symbol that is read others take the place
	for i, f := range all {
		if f.seen < effort.Seen {
			continue
		}
		if each || i <= last && (left > 0 || f.seen >= solid && f.completes(r.sure, effort)) {
			f.judgeOnce(b, effort.Round)
		}
		if f.round >= effort.Round {
			left--
		}
	}
}

// completes says whether a candidate may be the third finder pattern of two fine ones: how round any other is need not
// be judged.
func (f *finder) completes(fine []*finder, effort Effort) bool {
	if f.seen < effort.Seen {
		return false
	}
	for i, a := range fine {
		for _, c := range fine[:i] {
			if !alike(a.module, c.module) {
				continue
			}
			if t, ok := makeTriple(a, c, f); ok && (effort.Cost == 0 || t.cost < effort.Cost) {
				return true
			}
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
