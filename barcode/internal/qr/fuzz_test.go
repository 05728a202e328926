package qr

import (
	"testing"

	"github.com/offlane/offlane/barcode/internal/pix"
	"github.com/stretchr/testify/require"
)

// FuzzParse takes data codewords of any version.
func FuzzParse(f *testing.F) {
	f.Add(1, 0, []byte{0x40, 0x14, 0x10})
	f.Add(0, 3, []byte{0x40, 0x18, 0xac, 0xc3, 0x00})
	f.Fuzz(func(t *testing.T, version, micro int, data []byte) {
		v := variety{version: 1 + abs(version%40), micro: abs(micro % 5)}
		c, err := v.parse(data, 8*len(data))
		if err == nil {
			require.Contains(t, "123456", string(c.modifier()))
		}
	})
}

// FuzzModules takes the modules of a symbol of any size.
func FuzzModules(f *testing.F) {
	f.Add(uint8(1), []byte{0xff, 0x3c})
	f.Fuzz(func(t *testing.T, kind uint8, data []byte) {
		var r Reader
		m := modules{}
		micro := kind%44 < 4
		if m.resize(17 + 4*int(kind%44-3)); micro {
			m.resize(11 + 2*int(kind%44))
		}
		for i := range m.dark {
			m.dark[i] = i/8 < len(data) && data[i/8]>>(i%8)&1 != 0
		}
		s, ok := r.decode(&m)
		if micro {
			s, ok = r.decodeMicro(&m)
		}
		if ok {
			require.NotEmpty(t, s.Text)
			require.NotEmpty(t, s.Raw)
		}
	})
}

// FuzzRead takes a picture.
func FuzzRead(f *testing.F) {
	f.Add(uint8(60), []byte("any"))
	f.Fuzz(func(_ *testing.T, width uint8, data []byte) {
		if width == 0 || len(data) < int(width) {
			return
		}
		g := &pix.Gray{Pix: data, W: int(width), H: len(data) / int(width), Stride: int(width)}
		var z pix.Binarizer
		var r Reader
		r.Read(g, z.Local(g), Effort{Triples: 20, Finders: 20, Step: 1, Both: true, QR: true, Micro: true, Work: 1 << 20,
			Late: func() bool { return false }}, nil)
	})
}
