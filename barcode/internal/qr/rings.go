package qr

import (
	"math"

	"github.com/offlane/offlane/barcode/internal/pix"
)

// few is in how many directions a candidate is looked at before it is taken for a likely finder pattern.
const few = 16

// Where a ray from the middle of a finder pattern leaves the inner square and meets the dark ring, as shares of the way
// to where it leaves that ring, and by how much of it blur and perspective move these places; a step of the ray more.
const (
	innerRing, outerRing = 3.0 / 7, 5.0 / 7
	ringSlack            = 0.12
	// beyond is where a ray is half a module behind the dark ring, in the separator or the quiet zone: it is light there.
	beyond = 8.0 / 7
	// evenSlack is how much farther the ring may reach to one side than to the opposite one.
	evenSlack = 0.2
)

// A candidate is fine where its rings are in place in such a share of the directions, and reach as far to one side as
// to the opposite one in such a share. Of the 402 triples that are read in the pictures in hand each has two finder
// patterns with 0.62 of both, and the 13 pairs have 0.75. That it is light behind the rings takes away 59 % of the
// triples that are tried in vain, and none of those read.
const fineRings, fineEven = 0.6, 0.5

// judgeOnce judges a candidate, unless what is asked follows from what was judged before.
func (f *finder) judgeOnce(b *pix.Binary, round float64) {
	if f.judged == 0 || f.judged > round && f.looked < few {
		f.judge(b, round)
		f.judged = round
	}
}

// rayOrder has the diagonals first, along which no candidate was looked at yet, and those along its row and its column
// last: so one that is none is soon done with.
var rayOrder = [few]int{2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15, 0, 8, 4, 12}

// judge looks at the rings of a candidate in a few directions, and gives it up where it is neither fine nor as round as
// asked. One that was given up is looked at in the directions that are left: it is not fine, but may be round.
func (f *finder) judge(b *pix.Binary, round float64) {
	step := max(fine, f.module/6)
	var ends [few]float64
	for ; f.looked < few; f.looked++ {
		n := float64(f.looked)
		if n-float64(f.rings) > few-fineRings*few && n-float64(f.rims) > few-round*few {
			return
		}
		k := rayOrder[f.looked]
		d := directions[k*rays/few]
		r, ok := f.ray(b, d, step)
		if !ok {
			continue
		}
		ends[k] = r[2]
		if r[2] > leastRay*f.module {
			f.rims++
		}
		if f.isRing(b, d, &r, step) {
			f.rings++
		}
	}
	f.round = float64(f.rims) / few
	f.fine = float64(f.rings) >= fineRings*few && areEven(&ends, step)
}

// areEven says whether rays reach as far to one side as to the opposite one.
func areEven(ends *[few]float64, step float64) bool {
	even := 0
	for k, r := range ends {
		o := ends[(k+few/2)%few]
		if r > 0 && o > 0 && math.Abs(r-o) < evenSlack*r+step {
			even++
		}
	}
	return float64(even) >= fineEven*few
}

// isRing says whether a ray changes where one of a finder pattern does, and is light behind that.
func (f *finder) isRing(b *pix.Binary, d pix.Point, r *[3]float64, step float64) bool {
	slack, far := ringSlack*r[2]+step, beyond*r[2]
	return math.Abs(r[0]-innerRing*r[2]) < slack && math.Abs(r[1]-outerRing*r[2]) < slack &&
		!darkAt(b, f.at.X+far*d.X, f.at.Y+far*d.Y)
}

// ray returns where a ray from the middle of a finder pattern changes three times, in steps; not ok where it does not.
func (f *finder) ray(b *pix.Binary, d pix.Point, step float64) (at [3]float64, ok bool) {
	far := mostRay * f.module
	if !isInside(b, f.at) || !isInside(b, pix.Point{X: f.at.X + far*d.X, Y: f.at.Y + far*d.Y}) {
		return f.rayOut(b, d, step)
	}
	words, stride, from := b.Words, b.Stride, f.at // none is loaded again at each step
	is, n := b.DarkIs(), 0
	for r := 0.0; r < far; r += step {
		x, y := int(from.X+r*d.X), int(from.Y+r*d.Y)
		if words[y*stride+x>>6]>>(uint(x)&63)&1 == is {
			continue
		}
		is, at[n] = is^1, r
		if n++; n == len(at) {
			return at, true
		}
	}
	return at, false
}

// rayOut is ray where that may leave the picture.
func (f *finder) rayOut(b *pix.Binary, d pix.Point, step float64) (at [3]float64, ok bool) {
	is, n := true, 0
	for r := 0.0; r < mostRay*f.module; r += step {
		if dark(b, pix.Point{X: f.at.X + r*d.X, Y: f.at.Y + r*d.Y}) == is {
			continue
		}
		is, at[n] = !is, r
		if n++; n == len(at) {
			return at, true
		}
	}
	return at, false
}

// leastFine is how many of three finder patterns must be fine for them to be tried.
const leastFine = 2

// areFine says whether enough of three finder patterns are fine: one may be damaged.
func areFine(all ...*finder) bool {
	n := 0
	for _, f := range all {
		if f.fine {
			n++
		}
	}
	return n >= leastFine
}
