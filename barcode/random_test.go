package barcode

import (
	"fmt"
	"image"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/oned"
	"github.com/offlane/offlane/barcode/internal/databar/databartest"
	"github.com/offlane/offlane/barcode/internal/pdf417/pdf417test"
	"github.com/offlane/offlane/barcode/internal/qrtest"
	"github.com/stretchr/testify/require"
)

// A specimen is a symbol of a known text, drawn at four pixels a module with its quiet zones.
type specimen struct {
	name, text string
	img        *image.Gray
}

// A maker draws a symbol of a random text.
type maker struct {
	name string
	make func(t *testing.T, r *rand.Rand) (text string, img image.Image)
}

const (
	digits   = "0123456789"
	upper    = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	anything = digits + upper + "abcdefghijklmnopqrstuvwxyz $%*+-./:"
)

// makers draw every symbology.
var makers = []maker{
	{"code128", linearMaker(oned.NewCode128Writer(), gozxing.BarcodeFormat_CODE_128, anything, 3, 20)},
	{"code39", linearMaker(oned.NewCode39Writer(), gozxing.BarcodeFormat_CODE_39, digits+upper+"-. $/+%", 2, 14)},
	{"code93", linearMaker(oned.NewCode93Writer(), gozxing.BarcodeFormat_CODE_93, digits+upper+"-. $/+%", 2, 14)},
	{"codabar", linearMaker(oned.NewCodaBarWriter(), gozxing.BarcodeFormat_CODABAR, digits+"-$:/.+", 4, 16)},
	{"itf", drawITF(false)},
	{"itf with bearer bars", drawITF(true)},
	{"ean13", numberMaker(oned.NewEAN13Writer(), gozxing.BarcodeFormat_EAN_13, 12)},
	{"upca", numberMaker(oned.NewUPCAWriter(), gozxing.BarcodeFormat_UPC_A, 11)},
	{"ean8", numberMaker(oned.NewEAN8Writer(), gozxing.BarcodeFormat_EAN_8, 7)},
	{"upce", drawUPCE},
	{"databar", func(_ *testing.T, r *rand.Rand) (string, image.Image) {
		text := checked("0" + random(r, digits, 12))
		if r.IntN(2) == 0 {
			return text, databartest.Draw(4, databartest.DrawStacked(text, 33, 33)...)
		}
		return text, databartest.Draw(4, databartest.Omnidirectional(text, 33, r.IntN(2) == 0)...)
	}},
	{"databar limited", func(_ *testing.T, r *rand.Rand) (string, image.Image) {
		text := checked("0" + random(r, digits, 12))
		return text, databartest.Draw(4, databartest.DrawLimited(text)...)
	}},
	{"databar expanded", func(_ *testing.T, r *rand.Rand) (string, image.Image) {
		text := "10" + random(r, digits+upper, 1+r.IntN(8)) + "\x1d21" + random(r, digits+upper, 1+r.IntN(8))
		return text, databartest.Draw(4, databartest.DrawExpanded(databartest.Characters(text), r.IntN(5), 34)...)
	}},
	{"qr_code", encodeMaker(QRCode, 60)},
	{"micro_qr", drawMicro},
	{"data_matrix", encodeMaker(DataMatrix, 30)},
	{"aztec", encodeMaker(Aztec, 30)},
	{"pdf417", drawPDF417},
}

// specimenOf draws the symbol of a number, each symbology in turn or the one that is asked for.
func specimenOf(t *testing.T, number int, r *rand.Rand) specimen {
	t.Helper()
	m := makers[number%len(makers)]
	if *oneSymbology != "" {
		i := slices.IndexFunc(makers, func(m maker) bool { return m.name == *oneSymbology })
		require.GreaterOrEqual(t, i, 0, "there is no symbology of the name %q", *oneSymbology)
		m = makers[i]
	}
	text, img := m.make(t, r)
	return specimen{m.name, text, planeImage(img)}
}

func planeImage(img image.Image) *image.Gray {
	g := planeOf(img)
	return &image.Gray{Pix: g.Pix, Stride: g.Stride, Rect: image.Rect(0, 0, g.W, g.H)}
}

func random(r *rand.Rand, alphabet string, n int) string {
	out := make([]byte, n)
	for i := range out {
		out[i] = alphabet[r.IntN(len(alphabet))]
	}
	return string(out)
}

// checked appends the check digit of a GS1 number.
func checked(number string) string {
	sum := 0
	for i := range number {
		sum += int(number[len(number)-1-i]-'0') * (3 - i%2*2)
	}
	return number + fmt.Sprint((10-sum%10)%10)
}

func linearMaker(w gozxing.Writer, as gozxing.BarcodeFormat, alphabet string, least,
	most int) func(*testing.T, *rand.Rand) (string, image.Image) {
	return func(t *testing.T, r *rand.Rand) (string, image.Image) {
		text := random(r, alphabet, least+r.IntN(most-least+1))
		return text, flatBars(t, w, as, text)
	}
}

