// Score runs the scanner over a folder of pictures with a manifest.jsonl and prints, a folder a line, how many it read
// and located, how many reads were wrong, and how long it took.
//
//	go -C .bench run ./score [-setting still|frame] [-formats list] [-turn degrees] [-v] FOLDER [PREFIX...]
package main

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"image"
	_ "image/gif"
	_ "image/jpeg"
	_ "image/png"
	"log"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/offlane/offlane/barcode"
	_ "golang.org/x/image/bmp"
	_ "golang.org/x/image/webp"
)

// A picture is a line of the manifest.
type picture struct {
	File      string      `json:"file"`
	Format    string      `json:"format"`
	Texts     []string    `json:"texts"`
	TextsSeen []string    `json:"texts_seen"`
	Corners   [][]float64 `json:"corners"`
}

func main() {
	log.SetFlags(0)
	setting := flag.String("setting", "still", "still or frame")
	formats := flag.String("formats", "", "formats to read, with commas; none: all")
	turn := flag.Int("turn", 0, "degrees to turn the pictures by: 0, 90, 180, 270")
	verbose := flag.Bool("v", false, "list what was missed and what was wrong")
	workers := flag.Int("j", 2, "pictures at once")
	flag.Parse()
	scanner, err := newScanner(*setting, *formats)
	if err != nil || flag.NArg() == 0 {
		log.Fatal("score: a folder is needed: ", err)
	}
	pictures, err := manifest(flag.Arg(0), flag.Args()[1:])
	if err != nil {
		log.Fatal(err)
	}
	results := make([]result, len(pictures))
	var group sync.WaitGroup
	next := make(chan int)
	for range *workers {
		group.Go(func() {
			for i := range next {
				results[i] = score(scanner, flag.Arg(0), pictures[i], *turn)
			}
		})
	}
	for i := range pictures {
		next <- i
	}
	close(next)
	group.Wait()
	report(results, *verbose)
}

func newScanner(setting, formats string) (*barcode.Scanner, error) {
	s := new(barcode.Scanner)
	if setting == "frame" {
		s.Setting = barcode.Frame
	}
	for name := range strings.SplitSeq(formats, ",") {
		if name == "" {
			continue
		}
		f, err := barcode.ParseFormat(name)
		if err != nil {
			return nil, err
		}
		s.Formats = append(s.Formats, f)
	}
	return s, nil
}

func manifest(folder string, prefixes []string) ([]picture, error) {
	f, err := os.Open(filepath.Join(folder, "manifest.jsonl"))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var all []picture
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var p picture
		if err := json.Unmarshal(lines.Bytes(), &p); err != nil {
			return nil, err
		}
		if len(prefixes) == 0 || slices.ContainsFunc(prefixes, func(s string) bool { return strings.HasPrefix(p.File, s) }) {
			all = append(all, p)
		}
	}
	return all, nil
}

// A result is what became of one picture.
type result struct {
	picture
	read    bool
	located int
	wrong   []string
	took    time.Duration
}

func score(s *barcode.Scanner, folder string, p picture, turn int) result {
	r := result{picture: p}
	f, err := os.Open(filepath.Join(folder, p.File))
	if err != nil {
		log.Fatal(err)
	}
	defer f.Close()
	img, _, err := image.Decode(f)
	if err != nil {
		log.Fatalf("%s: %v", p.File, err)
	}
	plane, back := turned(img, turn)
	start := time.Now()
	symbols, err := s.ScanPlane(context.Background(), plane)
	r.took = time.Since(start)
	if err != nil {
		log.Fatalf("%s: %v", p.File, err)
	}
	r.judge(symbols, back)
	return r
}

