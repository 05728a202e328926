package aztec

import (
	"testing"

	"github.com/offlane/offlane/barcode/internal/matrixtest"
	"github.com/offlane/offlane/barcode/internal/modules"
	"github.com/offlane/offlane/barcode/internal/pix"
	"github.com/stretchr/testify/require"
)

// FuzzDecode takes modules.
func FuzzDecode(f *testing.F) {
	f.Add(uint8(1), uint16(3), true, []byte("any"))
	f.Add(uint8(22), uint16(700), false, []byte{0xaa, 0x55})
	f.Fuzz(func(t *testing.T, layers uint8, words uint16, compact bool, data []byte) {
		m := mode{compact, 1 + int(layers)%32, 1 + int(words)}
		if compact {
			m.layers = 1 + int(layers)%4
		}
		if m.words >= m.codewords() {
			return
		}
		dark := make([]bool, m.size()*m.size())
		for i := range dark {
			dark[i] = i/8 < len(data) && data[i/8]>>(i%8)&1 != 0
		}
		var r Reader
		if s, ok := r.decode(m, dark); ok {
			require.NotEmpty(t, s.Text, "what is decoded has a text")
			require.NotEmpty(t, s.Raw, "what is decoded has bytes")
		}
	})
}

// FuzzParse takes data bits.
func FuzzParse(f *testing.F) {
	f.Add([]byte{0xef, 0x75, 0x11})
	f.Fuzz(func(t *testing.T, data []byte) {
		bits := make([]bool, 8*len(data))
		for i := range bits {
			bits[i] = data[i/8]>>(7-i%8)&1 != 0
		}
		c, err := parse(bits)
		if err == nil {
			require.False(t, c.header, "the header of a structured append is whole")
			require.LessOrEqual(t, c.part.Index, c.part.Total, "a part is one of those there are")
		}
	})
}

// FuzzRead takes a picture.
func FuzzRead(f *testing.F) {
	matrixtest.FuzzPictures(f, func(t *testing.T, g *pix.Gray, b *pix.Binary, step int) {
		for _, s := range new(Reader).Read(g, b, modules.Effort{Step: step, Tune: true}, nil) {
			require.NotZero(t, s.Quality.Module, "what is read has a size")
		}
	}, drawn(f, "Ab", 33, 0).Image(2, 2))
}
