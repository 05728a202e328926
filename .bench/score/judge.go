package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/offlane/offlane/barcode"
	"github.com/offlane/offlane/barcode/gs1"
	"github.com/offlane/offlane/bench/internal/pictures"
)

// A result is what became of one picture.
type result struct {
	picture pictures.Picture
	by      []verdict // one a reader
}

// A verdict is what one reader made of one picture.
type verdict struct {
	read       bool
	located    int
	wrong, new []string
	took       time.Duration
	symbols    []string // all that were read, each as its format and text
	steps      []stepped
}

func judge(p pictures.Picture, all []pictures.Reading, took time.Duration) verdict {
	v := verdict{took: took}
	hit, texts := make([]bool, len(p.Corners)), map[string]bool{}
	for _, r := range all {
		v.symbols = append(v.symbols, r.Format+" "+r.Text)
		inside := slices.IndexFunc(p.Corners, func(q []float64) bool { return within(q, r.Middle()) })
		if inside >= 0 {
			hit[inside] = true
		}
		said := slices.ContainsFunc(p.Known(), func(text string) bool { return says(p.Format, r, text) })
		if v.read = v.read || said; said && p.Corners == nil {
			texts[r.Text] = true
		}
		what := fmt.Sprintf("%s %q at %.0f", r.Format, r.Text, r.Middle())
		switch {
		case p.Corners == nil && p.Texts == nil: // what it holds is not known
		case p.Corners != nil && inside < 0, p.Corners == nil && !said:
			v.wrong = append(v.wrong, what)
		case !said:
			v.new = append(v.new, what)
		}
	}
	for _, h := range hit {
		if h {
			v.located++
		}
	}
	v.located += len(texts)
	return v
}

// within says whether a point lies in a polygon of x and y in turn.
func within(q []float64, p barcode.Point) bool {
	in := false
	for i, j := 0, len(q)-2; i < len(q); j, i = i, i+2 {
		if (q[i+1] > p.Y) != (q[j+1] > p.Y) && p.X < (q[j]-q[i])*(p.Y-q[i+1])/(q[j+1]-q[i+1])+q[i] {
			in = !in
		}
	}
	return in
}

// families are the names that readers give the manifest's formats, without case and punctuation.
var families = map[string][]string{
	"ean_upc": {"ean13", "ean8", "upca", "upce", "eanupc"},
	"databar": {"databar", "databaromni", "databarstk", "databarstkomni", "databarltd", "databarstacked",
		"databarlimited"},
	"databar_expanded": {"databarexpanded", "databarexp", "databarexpstk", "databarexpandedstacked"},
	"itf":              {"itf", "itf14", "i2/5"},
	"code39":           {"code39", "code39std", "code39ext"},
	"qr_code":          {"qrcode", "qrcodemodel1", "qrcodemodel2"},
}

// says says whether a reading is the text that the manifest has for a picture of a format.
func says(format string, r pictures.Reading, text string) bool {
	plain := strings.NewReplacer("-", "", "_", "", " ", "")
	name := strings.ToLower(plain.Replace(r.Format))
	if family, ok := families[format]; ok && !slices.Contains(family, name) || !ok && name != plain.Replace(format) {
		return false
	}
	switch format {
	case "ean_upc":
		return sameNumber(name, r.Text, text)
	case "databar":
		return len(r.Text) >= len(text) && strings.HasSuffix(r.Text, text)
	case "databar_expanded":
		return sameElements(r.Text, text)
	case "codabar": // with or without its start and stop characters
		return strings.Trim(r.Text, "ABCD") == text
	}
	return r.Text == text
}

// sameNumber lets leading zeros and the two forms of UPC-E pass.
func sameNumber(name, read, text string) bool {
	forms := func(t string, short bool) []string {
		all := []string{strings.TrimLeft(t, "0")}
		if short && len(t) == 8 {
			long := barcode.Symbol{Format: barcode.UPCE, Text: t}.Transmitted()
			all = append(all, strings.TrimLeft(long, "0"))
		}
		return all
	}
	for _, f := range forms(read, name == "upce") {
		if slices.Contains(forms(text, name != "ean8"), f) {
			return true
		}
	}
	return false
}

// sameElements compares element strings: with brackets, or as they are transmitted. A reader that leaves every
// separator out is forgiven that, and where an AI is not of the dictionary, nobody knows where separators stand.
func sameElements(read, text string) bool {
	elements, err := gs1.ParseBracketed(text)
	if read == text || err == nil && read == elements.Raw() {
		return true
	}
	bare := strings.NewReplacer("(", "", ")", "", "\x1d", "")
	return (err != nil || !strings.Contains(read, "\x1d")) && bare.Replace(read) == bare.Replace(text)
}
