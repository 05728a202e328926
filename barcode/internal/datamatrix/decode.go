package datamatrix

import (
	"github.com/makiuchi-d/gozxing/common/reedsolomon"
	"github.com/offlane/offlane/barcode/internal/modules"
	"github.com/offlane/offlane/barcode/internal/pix"
	"github.com/offlane/offlane/barcode/internal/symbol"
)

// ReadModules reads a symbol that somebody else found, row by row; not ok where its size is none or too much is wrong.
func (r *Reader) ReadModules(columns, rows int, dark []bool, corners [4]pix.Point) (s symbol.Symbol, ok bool) {
	for i := range sizes {
		if z := &sizes[i]; z.columns == columns && z.rows == rows && len(dark) == columns*rows {
			s, ok = r.decode(z, dark)
			s.Corners = corners
			return s, ok
		}
	}
	return s, false
}

// decode corrects the errors of the modules of a symbol and reads them.
func (r *Reader) decode(z *size, dark []bool) (s symbol.Symbol, ok bool) {
	all := make([]int, z.data+z.check)
	for i, at := range r.order(z) {
		all[i/8] <<= 1
		if dark[at] {
			all[i/8] |= 1
		}
	}
	if s, ok = r.correct(z, all, 0); !ok && z.data%z.blocks != 0 {
		s, ok = r.correct(z, all, z.data%z.blocks)
	}
	return s, ok
}

// correct corrects and reads the codewords. Those of the blocks stand in turn, to the last check codeword; some
// programs begin again with the first block at the first check codeword, which in the largest size is the turn of the
// ninth. Skip is how many blocks they leave out.
func (r *Reader) correct(z *size, all []int, skip int) (s symbol.Symbol, ok bool) {
	s.Quality.UnusedCorrection = 1
	s.Raw = make([]byte, z.data)
	for b := range z.blocks {
		var words []int
		for i := b; i < z.data; i += z.blocks {
			words = append(words, all[i])
		}
		for i := range z.check / z.blocks {
			first := (b - z.data%z.blocks + z.blocks + skip) % z.blocks
			words = append(words, all[z.data+first+i*z.blocks])
		}
		wrong, can, ok := modules.Correct(reedsolomon.GenericGF_DATA_MATRIX_FIELD_256, words, z.check/z.blocks)
		if !ok {
			return s, false
		}
		s.Quality.UnusedCorrection = min(s.Quality.UnusedCorrection, 1-float64(wrong)/float64(max(1, can)))
		for i := b; i < z.data; i += z.blocks {
			s.Raw[i] = byte(words[i/z.blocks])
		}
	}
	return finish(s, r.Charset)
}

// finish reads the data codewords.
func finish(s symbol.Symbol, charset int) (symbol.Symbol, bool) {
	c, err := parse(s.Raw)
	if err != nil || c.text.Empty() {
		return s, false
	}
	s.Format, s.Text, s.AIM, s.Part = symbol.DataMatrix, c.text.Decode(charset), "]d"+string(rune(c.modifier())), c.part
	return s, true
}

// order keeps the order of the bits of each size.
func (r *Reader) order(z *size) []int {
	if r.orders == nil {
		r.orders = map[*size][]int{}
	}
	if r.orders[z] == nil {
		r.orders[z] = z.order()
	}
	return r.orders[z]
}
