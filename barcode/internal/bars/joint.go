package bars

import "github.com/offlane/offlane/barcode/internal/symbol"

// isJoined says whether what a group's lines read is parts of two symbols that meet between two characters, as where
// a sticker or a torn label lies over another: one check digit in ten is right by chance. The parts differ in size, in
// ink or paper, or in where their bars end, or they do not lie a whole number of modules apart. Nor is it one symbol
// where a bar is much longer or shorter than the others, or where what it takes for bars is paper.
func (g *group) isJoined(s sheet) bool {
	if g.isStretched() || g.isPatched(s) {
		return true
	}
	up, down, ok := g.elementEnds(s)
	return ok && (g.isStepped(up, down) || g.isCrossed(up, down) || g.hasDot(up, down) || g.isOpen(up, down))
}

// halved are the formats of two halves with a guard between them.
var halved = symbol.SetOf(symbol.EAN13, symbol.UPCA, symbol.EAN8)

// part is which part of a symbol an element belongs to, of those that may be of another print: the characters, or the
// halves of EAN and UPC-A. It is below zero for bars that are longer than those of the digits.
func (g *group) part(i int) int {
	n := len(g.middles)
	switch g.format {
	case symbol.EAN13, symbol.EAN8:
		return halfOf(i, n, 3)
	case symbol.UPCA:
		return halfOf(i, n, 7)
	case symbol.UPCE:
		if i < 3 || i >= n-6 {
			return -1
		}
		return (i - 3) / 4
	case symbol.Code128, symbol.Code93:
		return i / 6
	case symbol.Code39:
		return i / 10
	case symbol.Codabar:
		return i / 8
	case symbol.ITF:
		return (i + 6) / 10
	case symbol.DataBar:
		return (i - 2) / 21
	}
	return (i - 1) / 14
}

// halfOf is in which half of n elements one lies, or -1 among so many at the ends or the five in the middle.
func halfOf(i, n, ends int) int {
	switch middle := n / 2; {
	case i < ends || i >= n-ends || i >= middle-2 && i <= middle+2:
		return -1
	case i < middle:
		return 0
	}
	return 1
}
