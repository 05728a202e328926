package barcode

import (
	"context"
	"flag"
	"fmt"
	"image"
	"slices"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/oned"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/barcode/internal/degrade"
	"github.com/offlane/offlane/barcode/internal/pdf417/pdf417test"
)

var seeds = flag.Uint64("seeds", 0,
	"how many pictures of each degradation to try; 0: one, and every format but QR in every fourth view")

// A view is what a camera does to a picture, and of how many in a hundred seeds each setting must read it. What a
// setting need not read it still must not read wrong.
type view struct {
	name         string
	camera       degrade.Camera
	still, frame int
}

// of is the camera of one seed: a hand never holds a phone twice the same way.
func (v view) of(seed uint64) degrade.Camera {
	c := v.camera
	c.Seed = seed
	c.Turn += float64(seed*5%9) - 4
	return c
}

var qrViews = []view{
	{"plain", degrade.Camera{}, 100, 100},
	{"turned", degrade.Camera{Turn: 33}, 100, 100},
	{"upside down", degrade.Camera{Turn: 180, Noise: 5}, 100, 100},
	{"small", degrade.Camera{Size: 110}, 100, 100},
	{"close", degrade.Camera{Size: 560, Blur: 2}, 100, 100},
	{"tilted", degrade.Camera{Tilt: 0.15, Turn: 10}, 100, 100},
	{"tilted strongly", degrade.Camera{Tilt: 0.22, Turn: -25}, 100, 100},
	{"bent", degrade.Camera{Bend: 0.03}, 100, 100},
	{"on a cup", degrade.Camera{Curl: 80}, 100, 100},
	{"blurred", degrade.Camera{Blur: 2}, 100, 100},
	{"blurred more", degrade.Camera{Blur: 3.5, Noise: 2}, 100, 100},
	{"smeared", degrade.Camera{Motion: 6}, 100, 100},
	{"smeared more", degrade.Camera{Motion: 11, Noise: 3}, 100, 100},
	{"noisy", degrade.Camera{Noise: 25}, 100, 100},
	{"very noisy", degrade.Camera{Noise: 50}, 100, 0},
	{"low light", degrade.Camera{Black: 10, White: 45, Noise: 2}, 100, 100},
	{"hardly any light", degrade.Camera{Black: 8, White: 26, Noise: 3}, 100, 0},
	{"shaded", degrade.Camera{Shade: 0.8, Noise: 4}, 100, 100},
	{"moire", degrade.Camera{Moire: 15}, 100, 100},
	{"strong moire", degrade.Camera{Moire: 35}, 100, 0},
	{"a screen's pixels", degrade.Camera{Screen: 700, Noise: 3}, 100, 0},
	{"moire of a screen", degrade.Camera{Screen: 250, Noise: 3}, 100, 0},
	{"a screen's pixels, turned", degrade.Camera{Screen: 180, Turn: 20, Blur: 0.7}, 100, 100},
	{"cracked", degrade.Camera{Cracks: 1}, 100, 100},
	{"cracked thrice", degrade.Camera{Cracks: 3}, 50, 50},
	{"glare", degrade.Camera{Glare: 0.6}, 50, 50},
	{"inverted", degrade.Camera{Inverted: true, Blur: 1}, 100, 100},
	{"compressed", degrade.Camera{JPEG: 15, Blur: 1}, 100, 100},
	{"a bit of everything", degrade.Camera{Turn: 12, Tilt: 0.08, Blur: 1.2, Noise: 8, Shade: 0.4, JPEG: 60, Moire: 8,
		Screen: 400}, 100, 100},
}

func TestQRCodesReadAsACameraSeesThem(t *testing.T) {
	t.Parallel()
	d, err := Encode(QRCode, "https://example.com/offer/42", Encoding{})
	require.NoError(t, err)
	checkViews(t, qrViews, QRCode, "https://example.com/offer/42", d.Image(8))
}

