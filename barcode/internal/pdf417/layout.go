package pdf417

import (
	"cmp"
	"slices"
)

// A poll counts what indicators say of each field.
type poll [3][30]float64

func (p *poll) add(f *rowFit) {
	for _, s := range f.seen {
		p[s.field][s.value] += 0.2 + s.clear
	}
}

// options is how many values of each field are tried.
const options = 2

// best returns the values of a field with the most votes.
func (p *poll) best(field int) (values []int) {
	for v, n := range p[field] {
		if n > 0 {
			values = append(values, v)
		}
	}
	slices.SortStableFunc(values, func(a, b int) int { return cmp.Compare(p[field][b], p[field][a]) })
	return values[:min(options, len(values))]
}

// layouts are what the indicators may say, the likeliest first. Where none tells the columns, there are as many as the
// width says, zero if that is not known either.
func (p *poll) layouts(columns int) (all []layout) {
	across := p.best(columnsField)
	if len(across) == 0 && columns > 0 {
		across = []int{columns - 1}
	}
	for _, a := range p.best(rowsField) {
		for _, b := range p.best(levelField) {
			for _, c := range across {
				l := layout{rows: 3*a + b%3 + 1, columns: c + 1, level: b / 3}
				if l.valid() {
					all = append(all, l)
				}
			}
		}
	}
	return all
}
