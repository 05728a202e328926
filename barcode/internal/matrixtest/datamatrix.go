package matrixtest

import (
	"github.com/makiuchi-d/gozxing/common/reedsolomon"
	"github.com/offlane/offlane/barcode/internal/datamatrix/layout"
)

// pad is the codeword behind the last one of a Data Matrix's content.
const pad = 129

// DataMatrix draws data codewords as a symbol of a size.
func DataMatrix(z *layout.Size, data []byte) (Drawing, error) {
	all := make([]int, z.Data+z.Check)
	for i := range z.Data {
		switch {
		case i < len(data):
			all[i] = int(data[i])
		case i == len(data):
			all[i] = pad
		default: // disguised by its place
			all[i] = (pad+149*(i+1)%253)%254 + 1
		}
	}
	for b := range z.Blocks {
		var words []int
		for i := b; i < z.Data; i += z.Blocks {
			words = append(words, all[i])
		}
		words = append(words, make([]int, z.Check/z.Blocks)...)
		encoder := reedsolomon.NewReedSolomonEncoder(reedsolomon.GenericGF_DATA_MATRIX_FIELD_256)
		if err := encoder.Encode(words, z.Check/z.Blocks); err != nil {
			return Drawing{}, err
		}
		for i, k := b, 0; i < len(all); i, k = i+z.Blocks, k+1 {
			all[i] = words[k]
		}
	}
	d := Drawing{z.Columns, z.Rows, make([]bool, z.Columns*z.Rows)}
	for i, at := range z.Order() {
		d.Dark[at] = all[i/8]>>(7-i%8)&1 != 0
	}
	for _, m := range z.Marks(false) {
		d.Dark[int(m.Row)*z.Columns+int(m.Column)] = m.Dark
	}
	return d, nil
}