func TestOtherMatricesReadAsACameraSeesThem(t *testing.T) {
	views := []view{
		{"plain", degrade.Camera{}, 100, 100},
		{"turned", degrade.Camera{Turn: 25}, 0, 0},
		{"tilted", degrade.Camera{Tilt: 0.06}, 100, 100},
		{"blurred", degrade.Camera{Blur: 1.2, Noise: 3}, 100, 100},
		{"noisy", degrade.Camera{Noise: 12}, 100, 0},
		{"low light", degrade.Camera{Black: 10, White: 45, Noise: 1}, 100, 100},
		{"shaded", degrade.Camera{Shade: 0.6}, 100, 100},
		{"compressed", degrade.Camera{JPEG: 30}, 100, 100},
	}
	for _, format := range []Format{DataMatrix, Aztec} {
		d, err := Encode(format, "OFFER 0123456789", Encoding{})
		require.NoError(t, err)
		checkViews(t, views, format, "OFFER 0123456789", d.Image(8))
	}
}

var pdf417Views = []view{
	{"plain", degrade.Camera{}, 100, 100},
	{"turned", degrade.Camera{Turn: 33}, 100, 100},
	{"upright", degrade.Camera{Turn: 90, Blur: 0.7}, 100, 100},
	{"tilted", degrade.Camera{Tilt: 0.1, Turn: 10}, 100, 100},
	{"bent", degrade.Camera{Bend: 0.1}, 100, 100},
	{"on a cup", degrade.Camera{Curl: 80}, 100, 100},
	{"blurred", degrade.Camera{Blur: 1}, 100, 100},
	{"noisy", degrade.Camera{Noise: 15}, 100, 100},
	{"low light", degrade.Camera{Black: 10, White: 45, Noise: 2}, 100, 100},
	{"shaded", degrade.Camera{Shade: 0.8, Noise: 4}, 100, 100},
	{"cracked", degrade.Camera{Cracks: 2}, 100, 100},
	{"glare", degrade.Camera{Glare: 0.4}, 100, 100},
	{"inverted", degrade.Camera{Inverted: true, Blur: 0.8}, 100, 100},
	{"compressed", degrade.Camera{JPEG: 20, Blur: 0.8}, 100, 100},
}

func TestPDF417ReadAsACameraSeesIt(t *testing.T) {
	t.Parallel()
	s := pdf417test.Symbol{Columns: 4, Level: 3, Scale: 6}
	img, err := s.Make(pdf417test.Text("OFFER 0123456789 abc"))
	require.NoError(t, err)
	checkViews(t, pdf417Views, PDF417, "OFFER 0123456789 abc", img)
}

var linearViews = []view{
	{"plain", degrade.Camera{}, 100, 100},
	{"tilted", degrade.Camera{Tilt: 0.05, Turn: 3}, 100, 100},
	{"upright", degrade.Camera{Turn: 90, Blur: 0.8}, 100, 100},
	{"on a cup", degrade.Camera{Curl: 50}, 100, 100},
	{"a little blurred", degrade.Camera{Blur: 0.8, Noise: 3}, 100, 100},
	{"blurred", degrade.Camera{Blur: 1.2, Noise: 3}, 100, 0},
	{"blurred more", degrade.Camera{Blur: 2, Noise: 2}, 0, 0},
	{"smeared", degrade.Camera{Motion: 3}, 100, 100},
	{"noisy", degrade.Camera{Noise: 8}, 100, 100},
	{"very noisy", degrade.Camera{Noise: 15}, 0, 0},
	{"low light", degrade.Camera{Black: 10, White: 75, Noise: 1}, 100, 100},
	{"hardly any light", degrade.Camera{Black: 10, White: 45, Noise: 1}, 0, 0},
	{"light on dark", degrade.Camera{Inverted: true}, 100, 0},
	{"shaded", degrade.Camera{Shade: 0.7}, 100, 100},
	{"a screen's pixels", degrade.Camera{Screen: 1000, Blur: 0.7, Noise: 2}, 0, 0},
	{"moire of a screen", degrade.Camera{Screen: 400, Blur: 0.7, Noise: 2}, 0, 0},
	{"cracked", degrade.Camera{Cracks: 1}, 100, 50},
	{"cracked thrice", degrade.Camera{Cracks: 3}, 50, 0},
	{"glare", degrade.Camera{Glare: 0.6}, 100, 100},
	{"compressed", degrade.Camera{JPEG: 40}, 100, 100},
	{"compressed more", degrade.Camera{JPEG: 20}, 100, 0},
}

