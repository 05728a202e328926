// Score runs our scanner and its peers over a folder of pictures with a manifest.jsonl, on the same gray pixels, and
// prints, a folder a line, how many pictures each read, how many symbols it located, how many reads were wrong and how
// much time of the processor it took.
//
//	go -C .bench run -tags zbar ./score [-rotate 90] [-readers still,frame,zbar,zxing] [-zxing FOLDER] [-v]
//	    FOLDER [PREFIX...]
//
// zbar needs cgo, libzbar-dev and the build tag zbar; zxing needs node and a folder in which `npm install zxing-wasm`
// was run. What is not there is named and left out.
//
// A picture with a list of texts is read when one of them was, and any other text is wrong. Where the manifest has
// corners instead, a text read outside all of them is wrong; one inside that nobody else has read is counted as "new"
// and judged by nobody. A picture whose texts are not known is not judged. The time is that of the thread that scans.
package main

import (
	"flag"
	"fmt"
	"log"
	"os"
	"runtime"
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
)

func main() {
	log.SetFlags(0)
	flag.Parse()
	if flag.NArg() == 0 || !slices.Contains([]int{0, 90, 180, 270}, *rotate) {
		flag.Usage()
		os.Exit(2)
	}
	all, err := pictures.Manifest(flag.Arg(0), flag.Args()[1:]...)
	if err != nil {
		log.Fatal(err)
	}
	names := available(strings.Split(*readers, ","))
	report(names, readAll(names, flag.Arg(0), all))
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
