package datamatrix

import (
	"github.com/makiuchi-d/gozxing/common/reedsolomon"
	"github.com/offlane/offlane/barcode/internal/datamatrix/layout"
	"github.com/offlane/offlane/barcode/internal/modules"
	"github.com/offlane/offlane/barcode/internal/symbol"
)

// borderDiffers is the largest share of its outermost modules of which a symbol that somebody else found differs from
// what they must be: nobody else looks at them. The one in the pictures in hand has none; bearer bars and a label made
// a symbol of three codewords with 16 of 36, and modules by lot have half.
const borderDiffers = 0.25

// ReadModules reads an upright symbol that somebody else found; not ok where its size is none or too much is wrong. One
// that is drawn has its outermost modules as they must be.
func (r *Reader) ReadModules(b *modules.Bitmap) (s symbol.Symbol, ok bool) {
	for i := range layout.Sizes {
		if z := &layout.Sizes[i]; z.Columns == b.Columns && z.Rows == b.Rows && len(b.Dark) == b.Columns*b.Rows {
			most := borderDiffers
			if z.Data <= smallData {
				most = 1 - smallPatterns
			}
			off := borderOff(b.Columns, b.Dark)
			if float64(off) > most*float64(2*(b.Columns+b.Rows)-4) || b.Drawn && off > 0 {
				return s, false
			}
			s, ok = r.decode(z, b.Dark)
			s.Corners = b.Corners
			b.Grade(&s.Quality)
			return s, ok && (z.Data > smallData || off == 0 || s.Quality.UnusedCorrection > 0)
		}
	}
	return s, false
}

// IsLikely says whether two sides of a bitmap that meet are dark.
func IsLikely(b *modules.Bitmap) bool {
	last := len(b.Dark) - 1
	sides := [4]bool{true, true, true, true} // the upper, the right, the lower and the left one
	for i := range b.Columns {
		sides[0] = sides[0] && b.Dark[i]
		sides[2] = sides[2] && b.Dark[last-i]
	}
	for i := range b.Rows {
		sides[1] = sides[1] && b.Dark[i*b.Columns+b.Columns-1]
		sides[3] = sides[3] && b.Dark[i*b.Columns]
	}
	for i, dark := range sides {
		if dark && sides[(i+1)%4] {
			return true
		}
	}
	return false
}

// borderOff is how many of the outermost modules are not as they must be: dark at the left and at the bottom, by turns
// at the top and at the right.
func borderOff(columns int, dark []bool) (n int) {
	rows := len(dark) / columns
	for i, is := range dark {
		x, y := i%columns, i/columns
		want := is
		switch {
		case x == 0 || y == rows-1:
			want = true
		case y == 0:
			want = x%2 == 0
		case x == columns-1:
			want = y%2 == 1
		}
		if is != want {
			n++
		}
	}
	return n
}

// decode corrects the errors of the modules of a symbol and reads them.
func (r *Reader) decode(z *layout.Size, dark []bool) (s symbol.Symbol, ok bool) {
	all := make([]int, z.Data+z.Check)
	for i, at := range r.order(z) {
		all[i/8] <<= 1
		if dark[at] {
			all[i/8] |= 1
		}
	}
	if s, ok = r.correct(z, all, 0); !ok && z.Data%z.Blocks != 0 {
		s, ok = r.correct(z, all, z.Data%z.Blocks)
	}
	return s, ok
}

// correct corrects and reads the codewords. Those of the blocks stand in turn, to the last check codeword; some
// programs begin again with the first block at the first check codeword, which in the largest size is the turn of the
// ninth. Skip is how many blocks they leave out.
func (r *Reader) correct(z *layout.Size, all []int, skip int) (s symbol.Symbol, ok bool) {
	s.Quality.UnusedCorrection = 1
	s.Raw = make([]byte, z.Data)
	for b := range z.Blocks {
		var words []int
		for i := b; i < z.Data; i += z.Blocks {
			words = append(words, all[i])
		}
		for i := range z.Check / z.Blocks {
			first := (b - z.Data%z.Blocks + z.Blocks + skip) % z.Blocks
			words = append(words, all[z.Data+first+i*z.Blocks])
		}
		wrong, can, ok := modules.Correct(reedsolomon.GenericGF_DATA_MATRIX_FIELD_256, words, z.Check/z.Blocks)
		if !ok {
			return s, false
		}
		s.Quality.UnusedCorrection = min(s.Quality.UnusedCorrection, 1-float64(wrong)/float64(max(1, can)))
		for i := b; i < z.Data; i += z.Blocks {
			s.Raw[i] = byte(words[i/z.Blocks])
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
func (r *Reader) order(z *layout.Size) []int {
	if r.orders == nil {
		r.orders = map[*layout.Size][]int{}
	}
	if r.orders[z] == nil {
		r.orders[z] = z.Order()
	}
	return r.orders[z]
}
