// Matrices has bwip-js draw Data Matrix, Aztec and PDF417 symbols of random contents, reads them with our scanner and
// with zxing-cpp, and says who read how many of them as what was drawn.
//
//	go -C .bench run ./matrices [-n 2000] [-seed 1] [-symbology aztec] [-v] FOLDER
//
// It needs node and a folder in which `npm install bwip-js zxing-wasm` was run. The contents are digits, letters of
// both cases, marks, ISO 8859-1 and UTF-8, mixed, GS1 element strings and macros, so that the encoder uses every
// encodation; the shapes have all sizes, kinds and levels of error correction, 1 to 3 pixels a module. What was read
// wrongly is listed.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"math/rand/v2"
	"os"

	"github.com/offlane/offlane/barcode"
	"github.com/offlane/offlane/bench/internal/zxing"
)

var (
	n       = flag.Int("n", 2000, "how many contents of each symbology")
	seed    = flag.Uint64("seed", 1, "of the contents")
	only    = flag.String("symbology", "", "data_matrix, aztec or pdf417; none: each")
	verbose = flag.Bool("v", false, "list the shapes of what was missed")
)

// A symbology is drawn in random shapes.
type symbology struct {
	name   string
	format barcode.Format
	shape  func(r *rand.Rand, o *options)
}

var symbologies = []symbology{
	{"data_matrix", barcode.DataMatrix, dataMatrix}, {"aztec", barcode.Aztec, aztec}, {"pdf417", barcode.PDF417, pdf417},
}

func main() {
	log.SetFlags(0)
	flag.Parse()
	if flag.NArg() != 1 {
		flag.Usage()
		os.Exit(2)
	}
	d, err := newDrawer(flag.Arg(0))
	if err != nil {
		log.Fatal(err)
	}
	defer d.Close()
	for _, s := range symbologies {
		if *only == "" || *only == s.name {
			if err := run(flag.Arg(0), d, s); err != nil {
				log.Fatal(err)
			}
		}
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
		fmt.Printf("wrong: %s reads %.80q, drawn was %.80q, %s\n", name, texts, want, shape)
	}
}

func run(folder string, d drawer, s symbology) error {
	z, err := zxing.New(folder, s.name)
	if err != nil {
		return err
	}
	defer z.Close()
	var ours, theirs score
	refused := 0
	for i := range *n {
		r := rand.New(rand.NewPCG(*seed, uint64(i)))
		text, o := contents(r, s)
		scale := 1 + r.IntN(3)
		p, err := d.draw(o, scale)
		if err != nil {
			refused++ // it does not fit
			continue
		}
		if err := readBoth(z, s, p, text, fmt.Sprintf("%+v, scale %d", o, scale), &ours, &theirs); err != nil {
			return err
		}
	}
	fmt.Printf("%s: %d contents, %d of them too long for their shape\n", s.name, *n, refused)
	fmt.Printf("ours:      %d right, %d wrong, %d not read\n", ours.right, ours.wrong, ours.none)
	fmt.Printf("zxing-cpp: %d right, %d wrong, %d not read\n", theirs.right, theirs.wrong, theirs.none)
	return nil
}

func readBoth(z *zxing.Scanner, y symbology, p barcode.Plane, text, shape string, ours, theirs *score) error {
	s := barcode.Scanner{Formats: []barcode.Format{y.format}}
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
