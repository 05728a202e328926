package barcode

import (
	"context"
	"fmt"
	"image"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/oned"
	"github.com/offlane/offlane/barcode/internal/pix"
	"github.com/stretchr/testify/require"
)

// itf14 is an ITF whose first ten digits read as a shorter symbol where white covers the rest: what follows them is a
// wide bar, a narrow space, a narrow bar.
const itf14, itf14Short = "15400141288763", "1540014128"

// elementEnd is where element n of a symbol of flatBars ends, in pixels.
func elementEnd(img *image.Gray, n int) int {
	edges := 0
	for x := 1; x < img.Rect.Dx(); x++ {
		if (img.Pix[img.Stride*80+x] < 128) != (img.Pix[img.Stride*80+x-1] < 128) {
			if edges++; edges == n+1 {
				return x
			}
		}
	}
	return img.Rect.Dx()
}

// whiteFrom covers a picture from one column to before another.
func whiteFrom(img *image.Gray, from, to int) *image.Gray {
	for i := range img.Pix {
		if x := i % img.Stride; x >= from && x < to {
			img.Pix[i] = 255
		}
	}
	return img
}

// framed draws bearer bars around a symbol: above and below, at its left, at its right.
func framed(img *image.Gray, across, left, right bool) *image.Gray {
	const bar = 16
	out := onPaper(img, 40)
	box := img.Rect.Add(image.Pt(40, 40))
	for i := range out.Pix {
		x, y := i%out.Stride, i/out.Stride
		if !image.Pt(x, y).In(box) {
			continue
		}
		if across && (y < box.Min.Y+bar || y >= box.Max.Y-bar) || left && x < box.Min.X+bar || right && x >= box.Max.X-bar {
			out.Pix[i] = 0
		}
	}
	return out
}

// halved has a half of the pixels, so that all scanners are quick.
func halved(img *image.Gray) *pix.Gray {
	return pix.Half(nil, &pix.Gray{Pix: img.Pix, W: img.Rect.Dx(), H: img.Rect.Dy(), Stride: img.Stride})
}

// textsOf are what both settings read, as it is and turned by a right angle.
func textsOf(t *testing.T, g *pix.Gray, s *Scanner) (texts map[string]int) {
	t.Helper()
	texts = map[string]int{}
	for range 2 {
		for _, setting := range []scanSetting{stillSetting, frameSetting} {
			one := &Scanner{Rules: s.Rules, Formats: s.Formats, Frame: setting == frameSetting, Budget: -1}
			got, err := one.ScanPlane(context.Background(), Plane{Pix: g.Pix, Width: g.W, Height: g.H})
			require.NoError(t, err)
			for _, symbol := range got {
				texts[symbol.Format.String()+" "+symbol.Text]++
			}
		}
		g = g.Turn()
	}
	return texts
}

func drawnITF(t *testing.T, text string) *image.Gray {
	return flatBars(t, oned.NewITFWriter(), gozxing.BarcodeFormat_ITF, text)
}

func TestAPartOfAnITFIsNoShorterOne(t *testing.T) {
	t.Parallel()
	const before = 4 + 50 + 3 // elements up to where the short one would end
	whole := func() *image.Gray { return drawnITF(t, itf14) }
	end := elementEnd(whole(), before)
	far := whole().Rect.Dx()
	inside := func(margin int) *image.Gray {
		img := drawnITF(t, itf14Short)
		x0, x1 := elementEnd(img, 0), elementEnd(img, 4+50+3)
		return planeImage(img.SubImage(image.Rect(x0-margin, 0, x1+margin, img.Rect.Dy())))
	}
	gray := whole()
	for i := range gray.Pix {
		if i%gray.Stride >= end+1 {
			gray.Pix[i] = 150
		}
	}
	for name, img := range map[string]*image.Gray{
		"bearer bars on two sides, the right end covered":  whiteFrom(framed(whole(), true, false, false), 40+end+1, far+80),
		"bearer bars on four sides, the right end covered": whiteFrom(framed(whole(), true, true, true), 40+end+1, far+80),
		"a bar at its left alone":                          whiteFrom(framed(whole(), false, true, true), 40+end+1, far+80),
		"a sticker over two digits":                        whiteFrom(drawnITF(t, "1540014128876331415926"), end+1, end+1+80),
		"a gray sticker":                                   gray,
		"a picture that ends at its bars":                  inside(2),
		"a picture that ends in its quiet zones":           inside(12),
	} {
		require.Empty(t, textsOf(t, halved(img), &Scanner{Formats: []Format{ITF}}), name)
	}
}

