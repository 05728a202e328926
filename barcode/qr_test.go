package barcode

import (
	"context"
	"image"
	"math/rand/v2"
	"testing"

	"github.com/offlane/offlane/barcode/internal/degrade"
	"github.com/offlane/offlane/barcode/internal/pix"
	"github.com/offlane/offlane/barcode/internal/qrtest"
	"github.com/stretchr/testify/require"
)

var microCodes = []struct {
	name   string
	stream qrtest.Bits
	text   string
}{
	{"M1", qrtest.Bits{}.Add(5, 3).Add(123, 10).Add(45, 7), "12345"},
	{"M1", qrtest.Bits{}.Add(1, 3).Add(7, 4), "7"},
	{"M2-L", qrtest.Bits{}.Add(0, 1).Add(8, 4).Add(12, 10).Add(345, 10).Add(67, 7), "01234567"},
	{"M2-M", qrtest.Bits{}.Add(1, 1).Add(5, 3).Add(10*45+12, 11).Add(41*45+4, 11).Add(2, 6), "AC-42"},
	{"M3-L", qrtest.Bits{}.Add(2, 2).Add(8, 4).Bytes("offer 42"), "offer 42"},
	{"M3-M", qrtest.Bits{}.Add(3, 2).Add(2, 3).Add(0xd9f, 13).Add(0x1aaa, 13), "\u70b9\u8317"},
	{"M4-L", qrtest.Bits{}.Add(2, 3).Add(14, 5).Bytes("fourteen bytes"), "fourteen bytes"},
	{"M4-M", qrtest.Bits{}.Add(2, 3).Add(5, 5).Bytes("K\u00f6ln").Add(0, 3).Add(3, 6).Add(42, 10), "K\u00f6ln042"},
	{"M4-Q", qrtest.Bits{}.Add(0, 3).Add(16, 6).Add(123, 10).Add(456, 10).Add(789, 10).Add(12, 10).Add(345, 10).Add(6, 4),
		"1234567890123456"},
}

func TestMicroQRIsReadFromAnySide(t *testing.T) {
	t.Parallel()
	for _, c := range microCodes {
		for mask := len(c.text) % 2; mask < 4; mask += 2 {
			img, err := qrtest.Micro(c.name, mask, c.stream)
			require.NoError(t, err, c.name)
			s := Scanner{Formats: []Format{QRCode, MicroQR}}
			for i, camera := range []degrade.Camera{
				{}, {Turn: 90}, {Turn: 180}, {Turn: 270}, {Turn: 33, Size: 250}, {Turn: -20, Tilt: 0.06, Noise: 5},
				{Turn: 8, Blur: 1.5, Size: 150}, {Inverted: true},
			} {
				if (i+mask)%thin() > 0 {
					continue
				}
				got, err := s.Scan(context.Background(), camera.See(img))
				require.NoError(t, err)
				require.Len(t, got, 1, "%s, mask %d, %+v", c.name, mask, camera)
				require.Equal(t, MicroQR, got[0].Format)
				require.Equal(t, c.text, got[0].Text)
				require.Equal(t, "]Q1", got[0].AIM)
				require.NotEmpty(t, got[0].Raw)
			}
		}
	}
}

