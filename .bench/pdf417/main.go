// Pdf417 has bwip-js draw PDF417 symbols of random contents, reads them with our scanner and with zxing-cpp, and says
// who read how many of them as what was drawn.
//
//	go -C .bench run ./pdf417 [-n 2000] [-seed 1] [-v] FOLDER
//
// It needs node and a folder in which `npm install bwip-js zxing-wasm` was run. The contents are digits, text of all
// submodes, ISO 8859-1 and UTF-8, mixed; the shapes have 1 to 12 columns, error correction of level 0 to 5, full and
// truncated, 1 to 3 pixels a module. What was read wrongly is listed.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"math/rand/v2"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/offlane/offlane/barcode"
	"github.com/offlane/offlane/bench/internal/zxing"
)

var (
	n       = flag.Int("n", 2000, "how many contents")
	seed    = flag.Uint64("seed", 1, "of the contents")
	verbose = flag.Bool("v", false, "list the shapes of what was missed")
)

func main() {
	log.SetFlags(0)
	flag.Parse()
	if flag.NArg() != 1 {
		flag.Usage()
		os.Exit(2)
	}
	if err := run(flag.Arg(0)); err != nil {
		log.Fatal(err)
	}
}

// A score counts what one reader did.
type score struct{ right, wrong, none int }

func (s *score) add(name, want, shape string, texts []string) {
	switch {
	case len(texts) == 0:
		s.none++
		if *verbose {
			fmt.Printf("missed: %s, %s\n", name, shape)
		}
	case len(texts) == 1 && texts[0] == want:
		s.right++
	default:
		s.wrong++
		fmt.Printf("wrong: %s reads %.80q, drawn was %.80q\n", name, texts, want)
	}
}

func run(folder string) error {
	d, err := newDrawer(folder)
	if err != nil {
		return err
	}
	defer d.close()
	z, err := zxing.New(folder, "pdf417")
	if err != nil {
		return err
	}
	defer z.Close()
	var ours, theirs score
	refused := 0
	for i := range *n {
		r := rand.New(rand.NewPCG(*seed, uint64(i)))
		text, o := contents(r)
		scale := 1 + r.IntN(3)
		p, err := d.draw(o, scale)
		if err != nil {
			refused++ // it does not fit
			continue
		}
		shape := fmt.Sprintf("%s, %d columns, level %d, rows of %d, scale %d", o.Format, o.Columns, o.Level, o.RowScale,
			scale)
		if err := readBoth(z, p, text, shape, &ours, &theirs); err != nil {
			return err
		}
	}
	fmt.Printf("%d contents, %d of them too long for their shape\n", *n, refused)
	fmt.Printf("ours:      %d right, %d wrong, %d not read\n", ours.right, ours.wrong, ours.none)
	fmt.Printf("zxing-cpp: %d right, %d wrong, %d not read\n", theirs.right, theirs.wrong, theirs.none)
	return nil
}

func readBoth(z *zxing.Scanner, p barcode.Plane, text, shape string, ours, theirs *score) error {
	s := barcode.Scanner{Formats: []barcode.Format{barcode.PDF417}}
	got, err := s.ScanPlane(context.Background(), p)
	if err != nil {
		return err
	}
	var texts []string
	for _, g := range got {
		texts = append(texts, g.Text)
	}
	ours.add("ours", text, shape, texts)
	all, _, err := z.Scan(p)
	if err != nil {
		return err
	}
	texts = nil
	for _, g := range all {
		texts = append(texts, g.Text)
	}
	theirs.add("zxing-cpp", text, shape, texts)
	return nil
}

// alphabets are what contents are drawn of; a piece of text is of one.
var alphabets = []string{
	"0123456789",
	"ABCDEFGHIJKLMNOPQRSTUVWXYZ ",
	"abcdefghijklmnopqrstuvwxyz ",
	"0123456789&,:#-.$/+%*= ",
	"ABCxyz019;<>@[]_`~!,:-.$/\"|*()?{}' ",
	"äöüßéèñçÄÖÜ¿¡£§",
}

// contents returns a random text and how it is to be drawn. It is handed to bwip-js byte by byte: beyond ASCII as
// ISO 8859-1, or as UTF-8 where the symbol names that.
func contents(r *rand.Rand) (text string, o options) {
	var b strings.Builder
	for range 1 + r.IntN(4) {
		alphabet := []rune(alphabets[r.IntN(len(alphabets))])
		for range 1 + r.IntN(30) {
			b.WriteRune(alphabet[r.IntN(len(alphabet))])
		}
	}
	text = b.String()
	o = options{Format: "pdf417", Columns: 1 + r.IntN(12), Level: r.IntN(6), Parse: true, ParseECI: true,
		Binary: true, RowScale: 2 + r.IntN(3)}
	if r.IntN(4) == 0 {
		o.Format = "pdf417compact"
	}
	var raw []byte
	for _, c := range text {
		raw = append(raw, byte(c))
	}
	if r.IntN(2) == 0 || utf8.Valid(raw) { // what is UTF-8 by chance nobody can tell
		o.Text, raw = "^ECI000026", []byte(text)
	}
	for _, c := range raw {
		o.Text += fmt.Sprintf("^%03d", c)
	}
	return text, o
}