func TestOneDimensionalSymbolsReadAsACameraSeesThem(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		format Format
		writer gozxing.Writer
		as     gozxing.BarcodeFormat
		text   string
	}{
		{Code128, oned.NewCode128Writer(), gozxing.BarcodeFormat_CODE_128, "01234567890123456789"},
		{EAN13, oned.NewEAN13Writer(), gozxing.BarcodeFormat_EAN_13, "4006381333931"},
		{EAN8, oned.NewEAN8Writer(), gozxing.BarcodeFormat_EAN_8, "96385074"},
		{UPCE, oned.NewUPCEWriter(), gozxing.BarcodeFormat_UPC_E, "01234565"},
		{Code39, oned.NewCode39Writer(), gozxing.BarcodeFormat_CODE_39, "OFFER-42"},
		{Code93, oned.NewCode93Writer(), gozxing.BarcodeFormat_CODE_93, "OFFER 42"},
		{Codabar, oned.NewCodaBarWriter(), gozxing.BarcodeFormat_CODABAR, "12345-67"},
		{ITF, oned.NewITFWriter(), gozxing.BarcodeFormat_ITF, "12345678901231"},
	} {
		checkViews(t, linearViews, c.format, c.text, flatBars(t, c.writer, c.as, c.text))
	}
}

// flatBars draws with gozxing's writers, which know more symbologies than Encode, four pixels a module.
func flatBars(t *testing.T, w gozxing.Writer, as gozxing.BarcodeFormat, text string) *image.Gray {
	t.Helper()
	bits, err := w.EncodeWithoutHint(text, as, 0, 1)
	require.NoError(t, err)
	const quiet, module, height = 12, 4, 160
	img := image.NewGray(image.Rect(0, 0, module*(bits.GetWidth()+2*quiet), height))
	for i := range img.Pix {
		x := i%img.Stride/module - quiet
		if x < 0 || x >= bits.GetWidth() || !bits.Get(x, 0) {
			img.Pix[i] = 255
		}
	}
	return img
}

// leftOut says whether a run without -seeds passes over a view, for the sake of time: the race detector's runs take
// one in every so many, and of what they take, formats other than QR one in four. Another format begins with another
// view.
func leftOut(view int, format Format) bool {
	if *seeds > 0 {
		return false
	}
	turn := view + int(format)
	if turn%thin() > 0 {
		return true
	}
	return format != QRCode && turn/thin()%4 != 0
}

// checkViews shows a picture in each view to both settings.
func checkViews(t *testing.T, views []view, format Format, text string, img image.Image) {
	t.Helper()
	for i, v := range views {
		if leftOut(i, format) {
			continue
		}
		if format.linear() || format == PDF417 {
			v.camera.Width, v.camera.Height, v.camera.Size = 480, 360, 440
			if v.camera.Turn == 90 {
				v.camera.Width, v.camera.Height = 360, 480
			}
		}
		tries, read := int(max(1, *seeds)), [2]int{}
		for seed := range tries {
			frame := v.of(uint64(seed)).See(img)
			for _, setting := range []scanSetting{stillSetting, frameSetting} {
				if readAs(t, setting, frame, format, text) {
					read[setting]++
				} else {
					name := fmt.Sprintf("%v, %s, setting %d, seed %d.png", format, v.name, setting, seed)
					t.Logf("misses %s", keep(t, planeOf(frame), name))
				}
			}
		}
		for setting, percent := range []int{stillSetting: v.still, frameSetting: v.frame} {
			assert.GreaterOrEqual(t, 100*read[setting], percent*tries, "%v: setting %d reads %d of %d in %s", format, setting,
				read[setting], tries, v.name)
		}
	}
}

// readAs asks for the format, and for its neighbours that it must not be taken for.
func readAs(t *testing.T, setting scanSetting, frame *image.Gray, format Format, text string) bool {
	t.Helper()
	s := Scanner{Frame: setting == frameSetting, Budget: -1, Formats: []Format{format}}
	if format.linear() {
		s.Formats = slices.DeleteFunc(Formats(), func(f Format) bool { return !f.linear() })
	}
	got, err := s.Scan(context.Background(), frame)
	require.NoError(t, err)
	for _, symbol := range got {
		assert.Equal(t, text, symbol.Text, "%v read wrong by setting %d", format, setting)
		assert.Equal(t, format, symbol.Format, "%v read wrong by setting %d", format, setting)
	}
	return len(got) > 0
}