// judge compares what was read with what the manifest says.
func (r *result) judge(symbols []barcode.Symbol, back func(barcode.Point) barcode.Point) {
	hit := make([]bool, len(r.Corners))
	for _, s := range symbols {
		var mid barcode.Point
		for _, c := range s.Corners {
			c = back(c)
			mid.X, mid.Y = mid.X+c.X/4, mid.Y+c.Y/4
		}
		inside := slices.IndexFunc(r.Corners, func(q []float64) bool { return within(q, mid) })
		if inside >= 0 {
			hit[inside] = true
		}
		right := r.says(s, append(r.Texts, r.TextsSeen...))
		r.read = r.read || right
		switch {
		case r.Corners == nil && r.Texts == nil: // what it holds is not known
		case len(r.Corners) > 0 && inside < 0, len(r.Corners) == 0 && !right:
			r.wrong = append(r.wrong, fmt.Sprintf("%v %q at %.0f", s.Format, s.Text, mid))
		}
	}
	for _, h := range hit {
		if h {
			r.located++
		}
	}
}

func (r *result) says(s barcode.Symbol, texts []string) bool {
	name := s.Format.String()
	if r.Format == "ean_upc" {
		if !slices.Contains([]string{"ean13", "ean8", "upca", "upce"}, name) {
			return false
		}
		return slices.ContainsFunc(texts, func(t string) bool { return sameNumber(s, t) })
	}
	return name == r.Format && slices.Contains(texts, s.Text)
}

// sameNumber lets leading zeros and the two forms of UPC-E pass.
func sameNumber(s barcode.Symbol, text string) bool {
	plain := func(t string) string { return strings.TrimLeft(t, "0") }
	long := barcode.Symbol{Format: barcode.UPCE, Text: text}.Transmitted()
	return plain(s.Text) == plain(text) || plain(s.Transmitted()[len(s.AIM):]) == plain(text) ||
		plain(s.Transmitted()[len(s.AIM):]) == plain(long)
}

func within(q []float64, p barcode.Point) bool {
	in := false
	for i, j := 0, len(q)-2; i < len(q); j, i = i, i+2 {
		if (q[i+1] > p.Y) != (q[j+1] > p.Y) && p.X < (q[j]-q[i])*(p.Y-q[i+1])/(q[j+1]-q[i+1])+q[i] {
			in = !in
		}
	}
	return in
}

func report(results []result, verbose bool) {
	type sum struct {
		images, seen, read, symbols, located, wrong int
		took                                        time.Duration
	}
	sums := map[string]*sum{}
	var folders []string
	add := func(name string, r result) {
		s := sums[name]
		if s == nil {
			s = new(sum)
			sums[name], folders = s, append(folders, name)
		}
		s.images++
		s.symbols += len(r.Corners)
		s.located += r.located
		s.wrong += len(r.wrong)
		s.took += r.took
		if len(r.Texts)+len(r.TextsSeen) > 0 {
			s.seen++
			if r.read {
				s.read++
			}
		}
	}
	for _, r := range results {
		add(filepath.Dir(r.File), r)
		if len(r.TextsSeen) > 0 {
			add("~ with texts_seen", r)
		}
		add("~ all", r)
		if verbose && !r.read && len(r.Texts)+len(r.TextsSeen) > 0 {
			fmt.Printf("missed %s %q\n", r.File, append(r.Texts, r.TextsSeen...))
		}
		if verbose && r.wrong != nil {
			fmt.Printf("wrong  %s %s\n", r.File, strings.Join(r.wrong, ", "))
		}
	}
	slices.SortFunc(folders, cmp.Compare[string])
	fmt.Printf("%-26s %6s %6s %6s %8s %8s %6s %9s\n", "folder", "images", "texts", "read", "symbols", "located", "wrong", "ms/image")
	for _, f := range folders {
		s := sums[f]
		fmt.Printf("%-26s %6d %6d %6d %8d %8d %6d %9.1f\n", f, s.images, s.seen, s.read, s.symbols, s.located, s.wrong,
			float64(s.took.Microseconds())/1000/float64(s.images))
	}
}
