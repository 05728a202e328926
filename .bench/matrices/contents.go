package main

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"unicode/utf8"

	"github.com/offlane/offlane/barcode"
)

// alphabets are what contents are drawn of; a piece of text is of one.
var alphabets = []string{
	"0123456789",
	"ABCDEFGHIJKLMNOPQRSTUVWXYZ ",
	"abcdefghijklmnopqrstuvwxyz ",
	"0123456789&,:#-.$/+%*= ",
	"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*> \r",
	"ABCxyz019;<>@[]_`~!,:-.$/\"|*()?{}' ",
	"äöüßéèñçÄÖÜ¿¡£§",
}

// contents returns a random text and how it is to be drawn. It is handed to bwip-js byte by byte: beyond ASCII as
// ISO 8859-1, or as UTF-8 where the symbol names that.
func contents(r *rand.Rand, s symbology) (text string, o options) {
	o = options{Parse: true, ParseECI: true, Binary: true}
	s.shape(r, &o)
	if s.format != barcode.PDF417 && r.IntN(8) == 0 {
		text = elements(r)
		o.Text, o.Binary = "^FNC1"+strings.ReplaceAll(text, "\x1d", "^FNC1"), false
		return text, o
	}
	for range 1 + r.IntN(4) {
		alphabet := []rune(alphabets[r.IntN(len(alphabets))])
		for range 1 + r.IntN(30) {
			text += string(alphabet[r.IntN(len(alphabet))])
		}
	}
	if s.format == barcode.DataMatrix && r.IntN(8) == 0 && len(text) == utf8.RuneCountInString(text) {
		text = "[)>\x1e0" + string("56"[r.IntN(2)]) + "\x1d" + text + "\x1e\x04"
	}
	var raw []byte
	for _, c := range text {
		raw = append(raw, byte(c))
	}
	if r.IntN(2) == 0 && !strings.HasPrefix(text, "[)>") || utf8.Valid(raw) { // what is UTF-8 by chance nobody can tell
		raw = []byte(text)
		if !strings.HasPrefix(text, "[)>") {
			o.Text = "^ECI000026"
		}
	}
	for _, c := range raw {
		o.Text += fmt.Sprintf("^%03d", c)
	}
	return text, o
}

// elements returns an element string of a product, its batch and its serial number, some of them with a separator.
func elements(r *rand.Rand) string {
	const letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefgh"
	some := func() (out string) {
		for range 1 + r.IntN(12) {
			out += string(letters[r.IntN(len(letters))])
		}
		return out
	}
	text := "0109501101020917"
	if r.IntN(2) == 0 {
		text += "17190508"
	}
	return text + "10" + some() + "\x1d21" + some()
}

// versions are the sizes of Data Matrix that are asked for.
var versions = []string{"", "", "", "20x20", "26x26", "32x32", "40x40", "52x52", "64x64", "88x88", "104x104", "132x132"}

func dataMatrix(r *rand.Rand, o *options) {
	o.Format = []string{"datamatrix", "datamatrixrectangular", "datamatrixrectangularextension"}[r.IntN(3)]
	if o.Format == "datamatrix" {
		o.Size = versions[r.IntN(len(versions))]
	}
}

func aztec(r *rand.Rand, o *options) {
	o.Format, o.Level = "azteccode", 10+r.IntN(60)
	switch r.IntN(4) {
	case 0:
		o.Format = "azteccodecompact"
	case 1:
		o.Shape, o.Layers = "full", 4+r.IntN(29)
	}
}

func pdf417(r *rand.Rand, o *options) {
	o.Format, o.Columns, o.Level, o.Rows = "pdf417", 1+r.IntN(12), r.IntN(6), 2+r.IntN(3)
	if r.IntN(4) == 0 {
		o.Format = "pdf417compact"
	}
}
