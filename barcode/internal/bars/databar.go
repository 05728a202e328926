package bars

import (
	"fmt"

	"github.com/offlane/offlane/barcode/internal/databar"
	"github.com/offlane/offlane/barcode/internal/symbol"
)

// A half of a DataBar Omnidirectional is a finder and the two characters beside it.
type half struct {
	finder       int
	outer, inner int
	check        int // its part of the check sum
}

// A dbRow is a row of a stacked symbol: a half, or pairs of a DataBar Expanded.
type dbRow struct {
	half
	pairs    []dbPair
	mirrored bool // its first finder
}

// charOff is by how much more one character of a half may be off than the other, as elementsOff counts it, and one of
// three of DataBar Limited than the second of them. What covers a character may look like another, and does not fit as
// well, and one number in 79 or 89 passes the check. Of 115 covered symbols that are read right, 114 have 0.019 at most
// on the lines that fit best, and 117 of DataBar Limited 0.017; of five that were read as others the covered character
// had 0.037 to 0.084.
const charOff = 0.03

// halfAt reads the half around a finder: the left one, or, around a mirrored finder, the right one.
func halfAt(f *dbFinder) (h half, ok bool) {
	outerAt, innerAt, from := f.readLeft, f.readRight, 0
	if f.mirrored {
		outerAt, innerAt, from = f.readRight, f.readLeft, 16
	}
	outer, vo, ok := outerAt(&databar.Outer)
	if !ok {
		return h, false
	}
	off := f.off
	inner, vi, ok := innerAt(&databar.Inner)
	if !ok || max(off, f.off) > charOff+min(off, f.off) {
		return h, false
	}
	sum := databar.Check(outer[:], from, 79) + databar.Check(inner[:], from+8, 79)
	return half{f.omni, vo, vi, sum}, true
}

// join returns what two halves say together.
func join(left, right half) (text string, raw []byte, ok bool) {
	want := 9*left.finder + right.finder
	if want > 8 { // the pairs 0, 8 and 8, 0 are not used
		want--
	}
	if want > 71 {
		want--
	}
	if (left.check+right.check)%79 != want {
		return "", nil, false
	}
	chars := [4]int{left.outer, left.inner, right.outer, right.inner}
	text, ok = databar.Omnidirectional(chars)
	return text, wide(chars[:]), ok
}

// wide are values in two bytes each, the higher first.
func wide(values []int) (raw []byte) {
	for _, v := range values {
		raw = append(raw, byte(v>>8), byte(v))
	}
	return raw
}

// readDataBar reads what stands around the finders of a line.
func (r *Reader) readDataBar(s *widths) {
	for i := range r.found {
		if r.found[i].omni >= 0 {
			if row, ok := halfRow(r.found, i); ok {
				r.vote(s, row)
			}
			if got, ok := readOmnidirectional(r.found, i); ok {
				r.vote(s, got)
			}
		} else if got, ok := readExpanded(r.found, i); ok {
			r.vote(s, got)
		}
	}
}

// halfRow reads a row of a stacked symbol that is one half.
func halfRow(found []dbFinder, i int) (reading, bool) {
	f := &found[i]
	from, ok := f.begins()
	if !ok || !f.ends(f.at+13, sliver) {
		return reading{}, false
	}
	h, ok := halfAt(f)
	if !ok {
		return reading{}, false
	}
	row := &dbRow{half: h, mirrored: f.mirrored}
	return reading{format: symbol.DataBar, text: fmt.Sprint(*row), from: from, to: f.at + 14 + f.at%2, row: row}, true
}

// readOmnidirectional reads both halves on one line.
func readOmnidirectional(found []dbFinder, i int) (reading, bool) {
	f := &found[i]
	if f.mirrored {
		return reading{}, false
	}
	g := partner(found[i+1:], f)
	if g == nil || !g.ends(g.at+13, sliver) {
		return reading{}, false
	}
	from, ok := f.begins()
	left, okLeft := halfAt(f)
	right, okRight := halfAt(g)
	if !ok || !okLeft || !okRight {
		return reading{}, false
	}
	text, raw, ok := join(left, right)
	return reading{format: symbol.DataBar, text: text, aim: "]e0", raw: raw, from: from, to: g.at + 15}, ok
}

// partner returns the right finder that belongs to a left one.
func partner(found []dbFinder, f *dbFinder) *dbFinder {
	for i := range found {
		if g := &found[i]; g.at == f.at+21 && g.omni >= 0 && similar(f.module, g.module, modulesDiffer) {
			return g
		}
	}
	return nil
}

// readExpanded reads a row that begins at a finder: a whole symbol, or a part of a stacked one.
func readExpanded(found []dbFinder, i int) (reading, bool) {
	pairs, from, to, ok := expandedRow(found, i)
	if !ok {
		return reading{}, false
	}
	got := reading{format: symbol.DataBarExpanded, aim: "]e0", from: from, to: to}
	if got.text, got.raw, ok = complete(pairs); !ok {
		got.row = &dbRow{pairs: pairs, mirrored: found[i].mirrored}
		got.text = fmt.Sprint(*got.row)
	}
	return got, true
}
