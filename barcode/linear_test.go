package barcode

import (
	"context"
	"image"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/oned"
	"github.com/offlane/offlane/barcode/internal/degrade"
	"github.com/stretchr/testify/require"
)

// drawnLinear draws with gozxing's writers, which know more symbologies than Encode; three pixels a module, turned.
func drawnLinear(t testing.TB, w gozxing.Writer, f gozxing.BarcodeFormat, text string, degrees float64) Plane {
	t.Helper()
	bits, err := w.EncodeWithoutHint(text, f, 0, 1)
	require.NoError(t, err)
	const side, module = 700, 3.0
	p := Plane{Pix: make([]byte, side*side), Width: side, Height: side}
	noise := rand.New(rand.NewPCG(1, 2))
	sin, cos := math.Sincos(degrees * math.Pi / 180)
	for y := range side {
		for x := range side {
			dx, dy := float64(x)-side/2, float64(y)-side/2
			u, v := (dx*cos+dy*sin)/module+float64(bits.GetWidth())/2, dy*cos-dx*sin
			luma := 200
			if u >= 0 && int(u) < bits.GetWidth() && math.Abs(v) < 80 && bits.Get(int(u), 0) {
				luma = 50
			}
			p.Pix[y*side+x] = byte(luma + noise.IntN(21) - 10)
		}
	}
	return p
}

func TestOneDimensionalSymbolsReadFromAnyRightAngle(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		format Format
		writer gozxing.Writer
		as     gozxing.BarcodeFormat
		text   string
		sent   string
	}{
		{Code128, oned.NewCode128Writer(), gozxing.BarcodeFormat_CODE_128, "Offer 1234567890", "]C0Offer 1234567890"},
		{Code39, oned.NewCode39Writer(), gozxing.BarcodeFormat_CODE_39, "OFFER-42", "]A0OFFER-42"},
		{Code93, oned.NewCode93Writer(), gozxing.BarcodeFormat_CODE_93, "OFFER 42", "]G0OFFER 42"},
		{Codabar, oned.NewCodaBarWriter(), gozxing.BarcodeFormat_CODABAR, "12345-67", "]F012345-67"},
		{ITF, oned.NewITFWriter(), gozxing.BarcodeFormat_ITF, "12345678901231", "]I112345678901231"},
		{EAN13, oned.NewEAN13Writer(), gozxing.BarcodeFormat_EAN_13, "4006381333931", "]E04006381333931"},
		{EAN8, oned.NewEAN8Writer(), gozxing.BarcodeFormat_EAN_8, "96385074", "]E496385074"},
		{UPCA, oned.NewUPCAWriter(), gozxing.BarcodeFormat_UPC_A, "036000291452", "]E00036000291452"},
		{UPCE, oned.NewUPCEWriter(), gozxing.BarcodeFormat_UPC_E, "01234565", "]E00012345000065"},
	} {
		for i, degrees := range []float64{0, 3, 45, 90, 180, 270} {
			if (i+len(c.text))%thin() > 0 {
				continue
			}
			plane := drawnLinear(t, c.writer, c.as, c.text, degrees)
			s := Scanner{Formats: []Format{Code128, Code39, Code93, Codabar, ITF, EAN13, EAN8, UPCA, UPCE}}
			got, err := s.ScanPlane(context.Background(), plane)
			require.NoError(t, err)
			require.Len(t, got, 1, "%v at %v degrees", c.format, degrees)
			require.Equal(t, c.format, got[0].Format, "at %v degrees", degrees)
			require.Equal(t, c.text, got[0].Text)
			require.Equal(t, c.sent, got[0].Transmitted())
			middle, _ := middle(got[0].Corners)
			require.InDelta(t, 350, middle.X, 60)
			require.InDelta(t, 350, middle.Y, 60)
		}
	}
}

func TestGS1128KeepsItsSeparators(t *testing.T) {
	d, err := Encode(Code128, "]C1010950110153000310ABC\x1d17270101", Encoding{})
	require.NoError(t, err)
	got, err := new(Scanner).Scan(context.Background(), d.Image(2))
	require.NoError(t, err)
	require.Len(t, got, 1)
	require.Equal(t, "]C1010950110153000310ABC\x1d17270101", got[0].Transmitted())
}

func TestDigitsTakeCodeSetC(t *testing.T) {
	digits, err := Encode(Code128, "1234567890123456789012345678901234567890", Encoding{})
	require.NoError(t, err)
	width, _ := digits.Size()
	require.Equal(t, 20+11*(1+20+1)+13, width, "start, twenty pairs, check and stop between two quiet zones")
}

func TestUPCAIsAnEAN13WhereOnlyThatIsWanted(t *testing.T) {
	plane := drawnLinear(t, oned.NewUPCAWriter(), gozxing.BarcodeFormat_UPC_A, "036000291452", 0)
	s := Scanner{Formats: []Format{EAN13}}
	got, err := s.ScanPlane(context.Background(), plane)
	require.NoError(t, err)
	require.Len(t, got, 1)
	require.Equal(t, "0036000291452", got[0].Text)
}

func TestQualityTellsABlurredSymbolFromASharpOne(t *testing.T) {
	d, err := Encode(Code128, "01234567890123456789", Encoding{})
	require.NoError(t, err)
	quality := func(blur float64) Quality {
		camera := degrade.Camera{Width: 600, Height: 300, Size: 560, Black: 40, White: 200, Blur: blur}
		got, err := (&Scanner{Formats: []Format{Code128}}).Scan(context.Background(), camera.See(d.Image(6)))
		require.NoError(t, err)
		require.Len(t, got, 1)
		require.NotEmpty(t, got[0].Raw)
		return got[0].Quality
	}
	width, _ := d.Size()
	sharp, blurred := quality(0), quality(1.3)
	require.InDelta(t, 560/float64(width), sharp.Module, 0.4, "pixels a module")
	require.InDelta(t, 160.0/255, sharp.Contrast, 0.03)
	require.Greater(t, sharp.Modulation, 0.9)
	require.Less(t, blurred.Modulation, sharp.Modulation-0.1)
	require.GreaterOrEqual(t, sharp.Lines, 8, "most of the lines that a glance lays over the bars agree")
	require.Zero(t, sharp.UnusedCorrection)
}

// Blur that joins neighbouring bars: an EAN-13 is read from the luma itself, the same text or none.
func TestAnEAN13WhoseBarsRunTogetherIsRead(t *testing.T) {
	bits, err := oned.NewEAN13Writer().EncodeWithoutHint("4006381333931", gozxing.BarcodeFormat_EAN_13, 0, 1)
	require.NoError(t, err)
	img := image.NewGray(image.Rect(0, 0, 4*(bits.GetWidth()+20), 300))
	for i := range img.Pix {
		x := i%img.Stride/4 - 10
		img.Pix[i] = 255
		if x >= 0 && x < bits.GetWidth() && bits.Get(x, 0) {
			img.Pix[i] = 0
		}
	}
	const module = 2.5
	size := module * float64(bits.GetWidth()+20)
	for turn := range 4 {
		camera := degrade.Camera{Width: 420, Height: 420, Size: size, Turn: float64(90 * turn), Blur: 0.8 * module, Noise: 2,
			Seed: 4}
		got, err := (&Scanner{}).Scan(context.Background(), camera.See(img))
		require.NoError(t, err)
		require.Len(t, got, 1, "turned by %d", 90*turn)
		require.Equal(t, "4006381333931", got[0].Text)
		require.Equal(t, EAN13, got[0].Format)
	}
}
