package qr

import (
	"testing"

	"github.com/makiuchi-d/gozxing/qrcode/decoder"
	"github.com/offlane/offlane/barcode/internal/pix"
	"github.com/offlane/offlane/barcode/internal/qrtest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// stained draws a code with a square of one shade over so many modules of its data.
func stained(c *qrtest.Code, side int, shade byte) *pix.Gray {
	const scale = 4
	g := photograph(c, scale, flatWarp)
	from := scale * (4 + 9 + 2)
	for y := from; y < from+scale*side; y++ {
		for x := from; x < from+scale*side; x++ {
			g.Pix[y*g.Stride+x] = shade
		}
	}
	return g
}

func TestAStainedCodeIsReadBeyondHalfItsCheckCodewords(t *testing.T) {
	drawn := code(t, 3, 'Q')
	for _, shade := range []byte{0, 130, 255} {
		g := stained(drawn, 12, shade)
		plain := all()
		plain.Curves = false
		assert.Empty(t, read(g, plain), "shade %d: more is lost than errors may be", shade)
		assert.Equal(t, []string{drawn.Text}, read(g, all()), "shade %d", shade)
	}
}

func TestAStainThatTakesTooMuchIsNotFilled(t *testing.T) {
	for side := 17; side < 22; side++ {
		for _, shade := range []byte{0, 130, 255} {
			assert.Empty(t, read(stained(code(t, 4, 'L'), side, shade), all()), "%d modules of shade %d", side, shade)
		}
	}
}

func TestBlocksTakeTheirCodewordsInTurns(t *testing.T) {
	levels := []decoder.ErrorCorrectionLevel{decoder.ErrorCorrectionLevel_L, decoder.ErrorCorrectionLevel_M,
		decoder.ErrorCorrectionLevel_Q, decoder.ErrorCorrectionLevel_H}
	for number := 1; number <= 40; number++ {
		version, err := decoder.Version_GetVersionForNumber(number)
		require.NoError(t, err, "version %d", number)
		for _, level := range levels {
			raw := make([]byte, version.GetTotalCodewords())
			for i := range raw {
				raw[i] = byte(i * 7)
			}
			want, err := decoder.DataBlock_GetDataBlocks(raw, version, level)
			require.NoError(t, err, "version %d", number)
			got := blocks(version, level)
			require.Len(t, got, len(want), "blocks of version %d, level %v", number, level)
			for i, b := range got {
				words, _ := b.take(raw, make([]float32, len(raw)))
				require.Equal(t, want[i].GetCodewords(), words, "version %d, level %v, block %d", number, level, i)
				require.Equal(t, want[i].GetNumDataCodewords(), b.data, "version %d, level %v, block %d", number, level, i)
			}
		}
	}
}
