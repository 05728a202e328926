package datamatrix

import (
	"testing"

	"github.com/offlane/offlane/barcode/internal/datamatrix/layout"
	"github.com/offlane/offlane/barcode/internal/matrixtest"
	"github.com/offlane/offlane/barcode/internal/modules"
	"github.com/offlane/offlane/barcode/internal/pix"
	"github.com/stretchr/testify/require"
)

// FuzzDecode takes modules.
func FuzzDecode(f *testing.F) {
	f.Add(uint8(1), []byte("any"))
	f.Add(uint8(30), []byte{0xaa, 0x55})
	f.Fuzz(func(t *testing.T, kind uint8, data []byte) {
		z := &layout.Sizes[int(kind)%len(layout.Sizes)]
		dark := make([]bool, z.Rows*z.Columns)
		for i := range dark {
			dark[i] = i/8 < len(data) && data[i/8]>>(i%8)&1 != 0
		}
		var r Reader
		if s, ok := r.decode(z, dark); ok {
			require.NotEmpty(t, s.Text, "what is decoded has a text")
			require.Len(t, s.Raw, z.Data, "what is decoded has its codewords")
		}
	})
}

// FuzzParse takes data codewords.
func FuzzParse(f *testing.F) {
	f.Add([]byte{fnc1, 131, latchC40, 91, 11, unlatch, latchBytes, 0x2c, 0x6f})
	f.Add([]byte{macro05, latchEDI, 4, 32, 196, latchText, 1, 2})
	f.Fuzz(func(t *testing.T, words []byte) {
		c, err := parse(words)
		if err == nil {
			require.LessOrEqual(t, c.part.Index, c.part.Total, "a part is one of those there are")
			require.LessOrEqual(t, c.at, len(words), "no more is read than there is")
		}
	})
}

// FuzzRead takes a picture.
func FuzzRead(f *testing.F) {
	matrixtest.FuzzPictures(f, func(t *testing.T, g *pix.Gray, b *pix.Binary, step int) {
		for _, s := range new(Reader).Read(g, b, modules.Effort{Step: step, Tune: true}, nil) {
			require.NotZero(t, s.Quality.Module, "what is read has a size")
		}
	}, drawn(f, "Ab").Image(2, 2))
}