// An M1 only detects errors: in part covered, or blurred at two pixels a module, it is read right or not at all. Those
// of the seeds were read as other numbers where the colour of each module was taken as it seemed.
func TestAnM1IsReadRightOrNotAtAll(t *testing.T) {
	t.Parallel()
	whole := func(img *image.Gray, r *rand.Rand) (string, *pix.Gray) { return "whole", photographed(img, r) }
	for _, c := range []struct {
		name   string
		series uint64
		seeds  []uint64
		take   func(*image.Gray, *rand.Rand) (string, *pix.Gray)
		right  int // at least
	}{
		{"whole", 77, []uint64{201, 476, 503, 1287, 1307, 1382, 2263, 2567, 2573, 2629, 2761, 2810}, whole, 0},
		{"in part covered", 78, []uint64{183, 395, 2398, 3673, 3694}, damaged, 0},
		{"the first", 77, []uint64{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, whole, 8},
	} {
		right := 0
		for _, seed := range c.seeds {
			r := rand.New(rand.NewPCG(seed, c.series))
			text, img := drawM1(t, r)
			how, g := c.take(img, r)
			for _, scanner := range []*Scanner{{}, {Frame: true, Budget: -1}} {
				got, err := scanner.ScanPlane(t.Context(), Plane{Pix: g.Pix, Width: g.W, Height: g.H, Stride: g.Stride})
				require.NoError(t, err)
				for _, s := range got {
					require.Equal(t, text, s.Text, "%s, seed %d, %s, frame %v", c.name, seed, how, scanner.Frame)
					right++
				}
			}
		}
		require.GreaterOrEqual(t, right, c.right, "%s: how many are read", c.name)
	}
}

// The example of ISO/IEC 18004, annex I.3.
func TestMicroQRHasTheCodewordsOfTheStandard(t *testing.T) {
	img, err := qrtest.Micro("M2-L", 1, microCodes[2].stream)
	require.NoError(t, err)
	got, err := new(Scanner).Scan(context.Background(), img)
	require.NoError(t, err)
	require.Len(t, got, 1)
	require.Equal(t, []byte{0x40, 0x18, 0xac, 0xc3, 0x00}, got[0].Raw)
}

func TestMirroredMicroQRIsRead(t *testing.T) {
	img, err := qrtest.Micro("M3-L", 2, microCodes[4].stream)
	require.NoError(t, err)
	got, err := new(Scanner).Scan(context.Background(), mirrored(img))
	require.NoError(t, err)
	require.Len(t, got, 1)
	require.Equal(t, "offer 42", got[0].Text)
}

func mirrored(img image.Image) image.Image {
	out := image.NewGray(img.Bounds())
	for y := range img.Bounds().Dy() {
		for x := range img.Bounds().Dx() {
			out.Set(img.Bounds().Dx()-1-x, y, img.At(x, y))
		}
	}
	return out
}

// The streams are written out from ISO/IEC 18004, 7.4: a mode indicator of four bits, a count, the data.
func TestEveryKindOfQRContentIsRead(t *testing.T) {
	t.Parallel()
	var s qrtest.Bits
	alnum := func(b qrtest.Bits, n int, pairs ...int) qrtest.Bits {
		b = b.Add(2, 4).Add(n, 9)
		for i, v := range pairs {
			if n-2*i == 1 {
				b = b.Add(v, 6)
			} else {
				b = b.Add(v, 11)
			}
		}
		return b
	}
	bytes := func(b qrtest.Bits, text string) qrtest.Bits { return b.Add(4, 4).Add(len(text), 8).Bytes(text) }
	for name, c := range map[string]struct {
		stream    qrtest.Bits
		text, aim string
		part      Part
	}{
		"digits":                     {s.Add(1, 4).Add(8, 10).Add(12, 10).Add(345, 10).Add(67, 7), "01234567", "]Q1", Part{}},
		"letters and digits":         {alnum(s, 5, 10*45+12, 41*45+4, 2), "AC-42", "]Q1", Part{}},
		"bytes in UTF-8":             {bytes(s, "K\u00f6ln"), "K\u00f6ln", "]Q1", Part{}},
		"bytes in Latin 1":           {bytes(s, "K\xf6ln"), "K\u00f6ln", "]Q1", Part{}},
		"Latin 1 in capitals":        {bytes(s, "PROMO\xc7\xc3O 10%"), "PROMO\u00c7\u00c3O 10%", "]Q1", Part{}},
		"two segments, one no UTF-8": {bytes(bytes(s, "\u00f6"), "\xf6"), "\u00c3\u00b6\u00f6", "]Q1", Part{}},
		"binary":                     {bytes(s, "\x01R\xc5\xe9\xd0\x94"), "\x01R\u00c5\u00e9\u00d0\u0094", "]Q1", Part{}},
		"ECIs 7 and 26": {bytes(bytes(s.Add(7, 4).Add(7, 8), "\xe4").Add(7, 4).Add(26, 8), "\u689d"), "\u0444\u689d",
			"]Q2", Part{}},
		"Kanji":             {s.Add(8, 4).Add(2, 8).Add(0xd9f, 13).Add(0x1aaa, 13), "\u70b9\u8317", "]Q1", Part{}},
		"Hanzi":             {s.Add(13, 4).Add(1, 4).Add(1, 8).Add((0xd6-0xa6)*0x60+0xd0-0xa1, 13), "\u4e2d", "]Q1", Part{}},
		"ECI 7, Cyrillic":   {bytes(s.Add(7, 4).Add(7, 8), "\xb0\xb1"), "\u0410\u0411", "]Q2", Part{}},
		"ECI 26, UTF-8":     {bytes(s.Add(7, 4).Add(26, 8), "\u20ac"), "\u20ac", "]Q2", Part{}},
		"ECI 20, two bytes": {bytes(s.Add(7, 4).Add(0x8014, 16), "\x93_"), "\u70b9", "]Q2", Part{}},
		"unknown ECI":       {bytes(s.Add(7, 4).Add(0xc0ffff, 24), "a\xff"), "a\u00ff", "]Q2", Part{}},
		"FNC1 first": {alnum(s.Add(5, 4).Add(1, 4).Add(3, 10).Add(10, 10), 4, 1*45+0, 38*45+10), "01010\x1dA",
			"]Q3", Part{}},
		"percent signs under FNC1": {alnum(s.Add(5, 4), 6, 38*45+38, 10*45+38, 11*45+12), "%A\x1dBC", "]Q3", Part{}},
		"FNC1 first and ECI":       {bytes(s.Add(7, 4).Add(3, 8).Add(5, 4), "10X\x1d21Y"), "10X\x1d21Y", "]Q4", Part{}},
		"FNC1 second, digits":      {bytes(s.Add(9, 4).Add(37, 8), "AA"), "37AA", "]Q5", Part{}},
		"FNC1 second, letter":      {bytes(s.Add(9, 4).Add(165, 8), "x"), "Ax", "]Q5", Part{}},
		"FNC1 second and ECI":      {bytes(s.Add(7, 4).Add(3, 8).Add(9, 4).Add(99, 8), "x"), "99x", "]Q6", Part{}},
		"structured append": {bytes(s.Add(3, 4).Add(1, 4).Add(3, 4).Add(0xa5, 8), "second of four"), "second of four",
			"]Q1", Part{Index: 1, Total: 4, Parity: 0xa5}},
	} {
		img, err := qrtest.QR(3, c.stream)
		require.NoError(t, err, name)
		got, err := new(Scanner).Scan(context.Background(), img)
		require.NoError(t, err)
		require.Len(t, got, 1, name)
		require.Equal(t, c.text, got[0].Text, name)
		require.Equal(t, c.aim, got[0].AIM, name)
		require.Equal(t, c.part, got[0].Part, name)
		require.Equal(t, 1.0, got[0].Quality.UnusedCorrection, name)
		require.Len(t, got[0].Raw, 55, name)
	}
}

// The caller knows the character set of codes that do not name it.
func TestTheCallersCharacterSetIsTakenWhereACodeNamesNone(t *testing.T) {
	img, err := qrtest.QR(1, qrtest.Bits{}.Add(4, 4).Add(3, 8).Bytes("\xd1\xea\xe8"))
	require.NoError(t, err)
	got, err := (&Scanner{ECI: 22}).Scan(context.Background(), img)
	require.NoError(t, err)
	require.Len(t, got, 1)
	require.Equal(t, "\u0421\u043a\u0438", got[0].Text, "Windows-1251")
	require.Equal(t, "]Q1", got[0].AIM, "the code names no ECI")
}

func TestQRStreamsThatMakeNoSenseAreNotRead(t *testing.T) {
	t.Parallel()
	var s qrtest.Bits
	for name, stream := range map[string]qrtest.Bits{
		"no such mode":            s.Add(6, 4),
		"nothing":                 s,
		"more than there is":      s.Add(4, 4).Add(200, 8).Bytes("x"),
		"digits above 999":        s.Add(1, 4).Add(3, 10).Add(1001, 10),
		"a character above 44":    s.Add(2, 4).Add(1, 9).Add(45, 6),
		"an indicator of no kind": s.Add(9, 4).Add(120, 8).Add(4, 4).Add(1, 8).Bytes("x"),
		"the fifth of two":        s.Add(3, 4).Add(4, 4).Add(1, 4).Add(0, 8).Add(4, 4).Add(1, 8).Bytes("x"),
	} {
		img, err := qrtest.QR(1, stream)
		require.NoError(t, err, name)
		got, err := new(Scanner).Scan(context.Background(), img)
		require.NoError(t, err)
		require.Empty(t, got, name)
	}
}
