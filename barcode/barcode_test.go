package barcode

import (
	"bytes"
	"context"
	"image"
	"image/png"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestDrawnSymbolsReadBack(t *testing.T) {
	t.Parallel()
	long := "OL1:" + strings.Repeat("ABCDEFGHIJ0123456789%*+-./:$", 12)
	for _, c := range []struct {
		format Format
		text   string
		aim    string
	}{
		{QRCode, "https://example.com/offer?x=1", "]Q1"},
		{QRCode, "0123456789012345", "]Q1"},
		{QRCode, long, "]Q1"},
		{QRCode, "Grüße aus Köln", "]Q1"},
		{DataMatrix, "Hello 123456", "]d1"},
		{DataMatrix, "caf\u00e9", "]d1"},
		{DataMatrix, "]d20109501101530003\x1d17270101", "]d2"},
		{Aztec, "An Aztec code, on a phone", "]z0"},
	} {
		d, err := Encode(c.format, c.text, Encoding{})
		require.NoError(t, err, c.text)
		got, err := new(Scanner).Scan(context.Background(), d.Image(4))
		require.NoError(t, err)
		require.Len(t, got, 1, "%v %q", c.format, c.text)
		require.Equal(t, c.format, got[0].Format)
		require.Equal(t, strings.TrimPrefix(c.text, "]d2"), got[0].Text)
		require.Equal(t, c.aim, got[0].AIM)
	}
}

func TestDrawingIsTheSameInEveryForm(t *testing.T) {
	d, err := Encode(QRCode, "EXAMPLE", Encoding{})
	require.NoError(t, err)
	w, h := d.Size()
	require.Equal(t, 21+8, w)
	require.Equal(t, 21+8, h)
	var file bytes.Buffer
	require.NoError(t, d.PNG(&file, 2))
	img, err := png.Decode(&file)
	require.NoError(t, err)
	require.Equal(t, image.Rect(0, 0, 58, 58), img.Bounds())
	for y := range h {
		for x := range w {
			require.Equal(t, d.Dark(x, y), dark(img, 2*x+1, 2*y+1))
		}
	}
	var svg bytes.Buffer
	require.NoError(t, d.SVG(&svg, 0))
	require.Contains(t, svg.String(), `viewBox="0 0 29 29"`)
	require.Contains(t, svg.String(), "M4 4h7v1h-7z", "the first row of the upper left finder")
}

func TestEncodeRefusesWhatItCannotDraw(t *testing.T) {
	for _, c := range []struct {
		format Format
		text   string
		says   string
	}{
		{QRCode, "", "no text"},
		{DataMatrix, "]d2", "no text"},
		{QRCode, strings.Repeat("x", 8000), "no symbol holds more"},
		{EAN13, "4006381333931", "only read"},
		{Code128, "\u00f1", "not ASCII"},
		{Aztec, "\u20ac", "not in ISO 8859-1"},
		{DataMatrix, "\u00e8", "FNC1"},
		{Code128, strings.Repeat("x", 90), "length"},
	} {
		_, err := Encode(c.format, c.text, Encoding{})
		require.ErrorContains(t, err, c.says, "%v %q", c.format, c.text)
	}
}

func TestScanRefusesWhatIsTooLarge(t *testing.T) {
	s := Scanner{MaxPixels: 1 << 20}
	_, err := s.Scan(context.Background(), image.NewUniform(image.Black.C))
	var size *sizeError
	require.ErrorAs(t, err, &size)
	_, err = s.ScanPlane(context.Background(), Plane{Pix: make([]byte, 10), Width: 5, Height: 3})
	require.ErrorContains(t, err, "do not hold")
}

func TestScanTakesAnySize(t *testing.T) {
	for _, size := range [][2]int{{0, 0}, {1, 1}, {1, 10000}, {10000, 1}, {3, 3}, {41, 41}, {7, 900}} {
		got, err := new(Scanner).ScanPlane(context.Background(),
			Plane{Pix: make([]byte, size[0]*size[1]), Width: size[0], Height: size[1]})
		require.NoError(t, err)
		require.Empty(t, got)
	}
}

func TestFormatNamesGoRound(t *testing.T) {
	for _, f := range Formats() {
		got, err := ParseFormat(strings.ToUpper(f.String()))
		require.NoError(t, err)
		require.Equal(t, f, got)
	}
	_, err := ParseFormat("semaphore")
	require.ErrorContains(t, err, "qr_code")
}
