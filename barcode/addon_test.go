package barcode

import (
	"context"
	"image"
	"strings"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/oned"
	"github.com/offlane/offlane/barcode/internal/degrade"
	"github.com/stretchr/testify/require"
)

// withAddOn draws an EAN-13 and, nine modules behind it, an add-on given as modules.
func withAddOn(t *testing.T, text, addOn string) image.Image {
	t.Helper()
	bits, err := oned.NewEAN13Writer().EncodeWithoutHint(text, gozxing.BarcodeFormat_EAN_13, 0, 1)
	require.NoError(t, err)
	var modules strings.Builder
	modules.WriteString(strings.Repeat("0", 11))
	for x := range 95 { // the writer has a quiet zone
		modules.WriteByte("01"[btoi(bits.Get(x+(bits.GetWidth()-95)/2, 0))])
	}
	modules.WriteString(strings.Repeat("0", 9) + addOn + strings.Repeat("0", 11))
	img := image.NewGray(image.Rect(0, 0, 4*modules.Len(), 160))
	for i := range img.Pix {
		img.Pix[i] = 255 * ('1' - modules.String()[i%img.Stride/4])
	}
	return img
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func TestAnAddOnIsToldApartFromItsSymbol(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ modules, want string }{
		"none": {"", ""},
		// 12 modulo 4 is 0: both digits of set A.
		"two digits":               {"1011" + "0011001" + "01" + "0010011", "12"},
		"two digits of wrong sets": {"1011" + "0011001" + "01" + "0011011", ""},
		"five digits, as on a book": {"1011" + "0001011" + "01" + "0100111" + "01" + "0001101" + "01" + "0100111" + "01" +
			"0001101", "90000"},
	} {
		for turn := range 4 {
			if turn%thin() > 0 {
				continue
			}
			camera := degrade.Camera{Width: 460, Height: 460, Size: 440, Turn: float64(90 * turn), Blur: 0.7, Noise: 3}
			got, err := new(Scanner).Scan(context.Background(), camera.See(withAddOn(t, "9780201752847", c.modules)))
			require.NoError(t, err)
			require.Len(t, got, 1, name)
			require.Equal(t, "9780201752847", got[0].Text)
			require.Equal(t, "]E09780201752847", got[0].Transmitted())
			require.Equal(t, c.want, got[0].AddOn, "%s, turned by %d", name, 90*turn)
		}
	}
}