func TestAWholeITFIsReadBesideBearerBars(t *testing.T) {
	t.Parallel()
	for name, img := range map[string]*image.Gray{
		"no bars": drawnITF(t, itf14), "on two sides": framed(drawnITF(t, itf14), true, false, false),
		"on four sides": framed(drawnITF(t, itf14), true, true, true),
	} {
		require.Equal(t, map[string]int{"itf " + itf14: 4}, textsOf(t, halved(img), &Scanner{Formats: []Format{ITF}}), name)
	}
}

func TestRulesSayWhichSymbolsAreRead(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text string
		rule *Rule
		aim  string
	}{
		"ITF-14":                                  {itf14, nil, "]I1"},
		"ITF-14 whose check digit is wrong":       {"15400141288764", nil, ""},
		"that, of a length that is named":         {"15400141288764", &Rule{Lengths: []int{14}}, "]I0"},
		"ten digits":                              {"1234567890", nil, "]I0"},
		"ten digits, where others are named":      {"1234567890", &Rule{Lengths: []int{8, 12}}, ""},
		"twelve digits":                           {"123456789013", nil, ""},
		"twelve digits that are named":            {"123456789013", &Rule{Lengths: []int{8, 12}}, "]I0"},
		"twelve digits with a wrong check digit":  {"123456789013", &Rule{Check: true}, ""},
		"twelve digits with the right one":        {checked("12345678901"), nil, ""},
		"twelve digits of which it is known":      {checked("12345678901"), &Rule{Check: true}, "]I1"},
		"ten digits whose check digit is wrong":   {"1234567890", &Rule{Check: true}, ""},
		"eight digits with the right one":         {checked("1234567"), nil, ""},
		"eight digits of which it is known":       {checked("1234567"), &Rule{Check: true}, "]I1"},
		"ten digits, check digit and length":      {checked("123456789"), &Rule{Lengths: []int{10}, Check: true}, "]I1"},
		"a check digit, but another length named": {checked("123456789"), &Rule{Lengths: []int{12}, Check: true}, ""},
	} {
		s := &Scanner{Formats: []Format{ITF}}
		if c.rule != nil {
			s.Rules = map[Format]Rule{ITF: *c.rule}
		}
		got, err := s.Scan(context.Background(), drawnITF(t, c.text))
		require.NoError(t, err)
		if c.aim == "" {
			require.Empty(t, got, name)
			continue
		}
		require.Len(t, got, 1, name)
		require.Equal(t, c.aim+c.text, got[0].AIM+got[0].Text, name)
	}
}

func TestCheckCharactersAreVerifiedWhereARuleAsks(t *testing.T) {
	t.Parallel()
	code39 := flatBars(t, oned.NewCode39Writer(), gozxing.BarcodeFormat_CODE_39, "OFFER-428") // the sum is 8 modulo 43
	codabar := flatBars(t, oned.NewCodaBarWriter(), gozxing.BarcodeFormat_CODABAR, "A12345674A")
	for name, c := range map[string]struct {
		format Format
		img    *image.Gray
		aim    string
	}{
		"Code 39":             {Code39, code39, "]A1OFFER-428"},
		"Code 39 without one": {Code39, flatBars(t, oned.NewCode39Writer(), gozxing.BarcodeFormat_CODE_39, "OFFER-42"), ""},
		"Codabar":             {Codabar, codabar, "]F212345674"},
		"Codabar without one": {Codabar, flatBars(t, oned.NewCodaBarWriter(), gozxing.BarcodeFormat_CODABAR, "A1234567A"),
			""},
	} {
		s := &Scanner{Formats: []Format{c.format}, Rules: map[Format]Rule{c.format: {Check: true}}}
		got, err := s.Scan(context.Background(), c.img)
		require.NoError(t, err)
		if c.aim == "" {
			require.Empty(t, got, name)
			continue
		}
		require.Len(t, got, 1, name)
		require.Equal(t, c.aim, got[0].AIM+got[0].Text, name)
	}
}

// The left half of an EAN-13 with one more bar has the guards and the sets of a UPC-E of number system 1.
func TestAPartOfAnEAN13IsNoUPCE(t *testing.T) {
	t.Parallel()
	tried := 0
	// The eighth digit of these begins with a bar of one module.
	for number := int64(412345340000); tried < 3; number += 1_003_700_000 {
		text := checked(fmt.Sprint(number))
		img := flatBars(t, oned.NewEAN13Writer(), gozxing.BarcodeFormat_EAN_13, text)
		part := whiteFrom(img, elementEnd(img, 3+24+5+1)+1, img.Rect.Dx())
		short := Symbol{Format: UPCE, Text: "1" + text[1:7] + text[:1]}
		if long := short.Transmitted()[1:]; checked(long[:11]) == long {
			require.Empty(t, textsOf(t, halved(part), &Scanner{Formats: []Format{UPCE}}), text)
			tried++
		}
	}
}
