package layout

// A placement lays the bits of codewords out over the modules of all regions, row by row (ISO/IEC 16022, annex F).
type placement struct {
	rows, columns int
	order         []int
	taken         []bool
}

// An offset is a row and a column.
type offset [2]int

// shape are the bits of a codeword, the highest first, seen from the lowest.
var shape = [8]offset{{-2, -2}, {-2, -1}, {-1, -2}, {-1, -1}, {-1, 0}, {0, -2}, {0, -1}, {0, 0}}

// corners are the four codewords whose bits lie in corners. What is below zero is counted from the end.
var corners = [4][8]offset{
	{{-1, 0}, {-1, 1}, {-1, 2}, {0, -2}, {0, -1}, {1, -1}, {2, -1}, {3, -1}},
	{{-3, 0}, {-2, 0}, {-1, 0}, {0, -4}, {0, -3}, {0, -2}, {0, -1}, {1, -1}},
	{{-3, 0}, {-2, 0}, {-1, 0}, {0, -2}, {0, -1}, {1, -1}, {2, -1}, {3, -1}},
	{{-1, 0}, {-1, -1}, {0, -3}, {0, -2}, {0, -1}, {1, -3}, {1, -2}, {1, -1}},
}

// bits returns the places of so many bits.
func (p *placement) bits(n int) []int {
	p.taken = make([]bool, p.rows*p.columns)
	for row, column := 4, 0; row < p.rows || column < p.columns; {
		p.corner(row, column)
		for ; row >= 0 && column < p.columns; row, column = row-2, column+2 {
			p.codeword(row, column)
		}
		row, column = row+1, column+3
		for ; row < p.rows && column >= 0; row, column = row+2, column-2 {
			p.codeword(row, column)
		}
		row, column = row+3, column+1
	}
	return p.order[:n]
}

// corner places the codeword in a corner that begins at a place, if there is one.
func (p *placement) corner(row, column int) {
	which := -1
	switch {
	case row == p.rows && column == 0:
		which = 0
	case row == p.rows-2 && column == 0 && p.columns%4 != 0:
		which = 1
	case row == p.rows-2 && column == 0 && p.columns%8 == 4:
		which = 2
	case row == p.rows+4 && column == 2 && p.columns%8 == 0:
		which = 3
	}
	if which < 0 {
		return
	}
	for _, o := range corners[which] {
		p.take((o[0]+p.rows)%p.rows, (o[1]+p.columns)%p.columns)
	}
}

// codeword places one whose lowest bit is at a place, if it is within and free.
func (p *placement) codeword(row, column int) {
	if row < 0 || column < 0 || row >= p.rows || column >= p.columns || p.taken[row*p.columns+column] {
		return
	}
	for _, o := range shape {
		p.wrap(row+o[0], column+o[1])
	}
}

// wrap takes a place, or where it comes in again if it is beyond the upper or left border.
func (p *placement) wrap(row, column int) {
	if row < 0 {
		row, column = row+p.rows, column+4-(p.rows+4)%8
	}
	if column < 0 {
		row, column = row+4-(p.columns+4)%8, column+p.columns
	}
	p.take(row%p.rows, column)
}

func (p *placement) take(row, column int) {
	p.taken[row*p.columns+column] = true
	p.order = append(p.order, row*p.columns+column)
}
