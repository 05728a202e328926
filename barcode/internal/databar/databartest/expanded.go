package databartest

import "github.com/offlane/offlane/barcode/internal/databar"

// sequences are the finder patterns of two to eleven pairs: which one, and each second one mirrored.
var sequences = [][]int{
	{0, 0}, {0, 1, 1}, {0, 2, 1, 3}, {0, 4, 1, 3, 2}, {0, 4, 1, 3, 3, 5}, {0, 4, 1, 3, 4, 5, 5}, {0, 0, 1, 1, 2, 2, 3, 3},
	{0, 0, 1, 1, 2, 2, 3, 4, 4}, {0, 0, 1, 1, 2, 2, 3, 4, 5, 5}, {0, 0, 1, 1, 2, 3, 3, 4, 4, 5, 5},
}

var expandedFinders = [6][]int{{1, 8, 4, 1, 1}, {3, 6, 4, 1, 1}, {3, 4, 6, 1, 1}, {3, 2, 8, 1, 1}, {2, 6, 5, 1, 1},
	{2, 2, 9, 1, 1}}

// DrawExpanded draws data characters of 12 bits, at least three and at most 21, in rows of so many pairs; zero is one
// row.
func DrawExpanded(chars []int, columns, height int) (rows []Row) {
	n := len(chars) + 1
	sequence := sequences[(n+1)/2-2]
	parts := [][]int{nil}
	sum := 0
	for i, v := range chars {
		w := Widths(&databar.Expanded, v)
		k := (i + 1) / 2
		row := 4*sequence[k] + k%2*2 + (i+1)%2 - 1
		sum += databar.Check(w, 8*row, 211)
		parts = append(parts, w)
	}
	parts[0] = Widths(&databar.Expanded, 211*(n-4)+sum%211)
	if columns == 0 {
		columns = len(sequence)
	}
	for first := 0; first < len(sequence); first += columns {
		if first > 0 {
			rows = append(rows, Row{Widths: []int{1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}, Height: 3})
		}
		rows = append(rows, row(parts, sequence, first, min(columns, len(sequence)-first), height))
	}
	return rows
}

// row draws some pairs. Every second row of an even number of columns runs backwards.
func row(parts [][]int, sequence []int, first, columns, height int) Row {
	out := []int{1, 1}
	for k := first; k < first+columns; k++ {
		finder := expandedFinders[sequence[k]]
		if k%2 == 1 {
			finder = backwards(finder)
		}
		out = chain(out, parts[2*k], finder)
		if 2*k+1 < len(parts) {
			out = chain(out, backwards(parts[2*k+1]))
		}
	}
	out = append(out, 1, 1)
	r := Row{Widths: out, Dark: first%2 == 1, Height: height}
	if columns%2 == 0 && first/columns%2 == 1 {
		r.Widths, r.Dark = backwards(out), r.Dark != (len(out)%2 == 0)
	}
	return r
}
