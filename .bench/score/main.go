// Score runs our scanner and its peers over a folder of pictures with a manifest.jsonl, on the same gray pixels, and
// prints, a folder a line, how many pictures each read, how many symbols it located, how many reads were wrong and how
// much time of the processor it took.
//
//	go -C .bench run -tags zbar ./score [-rotate 90] [-readers still,frame,zbar,zxing] [-zxing FOLDER] [-v]
//	    [-formats qr_code] [-half even] [-steps] [-save FILE] [-against FILE] FOLDER [PREFIX...]
//
// zbar needs cgo, libzbar-dev and the build tag zbar; zxing needs node and a folder in which `npm install zxing-wasm`
// was run. What is not there is named and left out.
//
// A picture with a list of texts is read when one of them was, and any other text is wrong. Where the manifest has
// corners instead, a text read outside all of them is wrong; one inside that nobody else has read is counted as "new"
// and judged by nobody. A picture whose texts are not known is not judged. The time is that of the thread that scans.
//
// With zxing among the readers a second table has the others' time as a share of its: the median over the pictures, and
// sum over sum. With -steps a third one has, for each step of our scans, the pictures and symbols that only it read,
// those that it read first, and its share of the time. With -save what was read is kept in a file, and with -against
// the symbols that are read now and were not then are listed, and those that were read then and are not now.
package main

import (
	"flag"
	"fmt"
	"log"
	"os"
	"runtime"
	"runtime/pprof"
	"slices"
	"strings"
	"sync"

	"github.com/offlane/offlane/bench/internal/pictures"
)

var (
	rotate  = flag.Int("rotate", 0, "degrees to turn the pictures by: 0, 90, 180, 270")
	readers = flag.String("readers", "still,frame", "who reads: still, frame, zbar, zxing, with commas")
	asked   = flag.Bool("asked", false, "ask each reader for the picture's own format alone")
	verbose = flag.Bool("v", false, "list what was missed, what was wrong and what only we read")
	npm     = flag.String("zxing", "", "folder with node_modules/zxing-wasm")
	workers = flag.Int("j", 1, "pictures at once")
	formats = flag.String("formats", "", "the formats to ask every reader for, with commas; none: all")
	half    = flag.String("half", "", "take every second picture of the manifest: even or odd, counted from 1")
	steps   = flag.Bool("steps", false, "print what each step of our scans reads and takes")
	save    = flag.String("save", "", "file to keep what was read in")
	against = flag.String("against", "", "file of an earlier run to compare with")
	profile = flag.String("profile", "", "file for a profile of the processor")
)

func main() {
	log.SetFlags(0)
	flag.Parse()
	if flag.NArg() == 0 || !slices.Contains([]int{0, 90, 180, 270}, *rotate) ||
		!slices.Contains([]string{"", "even", "odd"}, *half) {
		flag.Usage()
		os.Exit(2)
	}
	all, err := pictures.Manifest(flag.Arg(0), flag.Args()[1:]...)
	if err != nil {
		log.Fatal(err)
	}
	if *profile != "" {
		f, err := os.Create(*profile)
		if err != nil {
			log.Fatal(err)
		}
		defer f.Close()
		if err := pprof.StartCPUProfile(f); err != nil {
			log.Fatal(err)
		}
		defer pprof.StopCPUProfile()
	}
	names := available(strings.Split(*readers, ","))
	results := readAll(names, flag.Arg(0), halved(all))
	report(names, results)
	ratios(names, results)
	if *steps {
		reportSteps(names, results)
	}
	if *against != "" {
		if err := compare(*against, names, results); err != nil {
			log.Fatal(err)
		}
	}
	if *save != "" {
		if err := keep(*save, names, results); err != nil {
			log.Fatal(err)
		}
	}
}

// halved leaves every second picture out, so that what was set by one half is measured on the other.
func halved(all []pictures.Picture) (kept []pictures.Picture) {
	for i, p := range all {
		if *half == "" || (*half == "odd") == (i%2 == 0) {
			kept = append(kept, p)
		}
	}
	return kept
}

// available leaves out the readers that are not here, and says so.
func available(names []string) (here []string) {
	for _, name := range names {
		r, err := newReader(name, "")
		if err != nil {
			fmt.Printf("left out: %s: %v\n", name, err)
			continue
		}
		r.close()
		here = append(here, name)
	}
	return here
}

// readAll has a few workers, each with readers of its own.
func readAll(names []string, folder string, all []pictures.Picture) []result {
	results := make([]result, len(all))
	next := make(chan int)
	var group sync.WaitGroup
	for range *workers {
		group.Go(func() {
			runtime.LockOSThread() // the clock is the thread's
			b := bench{names: names, readers: map[string]reader{}}
			defer b.close()
			for i := range next {
				results[i] = b.read(folder, all[i])
			}
		})
	}
	for i := range all {
		next <- i
	}
	close(next)
	group.Wait()
	return results
}