func numberMaker(w gozxing.Writer, as gozxing.BarcodeFormat, n int) func(*testing.T, *rand.Rand) (string, image.Image) {
	return func(t *testing.T, r *rand.Rand) (string, image.Image) {
		text := checked(random(r, digits, n))
		return text, flatBars(t, w, as, text)
	}
}

func encodeMaker(format Format, most int) func(*testing.T, *rand.Rand) (string, image.Image) {
	return func(t *testing.T, r *rand.Rand) (string, image.Image) {
		text := random(r, anything, 1+r.IntN(most))
		d, err := Encode(format, text, Encoding{Level: "MLQH"[r.IntN(4)]})
		require.NoError(t, err)
		return text, d.Image(4)
	}
}

// drawPDF417 draws one of any shape, truncated by one seed in four.
func drawPDF417(t *testing.T, r *rand.Rand) (string, image.Image) {
	text := random(r, anything, 1+r.IntN(40))
	s := pdf417test.Symbol{Columns: 1 + r.IntN(6), Level: r.IntN(5), RowHeight: 2 + r.IntN(3), Compact: r.IntN(4) == 0}
	img, err := s.Make(pdf417test.Text(text))
	require.NoError(t, err)
	return text, img
}

// drawMicro draws a Micro QR code of digits, or of letters in bytes.
func drawMicro(t *testing.T, r *rand.Rand) (string, image.Image) {
	var text, name string
	var stream qrtest.Bits
	switch r.IntN(4) {
	case 0:
		return drawM1(t, r)
	case 1:
		text, name = random(r, digits, 9), "M2-L"
		stream = stream.Add(0, 1).Add(9, 4)
		for i := 0; i < 9; i += 3 {
			stream = stream.Add(atoi(t, text[i:i+3]), 10)
		}
	case 2:
		text, name = random(r, anything, 4+r.IntN(6)), "M3-L"
		stream = stream.Add(2, 2).Add(len(text), 4).Bytes(text)
	default:
		text, name = random(r, anything, 6+r.IntN(9)), "M4-L"
		stream = stream.Add(2, 3).Add(len(text), 5).Bytes(text)
	}
	return text, microImage(t, name, r.IntN(4), stream)
}

// drawM1 draws one of five digits.
func drawM1(t *testing.T, r *rand.Rand) (string, *image.Gray) {
	text := random(r, digits, 5)
	stream := qrtest.Bits{}.Add(5, 3).Add(atoi(t, text[:3]), 10).Add(atoi(t, text[3:]), 7)
	return text, microImage(t, "M1", r.IntN(4), stream)
}

func microImage(t *testing.T, name string, mask int, stream qrtest.Bits) *image.Gray {
	img, err := qrtest.Micro(name, mask, stream)
	require.NoError(t, err, name)
	half := halved(planeImage(img))
	return &image.Gray{Pix: half.Pix, Stride: half.Stride, Rect: image.Rect(0, 0, half.W, half.H)}
}

func atoi(t *testing.T, digits string) int {
	n, err := strconv.Atoi(digits)
	require.NoError(t, err, "the digits of a Micro QR code")
	return n
}

// drawUPCE draws a number of system 0, whose check digit is that of its twelve digits.
func drawUPCE(t *testing.T, r *rand.Rand) (string, image.Image) {
	short := "0" + random(r, digits, 6)
	long := Symbol{Format: UPCE, Text: short + "0"}.Transmitted()
	text := short + checked(long[1:12])[11:]
	return text, flatBars(t, oned.NewUPCEWriter(), gozxing.BarcodeFormat_UPC_E, text)
}

// drawITF draws 6 to 20 digits, or an ITF-14 with bearer bars on two or four sides.
func drawITF(bearers bool) func(*testing.T, *rand.Rand) (string, image.Image) {
	return func(t *testing.T, r *rand.Rand) (string, image.Image) {
		text := random(r, digits, 6+2*r.IntN(8))
		if bearers || len(text) == 14 {
			text = checked(random(r, digits, 13))
		}
		img := flatBars(t, oned.NewITFWriter(), gozxing.BarcodeFormat_ITF, text)
		if !bearers {
			return text, img
		}
		const bar = 16
		sides := r.IntN(2) * bar
		for i := range img.Pix {
			x, y := i%img.Stride, i/img.Stride
			if y < bar || y >= img.Rect.Dy()-bar || x < sides || x >= img.Rect.Dx()-sides {
				img.Pix[i] = 0
			}
		}
		return text, onPaper(img, 40)
	}
}

// onPaper puts a picture on a larger light sheet.
func onPaper(img *image.Gray, margin int) *image.Gray {
	out := image.NewGray(image.Rect(0, 0, img.Rect.Dx()+2*margin, img.Rect.Dy()+2*margin))
	for i := range out.Pix {
		x, y := i%out.Stride-margin, i/out.Stride-margin
		out.Pix[i] = 255
		if image.Pt(x, y).In(img.Rect) {
			out.Pix[i] = img.Pix[y*img.Stride+x]
		}
	}
	return out
}
